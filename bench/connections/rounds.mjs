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

/**
 * @template F
 * @param {Pair[]} pairs
 * @param {object} options
 * @param {number} options.rounds
 * @param {(pair: Pair) => Promise<F>} options.measure
 * @param {(round: number, title: string) => void} options.report
 * @returns {Promise<Map<string, F[]>>} by the contenders' names, one for each round
 */
export async function inTurns(pairs, { rounds, measure, report }) {
  /** @type {Map<string, F[]>} */
  const found = new Map(pairs.map(({ contender }) => [contender.name, []]));
  for (let round = 0; round <= rounds; ++round) {
    const first = round % pairs.length;
    for (const pair of [...pairs.slice(first), ...pairs.slice(0, first)]) {
      report(round, pair.contender.title);
      const figures = await measure(pair);
      if (round > 0) found.get(pair.contender.name)?.push(figures);
    }
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
