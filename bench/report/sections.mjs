// @ts-check
/** What the page shows of each suite, from its figures in `--json`. */
import { summaryOf } from '../connections/rows.mjs';
import { plotBars } from './bars.mjs';
import { plotDots } from './dots.mjs';
import { plotLines } from './lines.mjs';
import { markup } from './markup.mjs';
import { plotRanges } from './ranges.mjs';

/**
 * @typedef {import('./markup.mjs').Markup} Markup
 * @typedef {import('../connections/rows.mjs').Row<string>} Row
 * @typedef {Row & Record<'receiver' | 'connections' | 'size', any>} CourseRow
 * @typedef {{ title: string, note: string, plots: (figures: any) => Markup }} Section
 */

/** The suites in the order of the page. @type {Record<string, Section>} */
export const SECTIONS = {
  handshake: {
    title: 'Handshakes',
    note: 'Full and mutual, 32 clients at a time, both sides on this machine.',
    plots: ({ rows }) => markup`
${plot('Handshakes a second: longer is better', barsOf(rows, 'rate', '/s'))}
${plot('CPU time of the server for one: shorter is better', barsOf(rows, 'cpu', 'ms'))}
${plot('From connect to the first byte: the bar from the 10th to the 90th percentile, the line to the 99th', rangesOf(rows))}`,
  },
  bulk: {
    title: 'Bulk data',
    note: 'One way over loopback, writes of 64 KiB.',
    plots: ({ rows }) => markup`${byCourse(rows).map(([course, mine]) => plot(course, barsOf(mine, 'rate', 'MB/s')))}`,
  },
  messages: {
    title: 'Messages by size',
    note: 'A request and an answer of the same size, again and again.',
    plots: ({ rows }) =>
      markup`${connectionsOf(rows).map(([title, mine]) => [
        plot(`Requests a second, ${title}: higher is better`, linesOf(mine, 'rate', '/s')),
        plot(`The 99th percentile of the answer's time, ${title}: lower is better`, linesOf(mine, 'p99', 'ms')),
      ])}`,
  },
  memory: {
    title: 'Memory of a server',
    note: 'RSS for each connection; shorter is better.',
    plots: ({ rows }) => markup`
${plot('An open connection that is idle', barsOf(rows, 'idle', 'KiB'))}
${plot('A handshake that is pending', barsOf(rows, 'pending', 'KiB'))}`,
  },
  'event-loop': {
    title: 'The event loop under load',
    note: 'The 99th percentile of what else waits in a server while 32 clients shake hands; shorter is better.',
    plots: ({ rows }) => markup`
${plot('The event loop itself', barsOf(rows, 'delayP99', 'ms'))}
${plot('An answer of 1 KiB on an open connection', barsOf(rows, 'echoP99', 'ms'))}
${plot('A file', barsOf(rows, 'fileP99', 'ms'))}
${plot('A name', barsOf(rows, 'nameP99', 'ms'))}`,
  },
  'start-up': {
    title: 'Start-up',
    note: 'From spawn to a process that has imported the module; shorter is better.',
    plots: ({ rows }) => plot('Time to ready', barsOf(rows, 'ready', 'ms')),
  },
  tunnel: {
    title: 'Tunnels',
    note: 'Both ends of a tunnel on this machine, with the clients and the service; CPU time of the two ends.',
    plots: ({ rows }) => {
      const of = (/** @type {string} */ wanted) => rows.filter((/** @type {any} */ { course }) => course === wanted);
      return markup`
${plot('Data on 1 connection: longer is better', barsOf(of('bulk-1'), 'rate', 'MB/s'))}
${plot('Data on 16 connections: longer is better', barsOf(of('bulk-16'), 'rate', 'MB/s'))}
${plot('CPU time for data on 1 connection: shorter is better', barsOf(of('bulk-1'), 'cpu', 's/GB'))}
${plot('Connections a second: longer is better', barsOf(of('connections'), 'rate', '/s'))}
${plot('An answer of 1 KiB: shorter is better', barsOf(of('echo'), 'p50', 'ms'))}`;
    },
  },
  primitives: {
    title: 'Primitives',
    note: 'One operation, inline. The axis is logarithmic: from line to line it takes ten times as long.',
    plots: (figures) => plot('Time of a call: further left is better', primitiveDots(figures)),
  },
};

/** @type {Record<string, string>} */
const KINDS = {
  ours: 'addon of pqsock',
  prepared: 'the same with a prepared key',
  bare: 'liboqs in C, without Node',
  native: 'native (pqclean, node:crypto)',
  wasm: 'WASM',
  js: 'pure JavaScript',
};

/**
 * @param {string} title
 * @param {(label: string) => Markup} draw
 */
function plot(title, draw) {
  return markup`<h3>${title}</h3><div class="plot">${draw(title)}</div>
`;
}

/**
 * @param {Row[]} rows
 * @param {string} figure
 * @param {string} unit
 */
function barsOf(rows, figure, unit) {
  const bars = rows.map((row) => {
    const { median, q1, q3 } = summaryOf(row, figure);
    const spread = /** @type {[number, number]} */ ([q1, q3]);
    return { title: row.title, kind: kindOf(row.name), value: Math.max(median, 0), spread };
  });
  return (/** @type {string} */ label) => plotBars(bars, { unit, label });
}

/** @param {Row[]} rows */
function rangesOf(rows) {
  const at = (/** @type {Row} */ row, /** @type {string} */ figure) => summaryOf(row, figure).median;
  const ranges = rows.map((row) => ({
    title: row.title,
    kind: kindOf(row.name),
    p10: at(row, 'p10'),
    p50: at(row, 'p50'),
    p90: at(row, 'p90'),
    p99: at(row, 'p99'),
  }));
  return (/** @type {string} */ label) => plotRanges(ranges, { unit: 'ms', label });
}

/**
 * @param {CourseRow[]} rows
 * @param {string} figure
 * @param {string} unit
 */
function linesOf(rows, figure, unit) {
  const lines = groupBy(rows, ({ title }) => title).map(([title, mine]) => ({
    title,
    kind: kindOf(mine[0]?.name ?? ''),
    points: mine.map((row) => /** @type {[number, number]} */ ([row.size, summaryOf(row, figure).median])),
  }));
  return (/** @type {string} */ label) => plotLines(lines, { unit, label });
}

/** @param {{ rows: any[], rivals: any[] }} figures */
function primitiveDots({ rows, rivals }) {
  const known = new Map(rivals.map((rival) => [rival.name, rival]));
  const kinds = { 'pure JS': 'js', WASM: 'wasm', native: 'native' };
  const all = rows.map(({ algorithm, operation, results }) => {
    const dots = Object.entries(results).flatMap(([name, { median: value }]) => {
      const { title, how } = known.get(name) ?? {};
      if (name === 'sync') return [{ title: 'addon', kind: 'ours', value }];
      if (name === 'prepared') return [{ title: 'addon with a prepared key', kind: 'prepared', value }];
      if (name === 'liboqs') return [{ title: 'liboqs in C', kind: 'bare', value }];
      return title === undefined ? [] : [{ title, kind: kinds[/** @type {keyof typeof kinds} */ (how)], value }];
    });
    return { title: `${algorithm} ${operation}`, dots: dots.toSorted((a) => (a.kind === 'ours' ? 1 : -1)) };
  });
  return (/** @type {string} */ label) => plotDots(all, { unit: 'µs', label, kinds: KINDS });
}

/**
 * @param {CourseRow[]} rows
 * @returns {[string, CourseRow[]][]}
 */
function byCourse(rows) {
  return groupBy(rows, ({ receiver, connections }) => `The ${receiver} receives, ${countOf(connections)}`);
}

/**
 * @param {CourseRow[]} rows
 * @returns {[string, CourseRow[]][]}
 */
function connectionsOf(rows) {
  return groupBy(rows, ({ connections }) => countOf(connections));
}

/**
 * @template T
 * @param {T[]} list
 * @param {(item: T) => string} keyOf
 * @returns {[key: string, items: T[]][]}
 */
function groupBy(list, keyOf) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const item of list) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}

/** @param {number} connections */
function countOf(connections) {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}

/** @param {string} name of a contender */
function kindOf(name) {
  if (name.startsWith('pqsock')) return 'ours';
  if (name.startsWith('tls')) return 'tls';
  return name.startsWith('pure-js') ? 'js' : 'bare';
}
