// @ts-check
/** The memory as tables. */
import { comparisonsOf, ratioBetween, ratiosOf, spreadCells, summaryOf, verdictCells } from '../connections/rows.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {import('../connections/rows.mjs').Row<keyof Slice>} Row
 * @typedef {import('./suite.mjs').Extent & { runtime: import('../connections/runtime.mjs').Runtime, rounds: number, gaps: string[] }} Conditions
 */

/** What is expected of pqsock, in KiB; a connection that stayed would take more than ten. */
const TARGETS = { idle: { most: 16 }, pending: { most: 32 }, growth: { most: 1 } };

const FIGURES = /** @type {const} */ (['idle', 'pending', 'growth']);
const RATIOS = /** @type {const} */ (['idle', 'pending']);

/**
 * @param {Row[]} rows
 * @param {Conditions} conditions
 */
export function formatMemory(rows, { runtime, rounds, open, pending, gaps }) {
  return [
    formatRuntime(runtime),
    `${rounds} rounds of fresh processes; medians, ± half the interquartile range`,
    `${open} connections open at once, ${pending} handshakes pending; of TLS a quarter of each`,
    `opened and closed: ${churnOf(rows)}`,
    ...gaps.map((gap) => `missing: ${gap}`),
    '',
    formatTable(
      'Memory of the server, in KiB for each connection',
      ['', ' ', 'RSS', '±', '  target', ' ', "V8's part"],
      FIGURES.flatMap((figure) => rows.map((row) => toCells(row, figure))),
    ),
    formatTable(
      'Ratios of memory (RSS), taken in each round',
      ['', ' over', 'idle', '±', 'pending', '±'],
      comparisons(rows).map(([ours, theirs]) => [
        ours.title,
        ` ${theirs.title}`,
        ...RATIOS.flatMap((figure) => spreadCells(ratioBetween(ours, theirs, figure), 3)),
      ]),
    ),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfMemory(rows) {
  return ratiosOf(comparisons(rows), RATIOS);
}

const TITLES = { idle: 'idle', pending: 'pending handshake', growth: 'opened and closed' };

/**
 * @param {Row} row
 * @param {(typeof FIGURES)[number]} figure
 */
function toCells(row, figure) {
  const rss = summaryOf(row, figure);
  return [
    TITLES[figure],
    ` ${row.title}`,
    rss.median.toFixed(2),
    ((rss.q3 - rss.q1) / 2).toFixed(2), // not in percent: it may be nothing at all
    ...verdictCells(rss, row.name === 'pqsock' ? TARGETS[figure] : undefined),
    summaryOf(row, `${figure}Heap`).median.toFixed(2),
  ];
}

/** Not with plain TCP, which takes next to nothing. @param {Row[]} rows */
function comparisons(rows) {
  return comparisonsOf(rows, (_, { name }) => name !== 'tcp');
}

/** @param {Row[]} rows */
function churnOf(rows) {
  return rows.map((row) => `${row.title} ${summaryOf(row, 'churned').median.toFixed(0)}`).join('; ');
}
