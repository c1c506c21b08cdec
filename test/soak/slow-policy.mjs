// @ts-check
/**
 * A trust policy that does not answer, and clients that send as much as they may meanwhile. Their handshakes end by
 * the timeout, and what they sent is let go although the policy still has the connection in hand.
 */
import { setTimeout } from 'node:timers/promises';
import { flightWith } from './flight.mjs';

const HANDSHAKE_TIMEOUT = 3000;

/** What may be kept of a peer before its turn, and what a connection takes itself. */
const KEPT = 32 * 1024;
const CONNECTION = 20 * 1024;
const CLIENT_HELLO = 2636;

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean }} options
 */
export async function slowPolicy(stage, { short }) {
  const times = short ? 200 : 500;
  const limits = { pendingPerAddress: Number.POSITIVE_INFINITY, earlyDrop: Number.POSITIVE_INFINITY };
  const { subject, honest, before } = await stage.serve({ options: { handshakeTimeout: HANDSHAKE_TIMEOUT, limits } });
  const began = performance.now();
  await subject.ask('hold', { until: Number.POSITIVE_INFINITY });
  const hello = flightWith(stage.identity.publicKey).subarray(0, CLIENT_HELLO);
  const messages = [Buffer.concat([hello, Buffer.alloc(KEPT - 2 * CLIENT_HELLO)])];
  const attack = {
    port: honest.port,
    addresses: ['127.0.0.2'],
    times,
    atOnce: 40,
    messages,
    listens: true,
    holds: true,
  };
  await stage.start('raw-clients.mjs').ask('attack', attack);
  await setTimeout(HANDSHAKE_TIMEOUT / 4);
  const waiting = await subject.ask('measure');
  await setTimeout(HANDSHAKE_TIMEOUT);
  const after = await stage.settled(subject, before);
  const seconds = (performance.now() - began) / 1000;
  stage.row('slow policy', `${times} verdicts that never come`, seconds, before, waiting.peak.rss, after);

  const held = (/** @type {{ heap: number }} */ { heap }) => (heap - before.heap) / times;
  const [during, afterwards] = [held(waiting), held(after)];
  const kib = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  const [most, least] = [KEPT + CONNECTION, CONNECTION];
  stage.expect(`${waiting.waiting} wait for the policy`, waiting.waiting === times);
  stage.expect(`they hold ${kib(during)} each, of ${kib(most)}`, during > KEPT / 2 && during <= most);
  stage.expect(
    `${after.events.refused['PQ_ERR_TIMEOUT']} have timed out`,
    after.events.refused['PQ_ERR_TIMEOUT'] === times,
  );
  stage.expect(`and the policy holds ${kib(afterwards)} each, of ${kib(least)}`, afterwards <= least);
  stage.expectRest(before, after);
}
