// @ts-check
/** Peers in either role who follow the protocol up to some byte, and then send little or nothing. */
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { connect, createServer, Identity } from '../../dist/index.js';
import { answer } from './answer.mjs';
import { Throttled } from './throttled.mjs';

/** @typedef {import('./throttled.mjs').Throttle} Throttle */

const identity = await Identity.generate();
const PATIENT = { identity, trust: /** @type {const} */ ('any'), handshakeTimeout: 2 ** 30, frameTimeout: 2 ** 30 };

answer({ fingerprint: () => identity.fingerprint, dial, listen });

/**
 * One connection for each throttle, all at once; says how many milliseconds each was borne with.
 *
 * @param {{ port: number, throttles: Throttle[] }} argument
 */
function dial({ port, throttles }) {
  return Promise.all(
    throttles.map(async (throttle) => {
      const transport = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      const borne = lifeOf(transport);
      const socket = connect({ ...PATIENT, socket: new Throttled(transport, throttle) });
      socket.on('error', () => {});
      return borne;
    }),
  );
}

/**
 * A server whose connections have these throttles, by turns.
 *
 * @param {{ throttles: Throttle[] }} argument
 */
async function listen({ throttles }) {
  const server = createServer({ ...PATIENT, limits: { pendingPerAddress: Number.POSITIVE_INFINITY } });
  server.on('clientError', () => {});
  let turn = 0;
  const listener = createTcpServer({ allowHalfOpen: true }, (transport) => {
    const throttle = /** @type {Throttle} */ (throttles[turn % throttles.length]);
    turn += 1;
    server.emit('connection', new Throttled(transport, throttle));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return /** @type {import('node:net').AddressInfo} */ (listener.address()).port;
}

/**
 * Milliseconds until the other side ends its own.
 *
 * @param {import('node:net').Socket} transport
 */
async function lifeOf(transport) {
  const began = performance.now();
  await new Promise((resolve) => transport.once('end', resolve).once('close', resolve));
  return performance.now() - began;
}
