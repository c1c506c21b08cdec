// @ts-check
/** Honest clients. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { connect } from '../../dist/index.js';

/** Milliseconds before an honest client comes again, and by what factor that grows each time. */
const PAUSE = 50;
const GROWTH = 1.5;

/** Milliseconds for a whole handshake; the server, which has much to do, may use them all before it says a word. */
const PATIENCE = { handshakeTimeout: 10_000, frameTimeout: 10_000 };

/**
 * @typedef {object} Visit
 * @property {number} port
 * @property {string} [address] to come from
 * @property {import('../../dist/index.js').Identity} identity
 * @property {string} fingerprint the server's
 */

/**
 * A connection that is complete, at the first attempt.
 *
 * @param {Visit} visit
 * @throws {Error} that of the connection
 */
export async function visit({ port, address = '127.0.0.1', identity, fingerprint }) {
  const transport = connectTcp({ port, host: '127.0.0.1', localAddress: address, allowHalfOpen: true });
  const socket = connect({ ...PATIENCE, socket: transport, identity, trust: fingerprint });
  await once(socket, 'secureConnect');
  return socket;
}

/**
 * Connects and leaves; comes again with growing pauses if it is refused.
 *
 * @param {Visit} options
 * @param {number} patience milliseconds after which it gives up
 * @returns {Promise<{ attempts: number, elapsed: number }>}
 * @throws {Error} that of the last attempt
 */
export async function visitUntilIn(options, patience) {
  const began = performance.now();
  for (let attempts = 1, pause = PAUSE; ; attempts += 1, pause *= GROWTH) {
    try {
      (await visit(options)).destroy();
      return { attempts, elapsed: performance.now() - began };
    } catch (error) {
      if (performance.now() - began + pause > patience) throw error;
      await setTimeout(pause);
    }
  }
}

/**
 * One honest client after the other until an attack is over, each at its first attempt: how many there were, and the
 * milliseconds of the slowest.
 *
 * @param {Visit} options
 * @param {Promise<unknown>} attack
 * @throws {Error} that of a client which did not get in
 */
export async function visitDuring(options, attack) {
  let over = false;
  const end = () => {
    over = true;
  };
  attack.then(end, end);
  let [visits, slowest] = [0, 0];
  while (!over) {
    const { elapsed } = await visitUntilIn(options, 0);
    visits += 1;
    slowest = Math.max(slowest, elapsed);
  }
  return { visits, slowest };
}
