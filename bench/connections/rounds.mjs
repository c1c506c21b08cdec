// @ts-check
/**
 * All contenders by turns, round after round, each beginning with another one: a slow minute meets all alike. A first
 * round does not count: code gets warm in it.
 */
import { errorOfMedian, summarize } from '../statistics.mjs';

/**
 * @typedef {import('./pair.mjs').Pair} Pair
 * @typedef {import('../statistics.mjs').Summary} Summary
 */

// However long they take: of fewer there is no spread.
const LEAST_ROUNDS = 3;

/**
 * @template F
 * @param {Pair[]} pairs
 * @param {object} options
 * @param {number} options.until no round begins that would end later, in the milliseconds of `performance.now()`
 * @param {(pair: Pair) => Promise<F>} options.measure
 * @param {(done: number, title: string) => void} options.report `done`: from 0 to 1
 * @returns {Promise<Map<string, F[]>>} by the contenders' names, one for each round
 */
export async function inTurns(pairs, { until, measure, report }) {
  /** @type {Map<string, F[]>} */
  const found = new Map(pairs.map(({ contender }) => [contender.name, []]));
  const start = performance.now();
  let took = 0;
  for (let round = 0; round <= LEAST_ROUNDS || performance.now() + took < until; ++round) {
    const began = performance.now();
    const first = round % pairs.length;
    for (const pair of [...pairs.slice(first), ...pairs.slice(0, first)]) {
      report(Math.min((performance.now() - start) / (until - start), 0.99), pair.contender.title);
      const figures = await measure(pair);
      if (round > 0) found.get(pair.contender.name)?.push(figures);
    }
    took = performance.now() - began;
  }
  return found;
}

/**
 * The ratio of two contenders, taken in each round.
 *
 * @param {number[]} ours
 * @param {number[]} theirs
 * @returns {Summary}
 */
export function ratioOf(ours, theirs) {
  return summarize(
    ours.map((value, round) => value / (theirs[round] ?? Number.NaN)),
    0,
  );
}

/**
 * Whether a ratio is where it should be, with two standard errors between.
 *
 * @param {Summary} ratio
 * @param {{ most: number } | { least: number }} target
 * @returns {{ target: string, verdict: 'met' | 'NOT MET' | 'unclear' }}
 */
export function compare(ratio, target) {
  const [text, inside] =
    'most' in target
      ? [`≤ ${target.most.toFixed(2)}`, target.most - ratio.median]
      : [`≥ ${target.least.toFixed(2)}`, ratio.median - target.least];
  if (Math.abs(inside) < 2 * errorOfMedian(ratio)) return { target: text, verdict: 'unclear' };
  return { target: text, verdict: inside > 0 ? 'met' : 'NOT MET' };
}
