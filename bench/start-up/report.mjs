// @ts-check
/** The start-up as tables. */
import { comparisonsOf, ratioBetween, ratiosOf, spreadCells, summaryOf, verdictCells } from '../connections/rows.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { summarize } from '../statistics.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {import('../connections/rows.mjs').Row<keyof Slice>} Row
 */

/** What is expected over node:tls, once these milliseconds are taken off. */
const TARGET = { most: 1.3 };
const ALLOWANCE = 15;

/**
 * @param {Row[]} rows
 * @param {{ runtime: import('../connections/runtime.mjs').Runtime, rounds: number }} conditions
 */
export function formatStartUp(rows, { runtime, rounds }) {
  return [
    formatRuntime(runtime),
    `${rounds} processes of each; medians, ± half the interquartile range`,
    '',
    formatTable(
      'From spawn to ready, in ms',
      ['', 'ms', '±', 'CPU ms', '±'],
      rows.map((row) => [
        row.title,
        ...spreadCells(summaryOf(row, 'ready'), 1),
        ...spreadCells(summaryOf(row, 'cpu'), 1),
      ]),
    ),
    formatTable(
      'Ratios of start-up, taken in each round',
      ['', ' over', 'time', '±', `less ${ALLOWANCE} ms`, '±', '  target', ' ', 'CPU', '±'],
      comparisonsOf(rows).map(([ours, theirs]) => ratioCells(ours, theirs)),
    ),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfStartUp(rows) {
  return ratiosOf(comparisonsOf(rows), ['ready', 'cpu']);
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 */
function ratioCells(ours, theirs) {
  const less = summarize(
    ours.slices.map(({ ready }, round) => (ready - ALLOWANCE) / (theirs.slices[round]?.ready ?? Number.NaN)),
    0,
  );
  return [
    ours.title,
    ` ${theirs.title}`,
    ...spreadCells(ratioBetween(ours, theirs, 'ready'), 3),
    ...spreadCells(less, 3),
    ...verdictCells(less, theirs.name === 'tls' ? TARGET : undefined),
    ...spreadCells(ratioBetween(ours, theirs, 'cpu'), 3),
  ];
}
