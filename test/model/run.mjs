// @ts-check
/** `npm run test:model`: searches the model of the handshake and the record layer; README.md says what for. */
import { buildLib } from '../build-lib.mjs';
import { PROTOCOL, WEAKENED } from './handshake-cases.mjs';
import { attackOn, endSearch, HONEST_RUN, pathTo, searchHandshake } from './maude.mjs';
import { narrate } from './narration.mjs';
import { openCode, removeCopies } from './opened-code.mjs';
import { FAULTY_RECORDS, RECORDS } from './record-cases.mjs';
import { searchRecords } from './records.mjs';

/**
 * @typedef {import('./handshake-cases.mjs').HandshakeCase} HandshakeCase
 * @typedef {import('./record-cases.mjs').RecordCase} RecordCase
 * @typedef {{ name: string, what: string, bound: string, states: number, milliseconds: number, verdict: string,
 *   right: boolean }} Row
 */

const USAGE = `usage: npm run test:model -- [--short] [--built] [--list] [--help] [name …]

Searches all states of a few sessions of the handshake for attacks (with Maude), and all orders in which two sides of
an open connection can act (with the real code), up to a bound. Then the same with something left out: there the
attack must be found. It fails if an attack is found where none may be, is not found where one must be, or if an
honest run does not come through.

  --short   smaller bounds: under a minute instead of some minutes
  --built   dist/ is as new as lib/: do not build it
  --list    the names of the searches
  --help    this text

examples:
  npm run test:model
  npm run test:model -- --short no-mac_c no-offer
  npm run test:model -- records`;

const { short, built, names } = readArguments(process.argv.slice(2));
const searches = [
  ...[...PROTOCOL, ...WEAKENED].map((one) => ({ ...one, search: () => inHandshake(one) })),
  ...[RECORDS, ...FAULTY_RECORDS].map((one) => ({ ...one, search: () => inRecords(one) })),
];
for (const name of names) {
  if (!searches.some((one) => one.name === name)) fail(`there is no search ${name}`, 'npm run test:model -- --list');
}
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    endSearch();
    removeCopies();
    process.stderr.write(`ended by ${signal}\n`);
    process.exit(130);
  });
}
try {
  await main();
} catch (error) {
  removeCopies();
  fail(error instanceof Error ? error.message : `${error}`, 'see above; Maude 3.2 or later is needed (Debian: maude)');
}
removeCopies();

async function main() {
  const chosen = searches.filter(({ name }) => names.length === 0 || names.includes(name));
  if (!built) buildLib([]);
  /** @type {Row[]} */
  const rows = [];
  for (const { name, what, search } of chosen) {
    process.stderr.write(`${name}: ${what} …\n`);
    rows.push(await search());
  }
  process.stdout.write(`\n${table(rows)}\n`);
  const wrong = rows.filter(({ right }) => !right);
  const seconds = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  process.stdout.write(
    `\n${rows.length} searches, ${seconds.toFixed(0)} s of the CPU; ${wrong.length} not as they should be\n`,
  );
  if (wrong.length > 0) process.exitCode = 1;
}

/**
 * @param {HandshakeCase} handshake
 * @returns {Promise<Row>}
 */
async function inHandshake(handshake) {
  const { name, what, breaks, because, clients = 'A', servers = 'B' } = handshake;
  const sessions = (short && handshake.short) || { clients, servers };
  const honest = await searchHandshake(handshake, sessions, HONEST_RUN);
  const condition = attackOn(breaks);
  const { states, milliseconds, found, broken } = await searchHandshake(handshake, sessions, condition);
  const row = { name, what, states, milliseconds, bound: `C ${sessions.clients}, S ${sessions.servers}` };
  if (honest.found === undefined) return { ...row, verdict: 'NO HONEST RUN', right: false };
  if (found === undefined) {
    const verdict = breaks === undefined ? 'no attack' : `NO ATTACK on ${breaks} FOUND`;
    return { ...row, verdict: because === undefined ? verdict : `${verdict}: ${because}`, right: breaks === undefined };
  }
  const path = await pathTo(handshake, sessions, condition, found);
  const property = breaks ?? broken ?? 'agreement-of-server';
  tell(name, what, narrate(path, property, handshake.has ?? []));
  return {
    ...row,
    verdict: `${breaks === undefined ? 'ATTACK' : 'attack'} on ${property}`,
    right: breaks !== undefined,
  };
}

/**
 * @param {RecordCase} records
 * @returns {Promise<Row>}
 */
async function inRecords({ name, what, budgets, short: less, changes, breaks }) {
  const bounds = (short && less) || budgets;
  const progress = (/** @type {number} */ states) => {
    if (states > 1) process.stderr.write(`  ${states} states\n`);
  };
  const { states, milliseconds, wrong, path, calls, ends } = await searchRecords(
    await openCode(changes),
    bounds,
    progress,
  );
  const each = Object.values(bounds).map(({ data, update, rekey }) => `${data}·${update}·${rekey}`);
  const row = { name, what, states, milliseconds, bound: `C ${each[0]}, S ${each[1]}` };
  if (wrong !== undefined) tell(name, what, [...path, `wrong: ${wrong}`]);
  if (breaks === undefined) {
    const verdict = wrong === undefined ? `all is well (${ends} ends, ${calls} calls)` : 'FAULT';
    return { ...row, verdict, right: wrong === undefined && ends > 0 };
  }
  const right = wrong !== undefined && breaks.test(wrong);
  return { ...row, verdict: right ? 'fault found' : `NOT FOUND: ${breaks}`, right };
}

/**
 * @param {string} name
 * @param {string} what
 * @param {readonly string[]} lines
 */
function tell(name, what, lines) {
  const numbered = lines.map((line, i) => `  ${`${i + 1}`.padStart(2)} ${line}`);
  process.stdout.write(`\n${name} (${what}):\n${numbered.join('\n')}\n`);
}

/** @param {readonly Row[]} rows */
function table(rows) {
  const cells = rows.map(({ name, bound, states, milliseconds, verdict, what }) => [
    name,
    bound,
    `${states}`,
    `${(milliseconds / 1000).toFixed(1)}`,
    `${what}: ${verdict}`,
  ]);
  const all = [['search', 'bound', 'states', 'CPU s', 'what: verdict'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row.map((cell, i) => (i === 2 || i === 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))),
    )
    .map((row) => row.join('  '))
    .join('\n');
}

/** @param {readonly string[]} args */
function readArguments(args) {
  const options = args.filter((arg) => arg.startsWith('-'));
  const unknown = options.filter((option) => !['--short', '--built', '--list', '--help'].includes(option));
  if (unknown.length > 0) fail(`unknown arguments: ${unknown.join(' ')}`, 'npm run test:model -- --help');
  if (options.includes('--help')) end(USAGE);
  if (options.includes('--list')) {
    end([...PROTOCOL, ...WEAKENED, RECORDS, ...FAULTY_RECORDS].map(({ name, what }) => `${name}: ${what}`).join('\n'));
  }
  const names = args.filter((arg) => !arg.startsWith('-'));
  return { short: options.includes('--short'), built: options.includes('--built'), names };
}

/**
 * @param {string} text
 * @returns {never}
 */
function end(text) {
  process.stdout.write(`${text}\n`);
  process.exit(0);
}

/**
 * @param {string} error
 * @param {string} hint
 * @returns {never}
 */
function fail(error, hint) {
  process.stderr.write(`error: ${error}\nhint: ${hint}\n`);
  process.exit(1);
}
