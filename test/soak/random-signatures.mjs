// @ts-check
/**
 * Flights with an authorized public key, which anybody may know, and random signatures: each costs one verification
 * at the most, and those who send them wait behind all others.
 */
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { isWorkOf, spent } from './figures.mjs';
import { flightWith } from './flight.mjs';
import { format } from './tally.mjs';
import { visitDuring, visitUntilIn } from './visit.mjs';

const TIMES = 1000;
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'];

/** The queue alone is to stand against them. */
const NO_ADMISSION = { pendingHandshakes: Number.POSITIVE_INFINITY, earlyDrop: Number.POSITIVE_INFINITY };

/** Milliseconds: on a busy machine they may need longer than a handshake may take, to be all there. */
const PATIENCE = 60_000;

/** A queue of 512, and what is at work besides. */
const MOST = 512 + 2 * availableParallelism();
const REFUSED = 'alert 6';
const BUSY = 'alert 8';

/** @param {import('./stage.mjs').Stage} stage */
export async function randomSignatures(stage) {
  const { subject, honest, before } = await stage.serve({
    options: { limits: NO_ADMISSION, handshakeTimeout: PATIENCE },
  });
  const began = performance.now();
  const first = sendFlights(stage, honest, 50);
  const { visits, slowest } = await visitDuring(honest, first);
  const fates = await first;
  const between = await subject.ask('measure');
  const burst = await allAtOnce(stage, subject, honest);
  const { peak } = await subject.ask('measure');
  const after = await stage.settled(subject, before);
  const seconds = (performance.now() - began) / 1000;
  stage.row('random signatures', `${TIMES}, and ${TIMES} in one moment`, seconds, before, peak.rss, after);

  stage.expect(`${visits} honest clients elsewhere get in, the slowest in ${slowest.toFixed(0)} ms`, visits > 0);
  stage.expect(`all are refused: ${format(fates)}`, fates[REFUSED] === TIMES);
  expectWork(stage, spent(before, between), TIMES, visits);
  const { [REFUSED]: verified = 0, [BUSY]: busy = 0 } = burst;
  stage.expect(
    `in one moment: ${format(burst)}; ${MOST} are verified or wait, the honest one among them`,
    verified === MOST - 1 && verified + busy === TIMES,
  );
  expectWork(stage, spent(between, after), verified, 1);
  stage.expectStart(before, after);
}

/**
 * The policy lets all of them wait, so that they come to the queue in one moment. An honest client is the last, and one
 * of the others gives up its place to it: their addresses have had faults.
 *
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('./actor.mjs').Actor} subject
 * @param {import('./visit.mjs').Visit} honest
 */
async function allAtOnce(stage, subject, honest) {
  await subject.ask('hold', { until: TIMES + 1 });
  const attack = sendFlights(stage, honest, TIMES / ADDRESSES.length);
  const end = performance.now() + PATIENCE;
  while ((await subject.ask('measure')).waiting < TIMES && performance.now() < end) await setTimeout(50);
  await visitUntilIn(honest, 0);
  return attack;
}

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('./visit.mjs').Visit} honest
 * @param {number} atOnce of each address
 */
async function sendFlights(stage, { port, identity }, atOnce) {
  const messages = [flightWith(identity.publicKey)];
  const each = { port, addresses: ADDRESSES, times: TIMES, atOnce: atOnce * ADDRESSES.length, messages };
  return stage.start('raw-clients.mjs').ask('attack', { ...each, listens: true, holds: false });
}

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {import('./figures.mjs').Counts} work
 * @param {number} refused
 * @param {number} honest
 */
function expectWork(stage, work, refused, honest) {
  const { verify = 0, ...rest } = work;
  const holds = verify === refused + honest && isWorkOf(honest, { ...rest, verify: honest });
  stage.expect(`${refused} wrong signatures and ${honest} honest clients cost ${format(work)}`, holds);
}
