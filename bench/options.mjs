// @ts-check
/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import { BUDGETS } from './budgets.mjs';

/** The suites, in the order in which they run. */
export const NAMES = Object.keys(BUDGETS);

export const USAGE = `usage: npm run bench -- [options]

Measures against rivals, in one run and by turns. The suites:

  primitives     the addon, inline and off the event loop, against liboqs in C
                 and against other packages in JavaScript, WASM and C
  handshake      full mutual handshakes, 32 at a time, against node:tls and
                 against the same messages over plain TCP
  bulk           one way on 1 and on 16 connections, against node:tls and TCP
  messages       requests and answers of 64 B to 16 KiB on 1 and on 32
                 connections, against node:tls and TCP
  memory         a server's, for open connections, pending handshakes, and
                 connections opened and closed, against node:tls and TCP
  event-loop     a server's while 32 clients shake hands, and what others wait
                 for then: answers, files, names; against node:tls and TCP
  start-up       of a process that imports pqsock, against node:tls
  tunnel         pqsock tunnel against stunnel, HAProxy with TLS, and none: data,
                 connections, and how much later an answer comes

  --suite NAME   only this one; may be given several times
  --quick        all suites in a minute: for a first look
  --seconds N    how long each suite may take (default: ten minutes for all)
  --json FILE    write all figures to FILE as well, every ratio under a name
                 that stays the same
  --report FILE  write the report to FILE: plots on a page that needs nothing
                 else (default: bench/report.html, after a run of all suites)
  --from FILE    measure nothing: write the report of what --json wrote to FILE
  --table        with --from: print the tables of README.md instead
  --node PATH    the Node of all suites but the primitives, all rivals alike;
                 26: that of npm, installed at the first time (Linux, x64)
  --offline      install nothing: of the rivals, those that are there
  --cpu-prof DIR a CPU profile of each process of a server or its clients
  --record       run the quick form three times, and write the median of each
                 ratio to bench/recorded.json
  --check        run the quick form up to three times, and fail if a ratio is
                 worse than half of the recorded one in each
  --help         this text

of the primitives; without --suite they alone are measured then:

  --filter TEXT  only operations with TEXT in "algorithm operation"
  --breakdown    where the time of a KEM call goes that liboqs doesn't use

examples:
  npm run bench
  npm run bench -- --quick --json figures.json
  npm run bench -- --from figures.json --table
  npm run bench -- --suite handshake --suite bulk --report plots.html
  npm run bench -- --suite handshake --node 26
  npm run bench -- --suite handshake --cpu-prof profiles
  npm run bench -- --filter 'ml-dsa-87 sign' --seconds 20
  npm run bench -- --breakdown --seconds 30
`;

/**
 * @typedef {object} Options
 * @property {string[]} suites
 * @property {boolean} quick
 * @property {string | undefined} json
 * @property {string | undefined} report
 * @property {string | undefined} from
 * @property {boolean} table
 * @property {boolean} record
 * @property {boolean} check
 * @property {string | undefined} node
 * @property {boolean} offline
 * @property {string | undefined} cpuProf
 * @property {number | undefined} seconds that each suite may take
 * @property {string} filter
 * @property {boolean} breakdown
 * @property {boolean} help
 */

/**
 * @param {string[]} args
 * @returns {Options}
 * @throws {Error} with a text for the user, if an option is wrong
 */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      suite: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      report: { type: 'string' },
      from: { type: 'string' },
      table: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      node: { type: 'string' },
      offline: { type: 'boolean', default: false },
      'cpu-prof': { type: 'string' },
      seconds: { type: 'string' },
      filter: { type: 'string' },
      breakdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const {
    json,
    report,
    from,
    table,
    record,
    check,
    node,
    offline,
    breakdown,
    help,
    filter,
    'cpu-prof': cpuProf,
  } = values;
  const quick = values.quick || record || check;
  const ofPrimitives = breakdown || filter !== undefined;
  const suites = values.suite ?? (ofPrimitives ? ['primitives'] : NAMES);
  for (const suite of suites) {
    if (!NAMES.includes(suite)) throw new Error(`--suite ${suite}: there are ${NAMES.join(', ')}`);
  }
  if (ofPrimitives && !suites.includes('primitives')) {
    throw new Error('--filter and --breakdown are of the suite primitives');
  }
  if (table && from === undefined) throw new Error('--table is of what --from names');
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 3600))
    throw new Error(`--seconds ${values.seconds}: a number from 1 to 3600`);
  return {
    suites,
    quick,
    json,
    report,
    from,
    table,
    record,
    check,
    node,
    offline,
    cpuProf,
    seconds,
    filter: filter ?? '',
    breakdown,
    help,
  };
}
