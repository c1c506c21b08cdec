/** How late the event loop comes to what is due: quantiles of the last seconds, whoever asks and how often. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Family, Sample } from './family.js';

/** What is measured: intervals in nanoseconds, which are {@link RESOLUTION} when nothing is late. */
export type DelaySource = Pick<
  IntervalHistogram,
  'count' | 'mean' | 'percentile' | 'max' | 'reset' | 'enable' | 'disable'
>;

/** Milliseconds from one measurement to the next. */
export const RESOLUTION = 10;

/** Milliseconds that the quantiles are about. */
const WINDOW = 5_000;

export class EventLoopDelay {
  readonly #source: DelaySource;
  #timer: NodeJS.Timeout | undefined;
  #quantiles: readonly (readonly [quantile: string, seconds: number])[] = QUANTILES.map((q) => [String(q), Number.NaN]);
  #sum = 0;
  #count = 0;

  constructor(source: DelaySource = monitorEventLoopDelay({ resolution: RESOLUTION })) {
    this.#source = source;
  }

  start(): void {
    this.#source.enable();
    this.#timer = setInterval(() => this.turn(), WINDOW).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#source.disable();
  }

  /** A window has passed: its quantiles are shown until the next one has. */
  turn(): void {
    const source = this.#source;
    const { count } = source;
    if (count === 0) return; // the loop was busy all the time: the next window has the delay
    const at = (q: number) => (q === 1 ? source.max : source.percentile(100 * q));
    this.#quantiles = QUANTILES.map((q) => [String(q), delay(at(q))]);
    this.#sum += count * delay(source.mean);
    this.#count += count;
    source.reset();
  }

  get family(): Family {
    const quantiles = this.#quantiles.map(([quantile, value]): Sample => ({ name: NAME, labels: { quantile }, value }));
    const sum = { name: `${NAME}_sum`, labels: {}, value: this.#sum };
    const count = { name: `${NAME}_count`, labels: {}, value: this.#count };
    return { name: NAME, help: HELP, type: 'summary', samples: [...quantiles, sum, count] };
  }
}

const NAME = 'pqsock_event_loop_delay_seconds';
const HELP = `How late the event loop is; the quantiles are of ${WINDOW / 1000} seconds.`;
const QUANTILES = [0.5, 0.99, 1];

/** Seconds of an interval that are beyond what it should be. */
function delay(nanoseconds: number): number {
  return Math.max(0, nanoseconds - 1e6 * RESOLUTION) / 1e9;
}
