/** Measures one thing: warms it up until it is known how long it takes, then several slices of the same length. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Figure, Measurement } from './measurement.js';

/** Enough for a median and quartiles, and few enough that a slice is long beside the steps of the clock. */
const SLICES = 9;

/**
 * @param milliseconds for all of it, about
 * @throws the signal's reason, between two slices
 */
export async function measure(
  { run, ...subject }: Measurement,
  milliseconds: number,
  signal: AbortSignal,
): Promise<Figure> {
  const slice = milliseconds / (SLICES + 2);
  let [count, took] = [1, await run(1)];
  while (took < slice) {
    signal.throwIfAborted();
    count = Math.ceil(count * Math.min(4, (1.2 * slice) / Math.max(took, 0.001)));
    took = await run(count);
  }
  count = Math.max(1, Math.round((count * slice) / took));
  const rates: number[] = [];
  while (rates.length < SLICES) {
    await nextTurn(); // signals are heard of
    signal.throwIfAborted();
    rates.push((1000 * count) / (await run(count)));
  }
  rates.sort((a, b) => a - b);
  const quartile = (quarters: number): number => rates[(quarters * (SLICES - 1)) / 4] as number;
  const perSecond = quartile(2);
  return { ...subject, perSecond, spread: (50 * (quartile(3) - quartile(1))) / perSecond, slices: SLICES };
}

/** What `count` calls take, `width` of them under way at a time. */
export async function together(count: number, width: number, call: () => Promise<unknown>): Promise<number> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return performance.now() - start;
}
