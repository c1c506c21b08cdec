// @ts-check
/** The tunnels as tables. */
import { comparisonsOf, ratioBetween, ratiosOf, spreadCells, summaryOf } from '../connections/rows.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { isMoreBetter } from '../recorded/compare.mjs';
import { errorOfMedian } from '../statistics.mjs';
import { formatTable } from '../table.mjs';

/** @typedef {import('../connections/rows.mjs').Row<string> & { course: string }} Row */

/**
 * @typedef {object} Conditions
 * @property {import('../connections/runtime.mjs').Runtime} runtime
 * @property {string[]} versions of the rivals
 * @property {string[]} gaps what is missing, and what would help
 * @property {number} rounds
 * @property {number} seconds of a round, for each
 * @property {number} lanes connections at a time, where they come and go
 * @property {boolean} warm whether ours have done the same for some seconds before
 */

/**
 * A row of a table's figures: what stands above each, and how many digits it has after the point.
 *
 * @typedef {Record<string, [header: string, digits: number]>} Figures
 */

/** @type {Figures} */
const BULK = { rate: ['MB/s', 0], cpu: ['CPU s/GB', 2] };

/** What is told of each course. @type {Record<string, { title: string, figures: Figures }>} */
const COURSES = {
  'bulk-1': { title: 'Data on 1 connection, from the service to its client', figures: BULK },
  'bulk-16': { title: 'Data on 16 connections, from the service to its clients', figures: BULK },
  echo: {
    title: 'A request of 1 KiB and its answer on an open connection',
    figures: { p50: ['p50 ms', 3], p99: ['p99 ms', 3], addedP50: ['added p50', 3], addedP99: ['added p99', 3] },
  },
  connections: {
    title: 'Connections, each for a byte',
    figures: { rate: ['a second', 0], cpu: ['CPU ms', 2], p50: ['p50 ms', 2], p99: ['p99 ms', 2] },
  },
};

/**
 * @param {Row[]} measured
 * @param {Conditions} conditions
 */
export function formatTunnels(measured, { runtime, versions, gaps, rounds, seconds, lanes, warm }) {
  const rows = measured.map((row) => withAdded(row, measured));
  return [
    `clients, service and pqsock ${formatRuntime(runtime)}`,
    ...(versions.length > 0
      ? [`${versions.join(', ')}: TLS 1.3 with ECDSA P-256 and X25519, nothing post-quantum`]
      : []),
    ...gaps.map((gap) => `missing: ${gap}`),
    `at least ${rounds} rounds of ${seconds} s each; medians, ± half the interquartile range; CPU time of both ends`,
    warm ? 'what V8 compiles of pqsock is warm' : 'what V8 compiles of pqsock is not warm: the full form is fairer',
    `connections: full handshakes, nothing resumed, ${lanes} at a time`,
    '',
    ...Object.entries(COURSES).map(([course, { title, figures }]) =>
      formatTable(
        title,
        ['', ...Object.values(figures).flatMap(([header]) => [header, '±'])],
        rows.filter((row) => row.course === course).map((row) => toCells(row, figures)),
      ),
    ),
    formatTable(
      'Ratios of tunnels, taken in each round',
      ['', ' ', ' over', ' of', 'ratio', '±', '  pqsock is'],
      comparisons(rows).flatMap(([ours, theirs]) =>
        comparedIn(ours.course)
          .filter((figure) => summaryOf(theirs, figure).median > 0) // no tunnel takes no CPU time
          .map((figure) => ratioCells(ours, theirs, figure)),
      ),
    ),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfTunnels(rows) {
  return Object.assign(
    {},
    ...comparisons(rows).map((pair) => ratiosOf([pair], comparedIn(pair[0].course), ({ course }) => `${course}/`)),
  );
}

/**
 * Whether ours is better or worse than the other: by two standard errors at the least, or else it is unclear.
 *
 * @param {import('../statistics.mjs').Summary} ratio
 * @param {string} figure
 */
export function judge(ratio, figure) {
  const ahead = isMoreBetter(`tunnel/${figure}`) ? ratio.median - 1 : 1 - ratio.median;
  if (Math.abs(ahead) < 2 * errorOfMedian(ratio)) return 'unclear';
  return ahead > 0 ? 'better' : 'worse';
}

/** @param {string} course */
function comparedIn(course) {
  return Object.keys(COURSES[course]?.figures ?? {}).filter((figure) => !figure.startsWith('added'));
}

/** @param {Row[]} rows */
function comparisons(rows) {
  return comparisonsOf(rows, (ours, theirs) => ours.course === theirs.course);
}

/**
 * With what each slice's latencies are more than those without a tunnel in the same round.
 *
 * @param {Row} row
 * @param {Row[]} rows
 * @returns {Row}
 */
function withAdded(row, rows) {
  const plain = rows.find(({ course, name }) => course === row.course && name === 'tcp')?.slices ?? [];
  const more = (/** @type {number} */ round, /** @type {string} */ figure) =>
    (row.slices[round]?.[figure] ?? Number.NaN) - (plain[round]?.[figure] ?? Number.NaN);
  return {
    ...row,
    slices: row.slices.map((slice, round) => ({
      ...slice,
      addedP50: more(round, 'p50'),
      addedP99: more(round, 'p99'),
    })),
  };
}

/**
 * @param {Row} row
 * @param {Figures} figures
 */
function toCells(row, figures) {
  return [
    row.title,
    ...Object.entries(figures).flatMap(([figure, [, digits]]) => {
      const summary = summaryOf(row, figure);
      return summary.median === 0 ? ['–', ''] : spreadCells(summary, digits);
    }),
  ];
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 * @param {string} figure
 */
function ratioCells(ours, theirs, figure) {
  const ratio = ratioBetween(ours, theirs, figure);
  const verdict = theirs.name === 'tcp' ? '' : judge(ratio, figure);
  const header = COURSES[ours.course]?.figures[figure]?.[0] ?? figure;
  return [ours.course, ` ${ours.title}`, ` ${theirs.title}`, ` ${header}`, ...spreadCells(ratio, 3), `  ${verdict}`];
}
