// @ts-check
/**
 * Connections that come and go, with data both ways, new keys all the time, and every way to end. Nothing of them may
 * stay: memory is flat once the process has warmed up.
 */
import { ENDS } from './ends.mjs';
import { inMib, MIB, spent } from './figures.mjs';
import { expectFlat, WARM_UP } from './flat.mjs';
import { format, sum } from './tally.mjs';

/** Keys are renewed after so many bytes, and with a REKEY as often as there is data to send. */
const LIMITS = { keyBytes: 50_000, rekeyInterval: 1 };

/** Rounds, after each of which everything comes to rest and is measured; the first third warms up. */
const ROUNDS = { short: 9, full: 30 };

/** Bytes by which RSS may grow after that, along the line that fits best. */
const RSS_GROWTH = { short: 8 * MIB, full: 16 * MIB };

/** The same of the garbage-collected heap: what V8 learns in the meantime, and for each connection. */
const HEAP_GROWTH = 256 * 1024;
/** One that stayed would take over 10 KiB. */
const HEAP_EACH = { short: 1024, full: 128 };

/** Fewer say that the keys were not renewed. How many there are depends on how long a connection takes. */
const LEAST_REKEYS = 20;

/** Milliseconds between reports. */
const TELL_EVERY = 30_000;

/** @typedef {{ rss: number, heap: number, handles: number, peak: { rss: number } }} Sample */

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean, minutes: number }} options
 */
export async function churn(stage, { short, minutes }) {
  const size = short ? 'short' : 'full';
  const clients = [stage.start('clients.mjs'), stage.start('clients.mjs')];
  const trusted = await Promise.all(clients.map((client) => client.ask('fingerprint')));
  const options = { limits: { keyBytes: LIMITS.keyBytes, rekeyLeast: 0 } };
  const { subject, honest, before } = await stage.serve({ trusted, does: 'echo', options });
  const began = performance.now();
  const seconds = (short ? 8 : minutes * 60) / ROUNDS[size];
  const orders = { port: honest.port, fingerprint: honest.fingerprint, seconds, atOnce: 8, limits: LIMITS };
  /** @type {Sample[][]} */
  const samples = [];
  /** @type {import('./tally.mjs').Tally[]} */
  const results = [];
  for (let told = began; samples.length < ROUNDS[size]; ) {
    results.push(...(await Promise.all(clients.map((client) => client.ask('churn', orders)))));
    const rest = [stage.settled(subject, before), ...clients.map((client) => client.ask('measure'))];
    samples.push(await Promise.all(rest));
    if (performance.now() - told < TELL_EVERY) continue;
    told = performance.now();
    const rss = samples.at(-1)?.map((sample) => inMib(sample.rss));
    stage.say(`${samples.length} of ${ROUNDS[size]} rounds; RSS ${rss?.join(', ')}`);
  }
  const after = await stage.settled(subject, before);
  const took = (performance.now() - began) / 1000;
  const fates = sum(...results);
  const total = Object.values(fates).reduce((all, times) => all + times, 0);
  const peak = Math.max(...samples.map(([first]) => first?.peak.rss ?? 0));
  stage.row('churn', `${total} connections`, took, before, peak, after);

  stage.expect(
    `ends: ${format(fates)}`,
    ENDS.every((end) => (fates[end] ?? 0) > 0),
  );
  const odd = Object.keys(fates).filter((fate) => !ENDS.includes(fate));
  stage.expect(`none ends otherwise${odd.length > 0 ? `: ${odd.join(', ')}` : ''}`, odd.length === 0);
  const { encapsulate = 0, sign = 0 } = spent(before, after);
  const keys = after.newKeys - before.newKeys - 2 * sign;
  stage.expect(
    `${encapsulate - sign} REKEYs and ${keys} new keys`,
    encapsulate - sign >= LEAST_REKEYS && keys > 4 * sign,
  );
  for (const [i, who] of ['the server', 'a client', 'the other'].entries()) {
    const own = samples.map((sample) => /** @type {Sample} */ (sample[i]));
    const heap = HEAP_GROWTH + HEAP_EACH[size] * (total / (i === 0 ? 1 : clients.length)) * (1 - WARM_UP);
    expectFlat(stage, who, own, { rss: RSS_GROWTH[size], heap });
  }
  stage.expectRest(before, after);
}
