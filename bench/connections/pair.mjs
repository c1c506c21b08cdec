// @ts-check
/** The server and the clients of a rival: two processes, which are idle unless they are asked for something. */
import { fork } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Contender
 * @property {string} name in figures; stays the same from version to version
 * @property {string} title in tables
 * @property {string} transport
 * @property {object} settings
 */

/**
 * @typedef {object} Conditions
 * @property {import('./duty.mjs').Work} work
 * @property {import('./runtime.mjs').Runtime} runtime
 * @property {string | undefined} cpuProf the folder for CPU profiles
 */

/** @typedef {(what: string, argument?: unknown) => Promise<any>} Ask see endpoint.mjs */
/** @typedef {{ contender: Contender, server: Ask, client: Ask, end: () => void }} Pair */

const ENDPOINT = fileURLToPath(new URL('endpoint.mjs', import.meta.url));

/**
 * @param {Contender} contender
 * @param {Conditions} conditions
 * @returns {Promise<Pair>}
 */
export async function startPair(contender, conditions) {
  const { work } = conditions;
  const [server, client] = [start(contender, 'server', conditions), start(contender, 'client', conditions)];
  const introduction = await client.ask('introduce');
  await client.ask('meet', await server.ask('listen', { introduction, work }));
  const end = () => {
    server.end();
    client.end();
  };
  return { contender, server: server.ask, client: client.ask, end };
}

/**
 * Until the server has so many connections, too: it hears of each a little later than the client.
 *
 * @param {Pair} pair
 * @param {number} connections that are used for more than a handshake
 */
export async function settle({ server }, connections) {
  while ((await server('mark')).open !== connections) await setTimeout(5);
}

/**
 * @param {Contender} contender
 * @param {'server' | 'client'} role
 * @param {Conditions} conditions
 */
function start({ name, title, transport, settings }, role, { work, runtime, cpuProf }) {
  const file = `${work}-${name}-${role}.cpuprofile`;
  const profile = ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`, `--cpu-prof-name=${file}`];
  const child = fork(ENDPOINT, [transport, JSON.stringify(settings)], {
    execPath: runtime.path,
    execArgv: cpuProf === undefined ? [] : profile,
  });
  const ended = new Promise((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`${title}: the ${role} ended (${signal ?? code})`)));
    child.once('error', reject);
  });
  ended.catch(() => {}); // of interest only while it is asked for something
  /** @type {Ask} */
  const ask = async (what, argument) => {
    const answered = new Promise((resolve) => child.once('message', resolve));
    child.send({ ask: what, argument });
    const { answer, error } = await Promise.race([answered, ended]);
    if (error !== undefined) throw new Error(`${title}, ${role}, ${what}: ${error}`);
    return answer;
  };
  return { ask, end: () => child.connected && child.disconnect() };
}
