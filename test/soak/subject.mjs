// @ts-check
/** The side under test, in a process of its own: serves or dials as it is told, and says what that takes. */
import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { connect, createServer, Identity, operationCounts } from '../../dist/index.js';
import { answer } from './answer.mjs';
import { peakRss, read } from './gauge.mjs';
import { payload } from './payload.mjs';
import { count } from './tally.mjs';

/**
 * @typedef {import('../../dist/index.js').PqSocket} PqSocket
 * @typedef {object} Service
 * @property {string[]} trusted fingerprints
 * @property {'nothing' | 'echo' | 'send'} [does]
 * @property {number} [bytes] to send to everybody
 * @property {Partial<import('../../dist/index.js').HardenedOptions<import('../../dist/index.js').ServerLimits>>} [options]
 */

const identity = await Identity.generate();

/** @type {Record<'opened' | 'dropped' | 'refused' | 'ended', import('./tally.mjs').Tally>} */
const events = { opened: {}, dropped: {}, refused: {}, ended: {} };
/** Handshakes under way, each with what ends it: our own count, not that of the code under test. */
/** @type {Map<string, () => void>} */
const handshakes = new Map();
/** How many of them each address has. @type {Map<string, number>} */
const underWay = new Map();
const most = { underWay: 0, ofOneAddress: 0 };
let newKeys = 0;

answer({ listen, dial, hold, measure });

/** @param {Service} service */
async function listen({ trusted, does = 'nothing', bytes = 0, options }) {
  const trust = async (/** @type {{ fingerprint: string }} */ { fingerprint }) => {
    await verdicts?.();
    return trusted.includes(fingerprint);
  };
  const server = createServer({ identity, trust, allowHalfOpen: does === 'echo', ...options }, (socket) => {
    handshakes.get(`${socket.remoteAddress} ${socket.remotePort}`)?.();
    count(events.opened, socket.getPeerFingerprint());
    serve(socket, does, bytes);
  });
  server.on('connection', (transport) => follow(/** @type {import('node:net').Socket} */ (transport)));
  server.on('drop', ({ reason }) => count(events.dropped, reason));
  server.on('clientError', (error) => count(events.refused, /** @type {any} */ (error).code));
  server.on('keylog', () => {
    newKeys += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    fingerprint: identity.fingerprint,
  };
}

/**
 * Connects so often, all at once; and says how long each connection took to fail, in milliseconds.
 *
 * @param {{ port: number, times: number, options: object }} argument
 */
function dial({ port, times, options }) {
  const dialled = Array.from({ length: times }, async () => {
    const began = performance.now();
    const socket = connect({ host: '127.0.0.1', port, identity, trust: 'any', ...options });
    const [error] = await once(socket, 'error');
    count(events.refused, error.code);
    return performance.now() - began;
  });
  return Promise.all(dialled);
}

/** What the policy waits for before it gives a verdict. @type {(() => Promise<void>) | undefined} */
let verdicts;
/** How many of them wait. */
let waiting = 0;

/**
 * From now on verdicts wait until there are so many that wait; then all are given in one moment.
 *
 * @param {{ until: number }} argument
 */
function hold({ until }) {
  let release = () => {};
  /** @type {Promise<void>} */
  const released = new Promise((resolve) => {
    release = resolve;
  });
  verdicts = () => {
    waiting += 1;
    if (waiting === until) release();
    return released;
  };
}

/** Begins a new peak. */
async function measure() {
  const peak = { rss: peakRss(), ...most };
  Object.assign(most, { underWay: 0, ofOneAddress: 0 });
  return {
    ...(await read()),
    peak,
    underWay: handshakes.size,
    waiting,
    newKeys,
    events,
    operations: operationCounts(),
  };
}

/**
 * @param {PqSocket} socket
 * @param {Service['does']} does
 * @param {number} bytes
 */
function serve(socket, does, bytes) {
  socket.on('error', (error) => count(events.ended, /** @type {any} */ (error).code));
  if (does === 'echo') socket.pipe(socket);
  else socket.resume();
  if (does === 'send') pipeline(Readable.from(payload(0, bytes)), socket, () => {});
}

/**
 * A handshake is under way until its transport is closed or it is complete.
 *
 * @param {import('node:net').Socket} transport
 */
function follow(transport) {
  if (transport.destroyed) return; // dropped
  const { remoteAddress = '', remotePort } = transport;
  const name = `${remoteAddress} ${remotePort}`;
  const end = () => {
    if (handshakes.delete(name)) change(remoteAddress, -1);
  };
  handshakes.set(name, end);
  change(remoteAddress, 1);
  transport.once('close', end);
}

/**
 * @param {string} address
 * @param {number} by
 */
function change(address, by) {
  const of = (underWay.get(address) ?? 0) + by;
  underWay.set(address, of);
  most.ofOneAddress = Math.max(most.ofOneAddress, of);
  most.underWay = Math.max(most.underWay, handshakes.size);
}
