/** The functions of the addon, as it is: numbers and bytes in, a status out. Only `crypto/` calls them. */

/** The operations by their names; the number is the one that a request to {@link Addon.submit} carries. */
export const OPERATION_NUMBERS = {
  kemKeypair: 0,
  kemEncapsulate: 1,
  kemDecapsulate: 2,
  kemCheckPublicKey: 3,
  sigKeypair: 4,
  sigSign: 5,
  sigVerify: 6,
} as const;

export type OperationName = keyof typeof OPERATION_NUMBERS;

/** An algorithm's number, then outputs, then inputs; the result is a packed status, see status.ts. */
type InlineOperation = (algorithm: number, ...outputsThenInputs: Uint8Array[]) => number;

export interface Addon extends Record<OperationName, InlineOperation> {
  /**
   * Starts calls off the event loop: `[done, operation, algorithm, arguments…, operation, algorithm, arguments…]`.
   * If the status that it returns isn't 0 nothing was started; otherwise `done(status)` is called later. The array
   * and the outputs must be left alone until then; the inputs have been copied.
   */
  submit(request: SubmitRequest): number;
  /** Fills in how many operations the process has done: keypair, sign, verify, encapsulate, decapsulate. */
  operationCounts(into: Float64Array): void;
  /** How many threads work off the event loop, and how many requests may wait for one. For the whole process. */
  configurePool(threads: number, waiting: number): void;
}

export type SubmitRequest = [done: (status: number) => void, ...calls: (number | Uint8Array)[]];
