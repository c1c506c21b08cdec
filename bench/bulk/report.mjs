// @ts-check
/** The bulk as tables. */
import { compare, ratioOf } from '../connections/rounds.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { spread, summarize } from '../statistics.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {import('./suite.mjs').Course & { name: string, title: string, slices: Slice[] }} Row
 */

/** What is expected of the rate, by who receives, over node:tls. */
const LEAST_RATE = { client: 1.5, server: 1.1 };

/**
 * @param {Row[]} rows
 * @param {{ runtime: import('../connections/runtime.mjs').Runtime, rounds: number, seconds: number }} conditions
 */
export function formatBulk(rows, { runtime, rounds, seconds }) {
  return [
    formatRuntime(runtime),
    `${rounds} rounds of ${seconds} s each, 64 KiB a write; medians, ± half the interquartile range`,
    '',
    formatTable(
      'Bulk, one way over loopback',
      ['', ' ', 'MB/s', '±', 'CPU s/GB', '±', 'of the sender', 'of the receiver'],
      rows.map(toCells),
    ),
    formatTable(
      'Ratios of bulk, taken in each round',
      ['', ' over', 'MB/s', '±', '  target', ' ', 'CPU s/GB', '±'],
      comparisons(rows).map(([ours, theirs]) => ratioCells(ours, theirs)),
    ),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfBulk(rows) {
  return Object.fromEntries(
    comparisons(rows).flatMap(([ours, theirs]) =>
      /** @type {const} */ (['rate', 'cpu']).map((figure) => [
        `${figure}/${ours.receiver}-receives/${ours.connections}/${ours.name}/${theirs.name}`,
        ratio(ours, theirs, figure).median,
      ]),
    ),
  );
}

/** @param {Row} row */
function toCells(row) {
  const of = (/** @type {keyof Slice} */ figure) =>
    summarize(
      row.slices.map((slice) => slice[figure]),
      0,
    );
  const [rate, cpu] = [of('rate'), of('cpu')];
  return [
    courseOf(row),
    ` ${row.title}`,
    rate.median.toFixed(0),
    `${spread(rate).toFixed(1)} %`,
    cpu.median.toFixed(2),
    `${spread(cpu).toFixed(1)} %`,
    of('senderCpu').median.toFixed(2),
    of('receiverCpu').median.toFixed(2),
  ];
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 */
function ratioCells(ours, theirs) {
  const [rate, cpu] = [ratio(ours, theirs, 'rate'), ratio(ours, theirs, 'cpu')];
  const expected = theirs.name === 'tls' ? compare(rate, { least: LEAST_RATE[ours.receiver] }) : undefined;
  return [
    courseOf(ours),
    ` ${theirs.title}`,
    rate.median.toFixed(3),
    `${spread(rate).toFixed(1)} %`,
    ...(expected === undefined ? ['', ''] : [`  ${expected.target}`, ` ${expected.verdict}`]),
    cpu.median.toFixed(3),
    `${spread(cpu).toFixed(1)} %`,
  ];
}

/** @param {Row} row */
function courseOf({ receiver, connections }) {
  return `${receiver} receives, ${connections === 1 ? '1 connection' : `${connections} connections`}`;
}

/**
 * pqsock with each rival on the same course.
 *
 * @param {Row[]} rows
 * @returns {[Row, Row][]}
 */
function comparisons(rows) {
  const isOurs = (/** @type {Row} */ { name }) => name === 'pqsock';
  return rows
    .filter(isOurs)
    .flatMap((ours) =>
      rows
        .filter((row) => !isOurs(row) && courseOf(row) === courseOf(ours))
        .map((theirs) => /** @type {[Row, Row]} */ ([ours, theirs])),
    );
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 * @param {'rate' | 'cpu'} figure
 */
function ratio(ours, theirs, figure) {
  return ratioOf(
    ours.slices.map((slice) => slice[figure]),
    theirs.slices.map((slice) => slice[figure]),
  );
}
