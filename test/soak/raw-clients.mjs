// @ts-check
/** Attackers who know TCP, and send what they were given: many clients in one process. */
import { connect } from 'node:net';
import { answer } from './answer.mjs';
import { inTurns } from './in-turns.mjs';
import { count } from './tally.mjs';

/**
 * @typedef {object} Attack
 * @property {number} port
 * @property {string[]} addresses to come from, by turns
 * @property {number} times connections
 * @property {number} atOnce how many of them may wait for what becomes of them
 * @property {Uint8Array[]} messages to send, one a connection, by turns
 * @property {boolean} listens whether it sends when the server has spoken, not at once
 * @property {boolean} holds whether a connection stays open once the server has spoken
 */

/** @type {Set<import('node:net').Socket>} */
const held = new Set();

answer({
  attack,
  leave: () => {
    for (const socket of held) socket.destroy();
  },
});

/**
 * Says what became of the connections: 'admitted', 'dropped' before the server spoke, or the number of an alert.
 *
 * @param {Attack} attack
 */
async function attack(attack) {
  /** @type {import('./tally.mjs').Tally} */
  const fates = {};
  await inTurns(attack.times, attack.atOnce, async (turn) => count(fates, await fateOf(attack, turn)));
  return fates;
}

/**
 * @param {Attack} attack
 * @param {number} turn
 * @returns {Promise<string>}
 */
function fateOf({ port, addresses, messages, listens, holds }, turn) {
  const socket = connect({ port, host: '127.0.0.1', localAddress: addresses[turn % addresses.length] });
  const message = /** @type {Uint8Array} */ (messages[turn % messages.length]);
  /** @type {Buffer | undefined} */
  let last;
  socket.on('error', () => {});
  socket.once('connect', () => {
    if (!listens) socket.write(message);
  });
  held.add(socket);
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      if (last === undefined && listens) socket.write(message);
      if (last === undefined && holds) resolve('admitted');
      last = chunk;
    });
    socket.once('close', () => {
      held.delete(socket);
      resolve(fateBy(last));
    });
  });
}

/**
 * An alert is the frame 0a 000001 with the code after it, and the last one that comes.
 *
 * @param {Buffer | undefined} last
 */
function fateBy(last) {
  if (last === undefined) return 'dropped';
  return last.subarray(-5, -1).toString('hex') === '0a000001' ? `alert ${last.at(-1)}` : 'closed';
}
