/** How often values were how large. */
import type { Family, Labels, Sample } from './family.js';

export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  /** @param bounds the largest value of each bucket, in rising order; one for all that are larger comes after them */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
  }

  observe(labels: Labels, value: number): void {
    const key = JSON.stringify(labels);
    const series = this.#series.get(key) ?? { labels, counts: new Array(this.#bounds.length + 1).fill(0), sum: 0 };
    this.#series.set(key, series);
    const above = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = above === -1 ? this.#bounds.length : above;
    series.counts[bucket] = (series.counts[bucket] as number) + 1;
    series.sum += value;
  }

  get family(): Family {
    const samples = [...this.#series.values()].flatMap((series) => this.#samplesOf(series));
    return { name: this.#name, help: this.#help, type: 'histogram', samples };
  }

  /** Each bucket counts what is in those before it, too. */
  #samplesOf({ labels, counts, sum }: Series): Sample[] {
    let count = 0;
    const buckets = counts.map((here, i): Sample => {
      count += here;
      const le = i < this.#bounds.length ? String(this.#bounds[i]) : '+Inf';
      return { name: `${this.#name}_bucket`, labels: { ...labels, le }, value: count };
    });
    const total = { name: `${this.#name}_count`, labels, value: count };
    return [...buckets, { name: `${this.#name}_sum`, labels, value: sum }, total];
  }
}

interface Series {
  readonly labels: Labels;
  /** By bucket. */
  readonly counts: number[];
  sum: number;
}
