// @ts-check
/** The figures of a run as the tables of README.md: nobody copies a figure by hand. */
import { summaryOf } from '../connections/rows.mjs';

/**
 * @typedef {import('./page.mjs').Figures} Figures
 * @typedef {import('../connections/rows.mjs').Row<string>} Row
 */

/**
 * A line of a table: a figure of a suite, and of which contender it stands in each column; '' for nobody.
 *
 * @typedef {object} Line
 * @property {string} what
 * @property {string} suite
 * @property {string} figure
 * @property {number} digits after the point
 * @property {Record<string, string | number>} [course] whose rows these are, if a suite has several
 * @property {string[]} names
 */

const RECEIVED = { receiver: 'client', connections: 1 };
const BYTES_64 = { size: 64, connections: 1 };
const SOCKETS = ['pqsock', 'tls', '', 'tcp'];
const TUNNELS = ['pqsock', 'tls-stunnel', 'tls-haproxy', 'tcp'];
const TUNNELS_2 = ['pqsock-2', 'tls-stunnel', 'tls-haproxy', 'tcp'];

/** @type {{ header: string[], lines: Line[] }[]} */
const TABLES = [
  {
    header: ['', 'pqsock', 'node:tls, ECDSA P-256', 'node:tls, ML-DSA-87', 'plain TCP'],
    lines: [
      handshake('Kyber1024, Dilithium5', ['pqsock-1', 'tls-ecdsa', 'tls-mldsa', 'tcp']),
      handshake('ML-KEM-1024, ML-DSA-87', ['pqsock-2', 'tls-ecdsa', 'tls-mldsa', 'tcp']),
      handshake('the same on Node 26', ['pqsock-2@26', 'tls-ecdsa@26', 'tls-mldsa@26', '']),
      { what: 'data on one connection, MB/s', ...of('bulk', 'rate', 0), course: RECEIVED, names: SOCKETS },
      {
        what: 'requests of 64 B on one connection, a second',
        ...of('messages', 'rate', 0),
        course: BYTES_64,
        names: SOCKETS,
      },
      {
        what: 'a server’s memory for an idle connection, KiB',
        ...of('memory', 'idle', 1),
        names: ['pqsock', 'tls-ecdsa', 'tls-mldsa', ''],
      },
      { what: 'start-up of a process, ms', ...of('start-up', 'ready', 0), names: ['pqsock', 'tls', '', ''] },
    ],
  },
  {
    header: ['', '`pqsock tunnel`', 'stunnel', 'HAProxy with TLS', 'no tunnel'],
    lines: [
      tunnel('data on one connection, MB/s', 'bulk-1', 'rate', 0),
      tunnel('data on 16 connections, MB/s', 'bulk-16', 'rate', 0),
      tunnel('CPU time of both ends for a GB, one connection, s', 'bulk-1', 'cpu', 2),
      tunnel('connections a second', 'connections', 'rate', 0),
      tunnel('CPU time of both ends for a connection, ms', 'connections', 'cpu', 2),
      { ...tunnel('the same with ML-KEM-1024, ML-DSA-87', 'connections', 'cpu', 2), names: TUNNELS_2 },
      tunnel('an answer of 1 KiB, median, ms', 'echo', 'p50', 3),
      tunnel('an answer of 1 KiB, 99th percentile, ms', 'echo', 'p99', 3),
    ],
  },
];

/**
 * Of suites that were not measured, and of contenders that were missing, it says nothing.
 *
 * @param {Figures} figures
 */
export function makeMarkdown({ environment, command, suites }) {
  const { version, node, openssl, platform, cpu, cores, date } = environment;
  const where = `pqsock ${version}, Node ${node} (OpenSSL ${openssl}), ${platform}, ${cpu}, ${cores} cores, ${date.slice(0, 10)}`;
  const tables = TABLES.flatMap(({ header, lines }) => {
    const rows = lines.map((line) => cellsOf(line, suites)).filter(([, ours]) => ours !== '');
    return rows.length === 0
      ? []
      : [[header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map(formatRow).join('\n')];
  });
  return [...tables, `Medians of one run of \`${command}\`: ${where}.`, ''].join('\n\n').trimEnd();
}

/**
 * @param {Line} line
 * @param {Figures['suites']} suites
 */
function cellsOf({ what, suite, figure, digits, course = {}, names }, suites) {
  /** @type {(Row & Record<string, unknown>)[]} */
  const rows = suites[suite]?.rows ?? [];
  const cells = names.map((name) => {
    const row = rows.find(
      (row) => row.name === name && Object.entries(course).every(([key, value]) => row[key] === value),
    );
    const median = row === undefined ? 0 : summaryOf(row, figure).median;
    return median === 0 ? '' : median.toFixed(digits); // no tunnel has no CPU time
  });
  return [what, ...cells];
}

/** @param {string[]} cells */
function formatRow(cells) {
  return `| ${cells.join(' | ')} |`;
}

/**
 * @param {string} suite
 * @param {string} figure
 * @param {number} digits
 */
function of(suite, figure, digits) {
  return { suite, figure, digits };
}

/**
 * @param {string} which
 * @param {string[]} names
 * @returns {Line}
 */
function handshake(which, names) {
  return { what: `a server’s CPU time for a mutual handshake, ms: ${which}`, ...of('handshake', 'cpu', 2), names };
}

/**
 * @param {string} what
 * @param {string} course
 * @param {string} figure
 * @param {number} digits
 * @returns {Line}
 */
function tunnel(what, course, figure, digits) {
  return { what, ...of('tunnel', figure, digits), course: { course }, names: TUNNELS };
}
