// @ts-check
/** Data both ways at once through a tunnel, with checksums; in between nobody reads for a while. */
import { setTimeout } from 'node:timers/promises';
import { inMib, MIB } from './figures.mjs';

/**
 * @typedef {import('./actor.mjs').Actor} Actor
 * @typedef {import('./correspondent.mjs').Sums} Sums
 * @typedef {{ service: Actor, client: Actor, port: number }} Line
 */

/** Bytes each way; and after how many of them both sides stop reading. */
const SIZE = { short: { bytes: 64 * MIB, stallAt: 8 * MIB }, full: { bytes: 1024 * MIB, stallAt: 256 * MIB } };

/** The same before that, so that each end has made what it makes once. */
const WARM_UP = { bytes: 16 * MIB, stallAt: 17 * MIB };

/** Milliseconds without any progress after which nothing goes any more. */
const STILL = 500;

/** Bytes by which RSS of an end may grow, however much goes through: garbage that is not collected yet. */
const RSS_MORE = 96 * MIB;

/** Bytes of its heap that an end may hold while nobody reads: what waits in both directions. */
const HEAP_STALLED = 2 * MIB;

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean }} options
 */
export async function tunnel(stage, { short }) {
  const size = short ? SIZE.short : SIZE.full;
  const { line, ends } = await open(stage);
  await begin(line, WARM_UP);
  await sumsOf(line);
  const before = await Promise.all(ends.map(({ actor }) => stage.settled(actor, { handles: 0 })));
  const began = performance.now();
  await begin(line, size);
  const sent = await standstill(line);
  const stalled = await Promise.all(ends.map(({ actor }) => actor.ask('measure')));
  await Promise.all([line.service.ask('resume'), line.client.ask('resume')]);
  const [service, client] = await sumsOf(line);
  const seconds = (performance.now() - began) / 1000;

  const all = inMib(size.bytes);
  const isSame = (/** @type {Sums} */ from, /** @type {Sums} */ to) =>
    to.bytes === size.bytes && to.received === from.sent;
  stage.expect(`${all} up have the same SHA-256 at both ends`, isSame(client, service));
  stage.expect(`${all} down have the same SHA-256 at both ends`, isSame(service, client));
  stage.expect(`senders were held back after ${inMib(sent)} of ${inMib(2 * size.bytes)}`, sent < 2 * size.bytes);
  for (const [i, { who, actor }] of ends.entries()) {
    const [was, held] = [before[i], stalled[i]];
    const after = await stage.settled(actor, was);
    const peak = Math.max(held.peak.rss, after.peak.rss);
    stage.row(`tunnel, ${who}`, `${all} each way`, seconds, was, peak, after);
    const [waits, more] = [held.heap - was.heap, peak - was.rss];
    stage.say(who);
    stage.expect(
      `${inMib(waits)} of the heap wait while nobody reads, of ${inMib(HEAP_STALLED)}`,
      waits <= HEAP_STALLED,
    );
    stage.expect(`RSS grows by ${inMib(more)}, of ${inMib(RSS_MORE)}`, more <= RSS_MORE);
    stage.expectStart(was, after);
  }
}

/** @param {import('./stage.mjs').Stage} stage */
async function open(stage) {
  const [service, client] = [stage.start('correspondent.mjs'), stage.start('correspondent.mjs')];
  const [far, near] = [stage.start('tunnel-end.mjs'), stage.start('tunnel-end.mjs')];
  const [farKey, nearKey] = await Promise.all([far.ask('fingerprint'), near.ask('fingerprint')]);
  const between = await far.ask('open', { role: 'server', trust: nearKey, to: await service.ask('listen') });
  const port = await near.ask('open', { role: 'client', trust: farKey, to: between });
  const ends = [
    { who: "the service's end", actor: far },
    { who: "the client's end", actor: near },
  ];
  return { line: { service, client, port }, ends };
}

/**
 * @param {Line} line
 * @param {{ bytes: number, stallAt: number }} size
 */
async function begin({ service, client, port }, size) {
  await service.ask('expect', { seed: 1, ...size });
  await client.ask('call', { seed: 2, ...size, port });
}

/**
 * @param {Line} line
 * @returns {Promise<[service: Sums, client: Sums]>}
 */
function sumsOf({ service, client }) {
  return Promise.all([service.ask('sums'), client.ask('sums')]);
}

/**
 * Waits until nothing goes any more.
 *
 * @param {Line} line
 * @returns {Promise<number>} the bytes that both sides have sent
 */
async function standstill({ service, client }) {
  for (let last = -1; ; ) {
    const sent = (await service.ask('sent')) + (await client.ask('sent'));
    if (sent === last) return sent;
    last = sent;
    await setTimeout(STILL);
  }
}
