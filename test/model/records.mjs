// @ts-check
/**
 * Every order in which two honest sides of an open connection can act and take each other's records, up to a bound, on
 * the real channels of lib/record: PROTOCOL.md, chapters 8 to 10 and 13.
 */
import { setImmediate } from 'node:timers/promises';
import { RecordSides } from './record-side.mjs';

/**
 * @typedef {import('./record-side.mjs').Budget} Budget
 * @typedef {import('./record-side.mjs').Role} Role
 * @typedef {import('./record-side.mjs').Step} Step
 * @typedef {{ client: number, server: number, toServer: readonly number[], toClient: readonly number[] }} State
 * @typedef {{ state: State, by: string }} Move
 * @typedef {object} Found
 * @property {number} states
 * @property {number} calls how often a channel has really done something
 * @property {number} ends states after which nothing can happen
 * @property {number} milliseconds of the CPU
 * @property {string} [wrong]
 * @property {string[]} path what was done until then, if something is wrong
 */

/**
 * Goes through all states.
 *
 * @param {{ HardenedChannel: any, Secret: any }} code
 * @param {{ client: Budget, server: Budget }} budgets
 * @param {(states: number) => void} [progress]
 * @returns {Promise<Found>}
 */
export async function searchRecords(code, budgets, progress = () => {}) {
  const started = process.cpuUsage();
  const sides = new RecordSides(code);
  /** @type {{ state: State, from: number, by: string }[]} */
  const found = [];
  const known = new Set();
  const add = (/** @type {Move} */ { state, by }, /** @type {number} */ from) => {
    const name = `${state.client},${state.server},${state.toServer},/${state.toClient}`;
    if (known.has(name)) return;
    known.add(name);
    found.push({ state, from, by });
  };
  const [client, server] = [sides.first('client', budgets.client), sides.first('server', budgets.server)];
  add({ state: { client, server, toServer: [], toClient: [] }, by: '' }, -1);
  let ends = 0;
  /** @type {string | undefined} */
  let wrong;
  let at = 0;
  for (; at < found.length; at += 1) {
    if (at % 1000 === 0) await setImmediate(); // so that a signal is heard
    if (at % 100_000 === 0) progress(found.length);
    const { state } = /** @type {{ state: State }} */ (found[at]);
    const { moves, error } = movesFrom(sides, state);
    wrong = error ?? faultOf(sides, state) ?? (moves.length === 0 ? faultAtEnd(sides, state) : undefined);
    if (wrong !== undefined) break;
    if (moves.length === 0) ends += 1;
    for (const move of moves) add(move, at);
  }
  /** @type {string[]} */
  const path = [];
  for (let i = at; wrong !== undefined && i > 0; ) {
    const { by, from } = /** @type {{ by: string, from: number }} */ (found[i]);
    path.unshift(by);
    i = from;
  }
  const { user, system } = process.cpuUsage(started);
  const milliseconds = (user + system) / 1000;
  return { states: found.length, calls: sides.calls, ends, milliseconds, path, ...(wrong !== undefined && { wrong }) };
}

/**
 * @param {RecordSides} sides
 * @param {State} state
 * @returns {{ moves: Move[], error?: string }}
 */
function movesFrom(sides, state) {
  const { client, server, toServer, toClient } = state;
  /** @type {{ role: Role, action: string, step: Step, rest?: number[] }[]} */
  const steps = [];
  for (const role of /** @type {const} */ (['client', 'server'])) {
    for (const action of sides.actions(state[role])) {
      steps.push({ role, action, step: sides.act(state[role], action) });
    }
    const [record, ...rest] = role === 'client' ? toClient : toServer;
    if (record === undefined) continue;
    for (const { action, step } of sides.take(state[role], record)) steps.push({ role, action, step, rest });
  }
  /** @type {Move[]} */
  const moves = [];
  for (const { role, action, step, rest } of steps) {
    const by = `${role}: ${action}`;
    if (step.error !== undefined) return { moves: [], error: `${by}: ${step.error}` };
    const next =
      role === 'client'
        ? { client: step.side, server, toServer: [...toServer, ...step.sent], toClient: rest ?? toClient }
        : { client, server: step.side, toServer: rest ?? toServer, toClient: [...toClient, ...step.sent] };
    moves.push({ state: next, by });
  }
  return { moves };
}

/**
 * What must hold whenever nothing is on its way in a direction: both sides have the same secret for it, and the same
 * number of records under it.
 *
 * @param {RecordSides} sides
 * @param {State} state
 */
function faultOf(sides, { client, server, toServer, toClient }) {
  const [one, other] = [sides.side(client).channel, sides.side(server).channel];
  if (toServer.length === 0 && !sameKeys(one.$outbound, other.$inbound)) return 'the keys from client to server differ';
  if (toClient.length === 0 && !sameKeys(other.$outbound, one.$inbound)) return 'the keys from server to client differ';
  return undefined;
}

/**
 * What must hold when nothing more can happen. As every action uses something up, each state leads to such an end.
 *
 * @param {RecordSides} sides
 * @param {State} state
 */
function faultAtEnd(sides, { client, server }) {
  const [one, other] = [sides.side(client), sides.side(server)];
  if (!one.ended || !other.ended) return 'nothing can happen any more, and not both have closed';
  if (one.got !== other.written || other.got !== one.written) return 'data is lost';
  const left = [one.channel.$rekey.$asked?.secretKey, other.channel.$rekey.$answered];
  if (left.some((secret) => secret !== undefined)) return 'a secret of an unfinished REKEY is left over';
  return undefined;
}

/**
 * @param {any} sender
 * @param {any} receiver
 */
function sameKeys(sender, receiver) {
  const [one, other] = [sender.$keys, receiver.$keys];
  return one.sequence === other.sequence && Buffer.compare(one.secret, other.secret) === 0;
}
