// @ts-check
/** The handshakes as tables. */
import { compare, ratioOf } from '../connections/rounds.mjs';
import { formatRuntime } from '../connections/runtime.mjs';
import { spread, summarize } from '../statistics.mjs';
import { formatTable } from '../table.mjs';

/**
 * @typedef {import('./suite.mjs').Slice} Slice
 * @typedef {{ name: string, title: string, slices: Slice[] }} Row
 */

/**
 * @typedef {object} Conditions
 * @property {import('../connections/runtime.mjs').Runtime} runtime
 * @property {number} lanes
 * @property {number} rounds
 * @property {number} seconds of a round, for each
 * @property {import('../connections/transports/plain.mjs').Flight[]} flights
 * @property {string[]} gaps what is missing, and why
 */

/** What is expected of the server's CPU time for a handshake, and so of the rate. */
/** @type {Record<string, number>} */
const MOST_CPU = { 'tls-mldsa': 1 / 6, 'tls-ecdsa': 1 / 2 };

const FIGURES = /** @type {const} */ (['cpu', 'rate', 'p50', 'p99']);

/**
 * @param {Row[]} rows
 * @param {Conditions} conditions
 */
export function formatHandshakes(rows, { runtime, lanes, rounds, seconds, flights, gaps }) {
  const wire = flights.map(({ from, bytes }) => `${from} ${bytes}`).join(', ');
  return [
    formatRuntime(runtime),
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
  ].join('\n');
}

/** @param {Row[]} rows */
export function ratiosOfHandshakes(rows) {
  return Object.fromEntries(
    comparisons(rows).flatMap(([ours, theirs]) =>
      FIGURES.map((figure) => [`${figure}/${ours.name}/${theirs.name}`, ratio(ours, theirs, figure).median]),
    ),
  );
}

/** @param {Row} row */
function toCells({ title, slices }) {
  const of = (/** @type {keyof Slice} */ figure) =>
    summarize(
      slices.map((slice) => slice[figure]),
      0,
    );
  const [cpu, rate] = [of('cpu'), of('rate')];
  return [
    title,
    cpu.median.toFixed(3),
    `${spread(cpu).toFixed(1)} %`,
    of('clientCpu').median.toFixed(3),
    rate.median.toFixed(0),
    `${spread(rate).toFixed(1)} %`,
    of('p50').median.toFixed(2),
    of('p99').median.toFixed(2),
  ];
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 */
function ratioCells(ours, theirs) {
  const at = (/** @type {(typeof FIGURES)[number]} */ figure) => ratio(ours, theirs, figure);
  const [cpu, rate] = [at('cpu'), at('rate')];
  const most = MOST_CPU[theirs.name];
  const verdicts = most === undefined ? [] : [compare(cpu, { most }), compare(rate, { least: 1 / most })];
  const [ofCpu = ['', ''], ofRate = ['', '']] = verdicts.map(({ target, verdict }) => [`  ${target}`, ` ${verdict}`]);
  const [p50, p99] = [at('p50').median.toFixed(2), at('p99').median.toFixed(2)];
  return [
    ours.title,
    ` ${theirs.title}`,
    cpu.median.toFixed(3),
    `${spread(cpu).toFixed(1)} %`,
    ...ofCpu,
    rate.median.toFixed(3),
    ...ofRate,
    p50,
    p99,
  ];
}

/**
 * Each of pqsock's suites with each rival.
 *
 * @param {Row[]} rows
 * @returns {[Row, Row][]}
 */
function comparisons(rows) {
  const isOurs = (/** @type {Row} */ { name }) => name.startsWith('pqsock');
  return rows
    .filter(isOurs)
    .flatMap((ours) => rows.filter((row) => !isOurs(row)).map((theirs) => /** @type {[Row, Row]} */ ([ours, theirs])));
}

/**
 * @param {Row} ours
 * @param {Row} theirs
 * @param {(typeof FIGURES)[number]} figure
 */
function ratio(ours, theirs, figure) {
  return ratioOf(
    ours.slices.map((slice) => slice[figure]),
    theirs.slices.map((slice) => slice[figure]),
  );
}
