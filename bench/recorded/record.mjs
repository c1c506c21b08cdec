// @ts-check
/** Records ratios: the median of three runs, so that a check compares like with like. */
import { summarize } from '../statistics.mjs';

/** @typedef {import('./compare.mjs').Ratios} Ratios */

const RUNS = 3;

/**
 * @param {() => Promise<Ratios>} measure
 * @returns {Promise<Ratios>} those that were above 0 in all runs: of others nothing is half as good
 */
export async function recordRatios(measure) {
  /** @type {Ratios[]} */
  const runs = [];
  while (runs.length < RUNS) runs.push(await measure());
  return Object.fromEntries(
    Object.keys(runs[0] ?? {}).flatMap((name) => {
      const values = runs.map((run) => run[name] ?? 0);
      return values.every((value) => value > 0) ? [[name, summarize(values, 0).median]] : [];
    }),
  );
}
