// @ts-check
/** The server and the clients of a rival: processes that are idle unless they are asked for something. */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '../child.mjs';

/**
 * @typedef {object} Contender
 * @property {string} name in figures; stays the same from version to version
 * @property {string} title in tables
 * @property {string} transport
 * @property {object} settings
 * @property {import('./runtime.mjs').Runtime} [runtime] if it is not that of all
 */

/**
 * @typedef {object} Conditions
 * @property {import('./duty.mjs').Work} work
 * @property {import('./runtime.mjs').Runtime} runtime
 * @property {string | undefined} cpuProf the folder for CPU profiles
 * @property {string[]} [flags] of the server's Node
 * @property {boolean} [probed] whether there are two processes of clients, one of which is no load
 */

/** @typedef {import('../child.mjs').Ask} Ask see endpoint.mjs */
/**
 * @typedef {object} Pair
 * @property {Contender} contender
 * @property {Ask} server
 * @property {Ask} client
 * @property {Ask} probe may be `client`
 * @property {any} invitation what the server has told its clients
 * @property {() => void} end
 */

/** Milliseconds in which a server hears of what its client has done. */
const PATIENCE = 30_000;

const ENDPOINT = fileURLToPath(new URL('endpoint.mjs', import.meta.url));

/**
 * Starts a pair for each contender, has work done with them, and ends them.
 *
 * @template T
 * @param {Contender[]} contenders
 * @param {Conditions} conditions
 * @param {(pairs: Pair[]) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withPairs(contenders, conditions, use) {
  const started = contenders.map((contender) => startPair(contender, conditions));
  try {
    return await use(await Promise.all(started));
  } finally {
    for (const one of await Promise.allSettled(started)) if (one.status === 'fulfilled') one.value.end();
  }
}

/**
 * Until the server has so many connections, too: it hears of each a little later than the client.
 *
 * @param {Pair} pair
 * @param {number} connections that are used for more than a handshake
 */
export async function settle({ server, contender }, connections) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const { open } = await server('mark');
    if (open === connections) return;
    if (performance.now() > end)
      throw new Error(`${contender.title}: ${open} connections are open, not ${connections}`);
    await setTimeout(5);
  }
}

/**
 * @param {Contender} contender
 * @param {Conditions} conditions
 * @returns {Promise<Pair>}
 */
async function startPair(contender, conditions) {
  const server = start(contender, 'server', conditions);
  const client = start(contender, 'client', conditions);
  const probe = conditions.probed ? start(contender, 'probe', conditions) : client;
  const clients = new Set([client, probe]);
  const introduction = [];
  for (const { ask } of clients) introduction.push(...[await ask('introduce')].flat());
  const invitation = await server.ask('listen', { introduction, work: conditions.work });
  for (const { ask } of clients) await ask('meet', invitation);
  const end = () => {
    for (const process of [server, ...clients]) process.end();
  };
  return { contender, server: server.ask, client: client.ask, probe: probe.ask, invitation, end };
}

/**
 * @param {Contender} contender
 * @param {'server' | 'client' | 'probe'} role
 * @param {Conditions} conditions
 */
function start({ name, title, transport, settings, ...own }, role, { work, runtime, cpuProf, flags = [] }) {
  const file = `${work}-${name}-${role}.cpuprofile`;
  const profile = ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`, `--cpu-prof-name=${file}`];
  return startChild(ENDPOINT, [transport, JSON.stringify(settings)], {
    title: `${title}, ${role}`,
    execPath: (own.runtime ?? runtime).path,
    execArgv: [...(role === 'server' ? flags : []), ...(cpuProf === undefined ? [] : profile)],
  });
}
