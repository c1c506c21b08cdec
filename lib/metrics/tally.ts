/** Numbers by their labels: a counter, or a gauge that is added up anew each time. */
import type { Family, Labels, Sample } from './family.js';

export class Tally {
  readonly #about: Pick<Family, 'name' | 'help' | 'type'>;
  readonly #samples = new Map<string, Sample>();

  constructor(type: 'counter' | 'gauge', name: string, help: string) {
    this.#about = { name, help, type };
  }

  /** @param labels those of a family always in the same order */
  add(labels: Labels, value = 1): this {
    const key = JSON.stringify(labels);
    const before = this.#samples.get(key)?.value ?? 0;
    this.#samples.set(key, { name: this.#about.name, labels, value: before + value });
    return this;
  }

  get family(): Family {
    return { ...this.#about, samples: [...this.#samples.values()] };
  }
}
