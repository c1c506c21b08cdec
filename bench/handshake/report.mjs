// @ts-check
/** The handshakes as tables. */
import { PQSOCK_2, PQSOCK_2_ALL, PQSOCK_2_BATCHES } from '../connections/contenders.mjs';
import { comparisonsOf, ratioBetween, ratiosOf, spreadCells, summaryOf, verdictCells } from '../connections/rows.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {import('../connections/rows.mjs').Row<keyof Slice>} Row
 */

/**
 * @typedef {object} Conditions
 * @property {import('../connections/runtime.mjs').Runtime} runtime
 * @property {import('../connections/runtime.mjs').Runtime | undefined} otherNode
 * @property {number} lanes
 * @property {number} rounds
 * @property {number} seconds of a round, for each
 * @property {import('../connections/transports/plain.mjs').Flight[]} flights
 * @property {string[]} gaps what is missing, and why
 */

/** What is expected of the server's CPU time for a handshake, and so of the rate; also where clients return. */
/** @type {Record<string, number>} */
const MOST_CPU = { 'tls-mldsa': 1 / 6, 'tls-ecdsa': 1 / 2, 'pqsock-2': 0.8 };
/** @type {Record<string, number>} */
const MOST_CPU_RETURNING = { 'tls-mldsa': 1 / 7.5, 'tls-ecdsa': 0.4 };
/** @type {Record<string, number>} */
const MOST_CPU_ALL = { 'tls-mldsa': 1 / 10 };
/** @type {Record<string, number>} */
const LEAST_RATE = { 'pqsock-2': 1.1 };

const FIGURES = /** @type {const} */ (['cpu', 'rate', 'p50', 'p99']);

/**
 * @param {Row[]} rows
 * @param {Conditions} conditions
 */
export function formatHandshakes(rows, { runtime, otherNode, lanes, rounds, seconds, flights, gaps }) {
  const wire = flights.map(({ from, bytes }) => `${from} ${bytes}`).join(', ');
  return [
    formatRuntime(runtime),
    ...(otherNode === undefined
      ? []
      : [`but where it is said, on Node ${otherNode.node} (OpenSSL ${otherNode.openssl})`]),
    `${rounds} rounds of ${seconds} s each, ${lanes} clients at once; medians, ± half the interquartile range`,
    `plain TCP carries the flights of suite 1: ${wire} bytes`,
    ...gaps.map((gap) => `missing: ${gap}`),
    '',
    formatTable(
      'Full mutual handshakes, server and clients on this machine',
      ['', 'server CPU ms', '±', 'client CPU ms', 'handshakes/s', '±', 'p50 ms', 'p99 ms'],
      rows.map(toCells),
    ),
    formatTable(
      'Ratios of handshakes, taken in each round',
      ['', ' over', 'server CPU', '±', '  target', ' ', 'handshakes/s', '  target', ' ', 'p50', 'p99'],
      comparisons(rows).map(([ours, theirs]) => ratioCells(ours, theirs)),
    ),
    ...rows.filter(({ name }) => name === PQSOCK_2_BATCHES.name).map(describeBatches),
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfHandshakes(rows) {
  return ratiosOf(comparisons(rows), FIGURES);
}

/** @param {Row} row */
function toCells(row) {
  return [
    row.title,
    ...spreadCells(summaryOf(row, 'cpu'), 3),
    summaryOf(row, 'clientCpu').median.toFixed(3),
    ...spreadCells(summaryOf(row, 'rate'), 0),
    summaryOf(row, 'p50').median.toFixed(2),
    summaryOf(row, 'p99').median.toFixed(2),
  ];
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 */
function ratioCells(ours, theirs) {
  const at = (/** @type {(typeof FIGURES)[number]} */ figure) => ratioBetween(ours, theirs, figure);
  const name = theirs.name.replace(/@.*/, '');
  const most = targetsOf(ours)[name];
  return [
    ours.title,
    ` ${theirs.title}`,
    ...spreadCells(at('cpu'), 3),
    ...verdictCells(at('cpu'), most === undefined ? undefined : { most }),
    at('rate').median.toFixed(3),
    ...verdictCells(at('rate'), most === undefined ? undefined : { least: LEAST_RATE[name] ?? 1 / most }),
    at('p50').median.toFixed(2),
    at('p99').median.toFixed(2),
  ];
}

/** @param {Row} row */
function targetsOf({ name }) {
  if (name === PQSOCK_2_ALL.name) return MOST_CPU_ALL;
  return name.endsWith('-returning') ? MOST_CPU_RETURNING : MOST_CPU;
}

/** @param {Row} row */
function describeBatches({ title, slices }) {
  const sum = (/** @type {'handshakes' | 'signatures'} */ of) => slices.reduce((total, slice) => total + slice[of], 0);
  return `${title}: ${(sum('handshakes') / sum('signatures')).toFixed(1)} handshakes a signature`;
}

/**
 * Each of pqsock's suites with each rival on the same Node; with what stands in for its primitives, the suite that it
 * is of. And signatures for several handshakes with one for each.
 *
 * @param {Row[]} rows
 */
function comparisons(rows) {
  const found = comparisonsOf(rows, ({ name: ours }, { name: theirs }) =>
    theirs.startsWith('pure-js') ? ours === `pqsock-${theirs.slice(-1)}` : theirs.split('@')[1] === ours.split('@')[1],
  );
  const [alone, together] = [PQSOCK_2, PQSOCK_2_BATCHES].map(({ name }) => rows.find((row) => row.name === name));
  if (alone !== undefined && together !== undefined) found.push([together, alone]);
  return found;
}
