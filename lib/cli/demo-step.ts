/** A step of a handshake, as the demo passes it from process to process. */
import type { HandshakeStep, HandshakeStepMessage } from '../index.js';
import type { Role } from './demo-profile.js';

export interface DemoStep extends HandshakeStep {
  readonly role: Role;
  /** Milliseconds on a clock that both processes share. */
  readonly time: number;
}

export function demoStep({ socket: _, elapsed: __, ...step }: HandshakeStepMessage): DemoStep {
  return { ...step, time: Number(process.hrtime.bigint()) / 1e6 };
}

/** A step, and who has taken it. */
export interface TakenStep {
  readonly step: DemoStep;
  readonly actors: readonly Role[];
}

/**
 * Puts the steps of both processes, which come on two ways, into the order of their numbers: a step is given out once
 * everybody who takes it has, and the one before it.
 */
export class StepOrder {
  readonly #actors: readonly (readonly Role[])[];
  readonly #taken = new Map<string, DemoStep>();
  #next = 1;

  /** When the first step was taken, once it has been given out. */
  began = 0;

  /** @param actors who takes each step, from step 1 on */
  constructor(actors: readonly (readonly Role[])[]) {
    this.#actors = actors;
  }

  /** How many steps there are. */
  get count(): number {
    return this.#actors.length;
  }

  /** Takes a step; gives out those whose turn it is. For a step of both it is the later one. */
  add(step: DemoStep): TakenStep[] {
    this.#taken.set(`${step.role} ${step.step}`, step);
    const ready: TakenStep[] = [];
    for (;;) {
      const actors = this.#actors[this.#next - 1];
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
