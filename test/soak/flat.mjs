// @ts-check
/** Whether what a process holds stays as it is while connections come and go. */
import { slope } from '../../bench/statistics.mjs';
import { inMib } from './figures.mjs';

/** @typedef {{ rss: number, heap: number, handles: number }} Sample */

/** The share of the samples in which a process warms up. */
export const WARM_UP = 1 / 3;

/**
 * Along the lines that fit best.
 *
 * @param {import('./stage.mjs').Stage} stage
 * @param {string} who
 * @param {Sample[]} samples at regular distances
 * @param {{ rss: number, heap: number }} most bytes by which each may grow once it is warm
 */
export function expectFlat(stage, who, samples, most) {
  const warm = samples.slice(samples.length * WARM_UP);
  const growth = (/** @type {keyof Sample} */ what) =>
    slope(warm.map((sample, round) => [round, sample[what]])) * warm.length;
  const [rss, heap, handles] = [growth('rss'), growth('heap'), growth('handles')];
  stage.expect(`RSS of ${who} grows by ${inMib(rss)}, of ${inMib(most.rss)}`, rss <= most.rss);
  stage.expect(`its heap by ${inMib(heap)}, of ${inMib(most.heap)}`, heap <= most.heap);
  stage.expect(`its handles by ${handles.toFixed(1)}, of less than 1`, handles < 1);
}
