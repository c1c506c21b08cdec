// @ts-check
/** The ways in which a client of the churn ends its connection. */
import { createHash } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { connect } from '../../dist/index.js';
import { hashOf, payload } from './payload.mjs';

/** The right way, and more often than each of the others. */
const WHOLE = 'whole';

/** In the midst of the data but for the last, which is in the midst of the handshake. */
const EARLY = ['destroyed', 'reset', 'truncated', 'cut in the handshake'];

export const ENDS = [WHOLE, ...EARLY];

/** Bytes each way, at the most; and how long a handshake may take, in milliseconds, before it is cut. */
const BYTES_MOST = 300_000;
const CUT_WITHIN = 8;

/**
 * Makes a connection to a server that sends back what it gets, and ends it in one of the ways by chance.
 *
 * @param {number} seed of the data
 * @param {{ port: number, identity: import('../../dist/index.js').Identity, trust: string, limits: object }} options
 * @returns {Promise<string>} one of {@link ENDS}, or what went wrong
 */
export async function passThrough(seed, { port, ...options }) {
  const end = Math.random() < 0.6 ? WHOLE : /** @type {string} */ (EARLY[Math.floor(Math.random() * EARLY.length)]);
  const transport = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
  const socket = connect({ ...options, socket: transport, allowHalfOpen: true });
  const length = Math.floor(Math.random() * BYTES_MOST);
  if (end === WHOLE) return exchange(socket, seed, length);
  const gone = new Promise((resolve) => socket.once('close', resolve)); // not once(): it takes an 'error' for the end
  socket.on('error', () => {}); // what it is depends on who hears first
  if (end === 'cut in the handshake') {
    setTimeout(() => transport.destroy(), Math.random() * CUT_WITHIN);
  } else {
    pipeline(Readable.from(payload(seed, 2 * BYTES_MOST)), socket, () => {});
    let left = length;
    socket.on('data', (chunk) => {
      left -= chunk.length;
      if (left > 0) return;
      if (end === 'destroyed') socket.destroy();
      else if (end === 'reset') transport.resetAndDestroy();
      else transport.end();
    });
  }
  await gone;
  return end;
}

/**
 * @param {import('../../dist/index.js').PqSocket} socket
 * @param {number} seed
 * @param {number} length
 */
async function exchange(socket, seed, length) {
  const hash = createHash('sha256');
  pipeline(Readable.from(payload(seed, length)), socket, () => {});
  try {
    for await (const chunk of socket) hash.update(chunk);
  } catch (error) {
    return /** @type {any} */ (error).code;
  }
  return hash.digest('hex') === hashOf(payload(seed, length)) ? WHOLE : 'wrong data';
}
