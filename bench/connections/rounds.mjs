// @ts-check
/**
 * All contenders by turns, round after round, each beginning with another one: a slow minute meets all alike. Where
 * processes live on, a first round does not count: code gets warm in it.
 */
import { errorOfMedian, summarize } from '../statistics.mjs';

/** @typedef {import('../statistics.mjs').Summary} Summary */

// Of fewer there is no spread to speak of.
const LEAST_ROUNDS = 3;

/**
 * @template {{ contender: { name: string, title: string } }} C
 * @template F
 * @param {C[]} contestants
 * @param {object} options
 * @param {number} options.until no round begins that would end later, in the milliseconds of `performance.now()`
 * @param {(contestant: C) => Promise<F>} options.measure
 * @param {import('../progress.mjs').Report} options.report
 * @param {number} [options.warmUps] first rounds that do not count
 * @param {number} [options.least] rounds that do, however long they take
 * @returns {Promise<Map<string, F[]>>} by the contenders' names, one for each round
 */
export async function inTurns(contestants, { until, measure, report, warmUps = 1, least = LEAST_ROUNDS }) {
  /** @type {Map<string, F[]>} */
  const found = new Map(contestants.map(({ contender }) => [contender.name, []]));
  const start = performance.now();
  let took = 0;
  for (let round = 0; round < warmUps + least || performance.now() + took < until; ++round) {
    const began = performance.now();
    const first = round % contestants.length;
    for (const one of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const done = Math.min((performance.now() - start) / (until - start), 0.99);
      report({ done, what: one.contender.title });
      const figures = await measure(one);
      if (round >= warmUps) found.get(one.contender.name)?.push(figures);
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
