// @ts-check
/** Records ratios: the median of three runs, so that a check compares like with like. */
import { summarize } from '../statistics.mjs';

/** @typedef {import('./compare.mjs').Ratios} Ratios */

const RUNS = 3;

/** What differs by more between them, on the same code, would soon be taken for half as good. */
const STEADY = 1.5;

/**
 * @param {() => Promise<Ratios>} measure
 * @returns {Promise<Ratios>} those that were above 0, and much the same, in all runs
 */
export async function recordRatios(measure) {
  /** @type {Ratios[]} */
  const runs = [];
  while (runs.length < RUNS) runs.push(await measure());
  return Object.fromEntries(
    Object.keys(runs[0] ?? {}).flatMap((name) => {
      const values = runs.map((run) => run[name] ?? 0);
      const least = Math.min(...values);
      const isSteady = least > 0 && Math.max(...values) <= least * STEADY;
      return isSteady ? [[name, summarize(values, 0).median]] : [];
    }),
  );
}
