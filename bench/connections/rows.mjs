// @ts-check
/** What the slices of a contender, and of two on the same course, come to. */
import { spread, summarize } from '../statistics.mjs';
import { compare, ratioOf } from './rounds.mjs';

/**
 * @template {string} F
 * @typedef {{ name: string, title: string, slices: Record<F, number>[] }} Row all slices of a contender, round by round
 */

/**
 * @template {string} F
 * @param {Row<F>} row
 * @param {F} figure
 */
export function summaryOf({ slices }, figure) {
  return summarize(
    slices.map((slice) => slice[figure]),
    0,
  );
}

/**
 * The ratio of two contenders, taken in each round.
 *
 * @template {string} F
 * @param {Row<F>} ours
 * @param {Row<F>} theirs
 * @param {F} figure
 */
export function ratioBetween(ours, theirs, figure) {
  return ratioOf(
    ours.slices.map((slice) => slice[figure]),
    theirs.slices.map((slice) => slice[figure]),
  );
}

/**
 * Each row of pqsock with each of a rival that it may be compared with.
 *
 * @template {{ name: string }} R
 * @param {R[]} rows
 * @param {(ours: R, theirs: R) => boolean} [areComparable]
 * @returns {[ours: R, theirs: R][]}
 */
export function comparisonsOf(rows, areComparable = () => true) {
  const isOurs = (/** @type {R} */ { name }) => name.startsWith('pqsock');
  return rows
    .filter(isOurs)
    .flatMap((ours) =>
      rows
        .filter((theirs) => !isOurs(theirs) && areComparable(ours, theirs))
        .map((theirs) => /** @type {[R, R]} */ ([ours, theirs])),
    );
}

/**
 * The ratios of pairs under the names that stay the same.
 *
 * @template {string} F
 * @template {Row<F>} R
 * @param {[ours: R, theirs: R][]} pairs
 * @param {readonly F[]} figures
 * @param {(ours: R) => string} [courseOf] what stands before the contenders, if there are several courses
 * @returns {Record<string, number>}
 */
export function ratiosOf(pairs, figures, courseOf = () => '') {
  return Object.fromEntries(
    pairs.flatMap(([ours, theirs]) =>
      figures.map((figure) => [
        `${figure}/${courseOf(ours)}${ours.name}/${theirs.name}`,
        ratioBetween(ours, theirs, figure).median,
      ]),
    ),
  );
}

/**
 * A median and how far it spreads, as two cells.
 *
 * @param {import('../statistics.mjs').Summary} summary
 * @param {number} digits after the point
 */
export function spreadCells(summary, digits) {
  return [summary.median.toFixed(digits), `${spread(summary).toFixed(1)} %`];
}

/**
 * A target and its verdict as two cells of text; empty without a target.
 *
 * @param {import('../statistics.mjs').Summary} figure
 * @param {Parameters<typeof compare>[1]} [target]
 */
export function verdictCells(figure, target) {
  if (target === undefined) return ['', ''];
  const { target: text, verdict } = compare(figure, target);
  return [`  ${text}`, ` ${verdict}`];
}
