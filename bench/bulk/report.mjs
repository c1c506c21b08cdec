// @ts-check
/** The bulk as tables. */
import { PQSOCK_ONREAD } from '../connections/contenders.mjs';
import { comparisonsOf, ratioBetween, ratiosOf, spreadCells, summaryOf, verdictCells } from '../connections/rows.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {import('./suite.mjs').Course & import('../connections/rows.mjs').Row<keyof Slice>} Row
 */

/**
 * What is expected of the rate over node:tls.
 *
 * @param {Row} ours
 */
function leastRate({ receiver, name }) {
  if (receiver === 'server') return 1.1;
  return name === PQSOCK_ONREAD.name ? 1.5 : 1.4;
}

/**
 * @param {Row[]} rows
 * @param {{ runtime: import('../connections/runtime.mjs').Runtime, rounds: number, seconds: number }} conditions
 */
export function formatBulk(rows, { runtime, rounds, seconds }) {
  return [
    formatRuntime(runtime),
    `at least ${rounds} rounds of ${seconds} s each, 64 KiB a write; medians, ± half the interquartile range`,
    '',
    formatTable(
      'Bulk, one way over loopback',
      ['', ' ', 'MB/s', '±', 'CPU s/GB', '±', 'of the sender', 'of the receiver'],
      rows.map(toCells),
    ),
    formatTable(
      'Ratios of bulk, taken in each round',
      ['', ' ', ' over', 'MB/s', '±', '  target', ' ', 'CPU s/GB', '±'],
      comparisons(rows).map(([ours, theirs]) => ratioCells(ours, theirs)),
    ),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfBulk(rows) {
  return ratiosOf(
    comparisons(rows),
    ['rate', 'cpu'],
    ({ receiver, connections }) => `${receiver}-receives/${connections}/`,
  );
}

/** @param {Row} row */
function toCells(row) {
  return [
    courseOf(row),
    ` ${row.title}`,
    ...spreadCells(summaryOf(row, 'rate'), 0),
    ...spreadCells(summaryOf(row, 'cpu'), 2),
    summaryOf(row, 'senderCpu').median.toFixed(2),
    summaryOf(row, 'receiverCpu').median.toFixed(2),
  ];
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 */
function ratioCells(ours, theirs) {
  const rate = ratioBetween(ours, theirs, 'rate');
  return [
    courseOf(ours),
    ` ${ours.title}`,
    ` ${theirs.title}`,
    ...spreadCells(rate, 3),
    ...verdictCells(rate, theirs.name === 'tls' ? { least: leastRate(ours) } : undefined),
    ...spreadCells(ratioBetween(ours, theirs, 'cpu'), 3),
  ];
}

/** @param {Row[]} rows */
function comparisons(rows) {
  return comparisonsOf(rows, (ours, theirs) => courseOf(ours) === courseOf(theirs));
}

/** @param {Row} row */
function courseOf({ receiver, connections }) {
  return `${receiver} receives, ${connections === 1 ? '1 connection' : `${connections} connections`}`;
}
