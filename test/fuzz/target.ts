/** What the fuzzer runs: a piece of our code that takes bytes, and what must hold whatever they are. */

export interface Target {
  readonly name: string;
  /** Right inputs, to begin with. */
  seeds(): Uint8Array[];
  /** Pieces that stand in inputs, to put into others. */
  readonly words?: readonly Uint8Array[];
  /** Throws if something is wrong. Nothing may be left of a run that the next one could see. */
  run(input: Uint8Array): void | Promise<void>;
}
