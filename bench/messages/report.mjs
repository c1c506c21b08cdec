// @ts-check
/** The messages as tables. */
import { comparisonsOf, ratioBetween, ratiosOf, spreadCells, summaryOf, verdictCells } from '../connections/rows.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {import('./suite.mjs').Course & import('../connections/rows.mjs').Row<keyof Slice>} Row
 */

const FIGURES = /** @type {const} */ (['rate', 'p50', 'p99', 'cpu']);

/** What is expected of small messages, over node:tls. */
const SMALL = 64;
const TARGETS = { rate: { least: 1 }, p99: { most: 1 } };

/**
 * @param {Row[]} rows
 * @param {{ runtime: import('../connections/runtime.mjs').Runtime, rounds: number, seconds: number }} conditions
 */
export function formatMessages(rows, { runtime, rounds, seconds }) {
  return [
    formatRuntime(runtime),
    `at least ${rounds} rounds of ${seconds} s each; medians, ± half the interquartile range`,
    '',
    formatTable(
      'A request and its answer, over loopback',
      ['', ' ', 'a second', '±', 'p50 ms', 'p99 ms', '±', 'server CPU µs', '±', 'client CPU µs'],
      rows.map(toCells),
    ),
    formatTable(
      'Ratios of messages, taken in each round',
      ['', ' over', 'a second', '±', '  target', ' ', 'p50', 'p99', '±', '  target', ' ', 'server CPU', '±'],
      comparisons(rows).map(([ours, theirs]) => ratioCells(ours, theirs)),
    ),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfMessages(rows) {
  return ratiosOf(comparisons(rows), FIGURES, ({ size, connections }) => `${size}/${connections}/`);
}

/** @param {Row} row */
function toCells(row) {
  return [
    courseOf(row),
    ` ${row.title}`,
    ...spreadCells(summaryOf(row, 'rate'), 0),
    summaryOf(row, 'p50').median.toFixed(3),
    ...spreadCells(summaryOf(row, 'p99'), 3),
    ...spreadCells(summaryOf(row, 'cpu'), 1),
    summaryOf(row, 'clientCpu').median.toFixed(1),
  ];
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 */
function ratioCells(ours, theirs) {
  const at = (/** @type {keyof Slice} */ figure) => ratioBetween(ours, theirs, figure);
  const [rate, p99] = [at('rate'), at('p99')];
  const targets = theirs.name === 'tls' && ours.size === SMALL ? TARGETS : undefined;
  return [
    courseOf(ours),
    ` ${theirs.title}`,
    ...spreadCells(rate, 3),
    ...verdictCells(rate, targets?.rate),
    at('p50').median.toFixed(3),
    ...spreadCells(p99, 3),
    ...verdictCells(p99, targets?.p99),
    ...spreadCells(at('cpu'), 3),
  ];
}

/** @param {Row[]} rows */
function comparisons(rows) {
  return comparisonsOf(rows, (ours, theirs) => courseOf(ours) === courseOf(theirs));
}

/** @param {Row} row */
function courseOf({ size, connections }) {
  const bytes = size < 1024 ? `${size} B` : `${size / 1024} KiB`;
  return `${bytes}, ${connections === 1 ? '1 connection' : `${connections} connections`}`;
}
