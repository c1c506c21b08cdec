// @ts-check
/** Clients of the package, many in one process. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, Identity } from '../../dist/index.js';
import { answer } from './answer.mjs';
import { passThrough } from './ends.mjs';
import { peakRss, read } from './gauge.mjs';
import { inTurns } from './in-turns.mjs';
import { hashOf, payload } from './payload.mjs';
import { count } from './tally.mjs';
import { visit } from './visit.mjs';

const identity = await Identity.generate();

/** What stays open until it is told to leave. @type {Set<import('../../dist/index.js').PqSocket>} */
const kept = new Set();

answer({
  fingerprint: () => identity.fingerprint,
  knock,
  download,
  stall,
  stay,
  pass,
  churn,
  measure: async () => ({ ...(await read()), peak: { rss: peakRss() } }),
  leave: () => {
    for (const socket of kept) socket.destroy();
  },
});

/**
 * Connects so often, and says what became of it: 'connected', the name of an alert, or the code of another error.
 *
 * @param {{ port: number, times: number, atOnce: number }} argument
 */
async function knock({ port, times, atOnce }) {
  /** @type {import('./tally.mjs').Tally} */
  const fates = {};
  await inTurns(times, atOnce, async () => {
    const socket = connect({ host: '127.0.0.1', port, identity, trust: 'any' });
    const fate = await once(socket, 'secureConnect').then(
      () => 'connected',
      (error) => error.alert ?? error.code,
    );
    count(fates, fate);
    socket.destroy();
  });
  return fates;
}

/**
 * Takes what the server sends on so many connections at once: how many of them had the right data, and how long it took.
 *
 * @param {{ port: number, times: number, bytes: number }} argument
 */
async function download({ port, times, bytes }) {
  const began = performance.now();
  const expected = hashOf(payload(0, bytes));
  let right = 0;
  await inTurns(times, times, async () => {
    const hash = createHash('sha256');
    for await (const chunk of connect({ host: '127.0.0.1', port, identity, trust: 'any' })) hash.update(chunk);
    if (hash.digest('hex') === expected) right += 1;
  });
  return { right, elapsed: performance.now() - began };
}

/**
 * Connects so often, and never reads.
 *
 * @param {{ port: number, times: number }} argument
 */
async function stall({ port, times }) {
  await inTurns(times, 10, async () => {
    const socket = connect({ host: '127.0.0.1', port, identity, trust: 'any' });
    kept.add(socket);
    await once(socket, 'secureConnect');
  });
}

/**
 * Connects so often, has one answer each time, and then does nothing.
 *
 * @param {import('./visit.mjs').Visit & { times: number }} argument
 */
async function stay({ times, ...place }) {
  await inTurns(times, 10, async () => {
    const socket = await visit({ ...place, identity });
    kept.add(socket);
    socket.write('?');
    await once(socket, 'data');
  });
}

/**
 * Connects so often, and leaves in the right way.
 *
 * @param {import('./visit.mjs').Visit & { times: number }} argument
 */
async function pass({ times, ...place }) {
  await inTurns(times, 10, async () => {
    const socket = await visit({ ...place, identity });
    socket.resume().end();
    await once(socket, 'close');
  });
}

/**
 * Connections that end in every way, for so many seconds: how often each.
 *
 * @param {{ port: number, fingerprint: string, seconds: number, atOnce: number, limits: object }} argument
 */
async function churn({ port, fingerprint, seconds, atOnce, limits }) {
  const end = performance.now() + seconds * 1000;
  /** @type {import('./tally.mjs').Tally} */
  const fates = {};
  const options = { port, identity, trust: fingerprint, limits };
  let seed = 0;
  await inTurns(atOnce, atOnce, async () => {
    while (performance.now() < end) {
      seed += 1;
      count(fates, await passThrough(seed, options));
    }
  });
  return fates;
}
