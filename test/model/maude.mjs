// @ts-check
/** A case of the handshake's model as a module of Maude, and the search in it. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {import('./handshake-cases.mjs').HandshakeCase} HandshakeCase
 * @typedef {{ clients: string, servers: string }} Sessions the owners' names, a letter each
 * @typedef {import('./handshake-cases.mjs').Property} Property
 * @typedef {object} Search
 * @property {number} states
 * @property {number} milliseconds of the CPU
 * @property {string} [found] Maude's number of the state
 * @property {Property} [broken] where any property would do: the one that was found
 */

const MODEL = join(dirname(fileURLToPath(import.meta.url)), 'handshake.maude');

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;

/** Ends the search that is under way. */
export function endSearch() {
  running?.kill();
}

/** An honest run: both sides open, and the same seen. */
export const HONEST_RUN = 'done(ST:State)';

/**
 * The condition for an attack.
 *
 * @param {Property} [property] any, if it is not said
 */
export function attackOn(property) {
  return property === undefined ? '(PR:Term ; RE:Terms) := bad(ST:State)' : `isIn('${property}, bad(ST:State))`;
}

/**
 * Searches all states for the first that fulfils a condition.
 *
 * @param {HandshakeCase} handshake
 * @param {Sessions} sessions
 * @param {string} condition
 * @returns {Promise<Search>}
 */
export async function searchHandshake(handshake, sessions, condition) {
  const output = await runMaude(`${moduleOf(handshake, sessions)}${searchFor(condition)}`);
  const [, states, milliseconds] = /^states: (\d+) .* in (\d+)ms cpu/m.exec(output) ?? [];
  const found = /^Solution 1 \(state (\d+)\)/m.exec(output)?.[1];
  if (states === undefined || (found === undefined && !output.includes('No solution.'))) {
    throw new Error(`Maude did not search: ${output}`);
  }
  const broken = /** @type {Property | undefined} */ (/^PR:Term --> '(.*)$/m.exec(output)?.[1]);
  return {
    states: Number(states),
    milliseconds: Number(milliseconds),
    ...(found !== undefined && { found }),
    ...(broken !== undefined && { broken }),
  };
}

/**
 * The states on the way to one that was found, as Maude prints them.
 *
 * @param {HandshakeCase} handshake
 * @param {Sessions} sessions
 * @param {string} condition
 * @param {string} found
 */
export async function pathTo(handshake, sessions, condition, found) {
  const output = await runMaude(`${moduleOf(handshake, sessions)}${searchFor(condition)}show path ${found} .\n`);
  return [...output.matchAll(/^state \d+, State: (.*)$/gm)].map(([, term]) => /** @type {string} */ (term));
}

/**
 * The number of the first session of a server: those of the clients come before.
 *
 * @param {Sessions} sessions
 */
function firstServer({ clients }) {
  return clients.length + 1;
}

/**
 * @param {HandshakeCase} handshake
 * @param {Sessions} sessions
 */
function moduleOf({ has = [], drop = {}, broken, stealFrom = [], stolen, twoSuites = false }, sessions) {
  const honest = [...new Set(sessions.clients + sessions.servers)];
  const started = [
    ...[...sessions.clients].map((owner, i) => `newClient(${i + 1}, '${owner})`),
    ...[...sessions.servers].map((owner, i) => `newServer(${firstServer(sessions) + i}, '${owner})`),
  ];
  const equations = [
    `ids = ${[...honest, 'E'].map((name) => `'${name}`).join(' ; ')}`,
    twoSuites ? "suites = 'strong ; 'weak" : "suites = 'strong",
    twoSuites ? "offers = 's ; 'w ; 'sw" : "offers = 's",
    `leaky = ${stealFrom.map((client) => `ksk(${client})`).join(' ; ') || 'none'}`,
    ...has.map((power) => `has('${power}) = true`),
    ...(broken === undefined ? [] : [`broken('${broken}) = true`]),
    ...Object.entries(drop).flatMap(([place, fields]) => [
      `whole('${place}) = false`,
      ...fields.map((field) => `drop('${field}, '${place}) = true`),
    ]),
    `init = state(${started.join(' ')}, ${stolen === undefined ? 'none' : `sk('${stolen})`})`,
  ];
  const lines = equations.map((equation) => `  eq ${equation} .`);
  return ['mod CASE is', '  including HANDSHAKE .', '  op init : -> State .', ...lines, 'endm', ''].join('\n');
}

/** @param {string} condition */
function searchFor(condition) {
  return `search [1] init =>* ST:State such that ${condition} .\n`;
}

/**
 * @param {string} commands
 * @returns {Promise<string>}
 */
function runMaude(commands) {
  return new Promise((resolve, reject) => {
    const maude = spawn('maude', ['-no-banner', '-no-wrap', '-no-advise', MODEL], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running = maude;
    /** @type {Buffer[]} */
    const output = [];
    maude.stdout.on('data', (chunk) => output.push(chunk));
    maude.stderr.on('data', (chunk) => output.push(chunk));
    maude.on('error', reject);
    maude.on('close', (status, signal) => {
      const text = Buffer.concat(output).toString();
      if (status === 0 && !text.includes('Warning:')) resolve(text);
      else reject(new Error(`maude ended with ${signal ?? status}: ${text}`));
    });
    maude.stdin.end(`set show command off .\n${commands}quit\n`);
  });
}
