/** A step of a handshake, as the demo passes it from process to process. */
import type { HandshakeStep, HandshakeStepMessage } from '../index.js';

export interface DemoStep extends HandshakeStep {
  readonly role: 'client' | 'server';
  /** Milliseconds on a clock that both processes share. */
  readonly time: number;
}

export function demoStep({ socket: _, elapsed: __, ...step }: HandshakeStepMessage): DemoStep {
  return { ...step, time: Number(process.hrtime.bigint()) / 1e6 };
}

/** Who takes a step; both start, and both end. */
const ACTORS: readonly DemoStep['role'][][] = [
  ['client', 'server'], // 1
  ['client', 'server'],
  ['server'],
  ['server'],
  ['client'], // 5
  ['client'],
  ['client'],
  ['server'],
  ['client'],
  ['client'], // 10
  ['client'],
  ['server'],
  ['server'],
  ['server'],
  ['server'], // 15
  ['client'],
  ['client'],
  ['client', 'server'],
];

/**
 * Puts the steps of both processes, which come on two ways, into the order in which they happened: a step is given
 * out once everybody who takes it has, and the one before it.
 */
export class StepOrder {
  readonly #taken = new Map<string, DemoStep>();
  #next = 1;

  /** When the first step was taken, once it has been given out. */
  began = 0;

  /** Takes a step; gives out those whose turn it is. For a step of both it is the later one. */
  add(step: DemoStep): { step: DemoStep; actors: readonly string[] }[] {
    this.#taken.set(`${step.role} ${step.step}`, step);
    const ready: { step: DemoStep; actors: readonly string[] }[] = [];
    for (;;) {
      const actors = ACTORS[this.#next - 1];
      const taken = actors?.map((role) => this.#taken.get(`${role} ${this.#next}`)) ?? [undefined];
      const found = taken.filter((each) => each !== undefined);
      if (actors === undefined || found.length < taken.length) return ready;
      const latest = found.reduce((a, b) => (b.time > a.time ? b : a));
      if (this.#next === 1) this.began = Math.min(...found.map(({ time }) => time));
      ready.push({ step: latest, actors });
      this.#next += 1;
    }
  }
}
