// @ts-check
/** The event loop as tables. */
import { comparisonsOf, ratioBetween, spreadCells, summaryOf, verdictCells } from '../connections/rows.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {import('../connections/rows.mjs').Row<keyof Slice>} Row
 */

/** What is waited for: a name in ratios, a title, and what is expected of pqsock's p99, in ms and over TLS. */
const WAITS = /** @type {const} */ ([
  { name: 'delay', title: 'event loop', most: 5 },
  { name: 'echo', title: 'answer of 1 KiB', mostOfTls: 0.5 },
  { name: 'file', title: 'file', mostOfTls: 1 },
  { name: 'name', title: 'name', mostOfTls: 1 },
]);

/**
 * @param {Row[]} rows
 * @param {{ runtime: import('../connections/runtime.mjs').Runtime, lanes: number, rounds: number, seconds: number, gaps: string[] }} conditions
 */
export function formatEventLoop(rows, { runtime, lanes, rounds, seconds, gaps }) {
  return [
    formatRuntime(runtime),
    `${rounds} rounds of ${seconds} s each, ${lanes} clients at once; medians, ± half the interquartile range`,
    `handshakes a second: ${rows.map((row) => `${row.title} ${summaryOf(row, 'handshakes').median.toFixed(0)}`).join('; ')}`,
    ...gaps.map((gap) => `missing: ${gap}`),
    '',
    formatTable(
      'What waits in a server while clients shake hands, in ms',
      ['', ' ', 'p50', 'p99', '±', '  target', ' ', 'without load: p50', 'p99'],
      WAITS.flatMap((wait) => rows.map((row) => toCells(row, wait))),
    ),
    formatTable(
      'Ratios of these, taken in each round',
      ['', ' over', 'p50', 'p99', '±', '  target', ' '],
      WAITS.flatMap((wait) => comparisonsOf(rows).map(([ours, theirs]) => ratioCells(ours, theirs, wait))),
    ),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfEventLoop(rows) {
  return Object.fromEntries(
    comparisonsOf(rows).flatMap(([ours, theirs]) =>
      WAITS.flatMap(({ name }) => [
        [`${name}-p50/${ours.name}/${theirs.name}`, ratioBetween(ours, theirs, `${name}P50`).median],
        [`${name}-p99/${ours.name}/${theirs.name}`, ratioBetween(ours, theirs, `${name}P99`).median],
      ]),
    ),
  );
}

/**
 * @param {Row} row
 * @param {(typeof WAITS)[number]} wait
 */
function toCells(row, wait) {
  const { name, title } = wait;
  const p99 = summaryOf(row, `${name}P99`);
  return [
    title,
    ` ${row.title}`,
    summaryOf(row, `${name}P50`).median.toFixed(2),
    ...spreadCells(p99, 2),
    ...verdictCells(p99, 'most' in wait && row.name === 'pqsock' ? { most: wait.most } : undefined),
    summaryOf(row, `idle-${name}P50`).median.toFixed(2),
    summaryOf(row, `idle-${name}P99`).median.toFixed(2),
  ];
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 * @param {(typeof WAITS)[number]} wait
 */
function ratioCells(ours, theirs, wait) {
  const { name, title } = wait;
  const p99 = ratioBetween(ours, theirs, `${name}P99`);
  const isTarget = 'mostOfTls' in wait && theirs.name.startsWith('tls');
  return [
    title,
    ` ${theirs.title}`,
    ratioBetween(ours, theirs, `${name}P50`).median.toFixed(3),
    ...spreadCells(p99, 3),
    ...verdictCells(p99, isTarget ? { most: wait.mostOfTls } : undefined),
  ];
}
