// @ts-check
/**
 * Many honest clients: first all of them at once, idle once they have had an answer; then as many again by turns, and
 * ten times that. An idle one takes little, and one that has gone nothing.
 */
import { inMib, MIB } from './figures.mjs';
import { expectFlat, WARM_UP } from './flat.mjs';

const CROWD = {
  short: { processes: 2, idle: 300, passing: 900, rounds: 9 },
  full: { processes: 4, idle: 10_000, passing: 100_000, rounds: 20 },
};

/** Bytes of RSS for an idle connection: 18 to 24 KiB were seen, and 18 to 21 of thousands. */
const BYTES_EACH = { short: 28 * 1024, full: 24 * 1024 };

/** Bytes by which RSS may grow while the others come and go. */
const RSS_GROWTH = { short: 8 * MIB, full: 16 * MIB };

/** The same of the garbage-collected heap: what V8 learns in the meantime, and for each connection. */
const HEAP_GROWTH = 256 * 1024;
/** One that stayed would take over 10 KiB. */
const HEAP_EACH = { short: 512, full: 16 };

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean }} options
 */
export async function crowd(stage, { short }) {
  const size = short ? 'short' : 'full';
  const { processes, idle, passing, rounds } = CROWD[size];
  const clients = Array.from({ length: processes }, () => stage.start('clients.mjs'));
  const trusted = await Promise.all(clients.map((client) => client.ask('fingerprint')));
  const { subject, honest, before } = await stage.serve({ trusted, does: 'echo' });
  const order = { port: honest.port, fingerprint: honest.fingerprint };
  const all = (/** @type {string} */ command, /** @type {number} */ times) =>
    Promise.all(
      clients.map((client, i) =>
        client.ask(command, { ...order, address: `127.0.0.${i + 2}`, times: times / processes }),
      ),
    );

  let began = performance.now();
  await all('stay', idle / 2);
  const half = await subject.ask('measure');
  await all('stay', idle / 2);
  const whole = await subject.ask('measure');
  await Promise.all(clients.map((client) => client.ask('leave')));
  const left = await stage.settled(subject, before);
  stage.row('idle', `${idle} connections`, (performance.now() - began) / 1000, before, whole.peak.rss, left);
  const each = ((whole.rss - half.rss) / idle) * 2;
  const opened = openedOf(whole) - openedOf(before);
  const isOpen = opened === idle && whole.handles >= before.handles + idle;
  stage.expect(`${opened} of ${idle} are open at once`, isOpen);
  const most = BYTES_EACH[size];
  stage.expect(`an idle one takes ${inKib(each)} of RSS, of ${inKib(most)}`, each > 0 && each <= most);
  stage.expectRest(before, left);

  began = performance.now();
  /** @type {(import('./flat.mjs').Sample & { peak: { rss: number } })[]} */
  const samples = [];
  while (samples.length < rounds) {
    await all('pass', passing / rounds);
    samples.push(await stage.settled(subject, before));
    if (!short) stage.say(`${samples.length} of ${rounds} rounds; RSS ${inMib(samples.at(-1)?.rss ?? 0)}`);
  }
  const after = await stage.settled(subject, before);
  const peak = Math.max(...samples.map((sample) => sample.peak.rss));
  stage.row('passing', `${passing} connections`, (performance.now() - began) / 1000, left, peak, after);
  const heap = HEAP_GROWTH + HEAP_EACH[size] * passing * (1 - WARM_UP);
  expectFlat(stage, 'the server', samples, { rss: RSS_GROWTH[size], heap });
  stage.expectRest(before, after);
}

/** @param {{ events: { opened: import('./tally.mjs').Tally } }} measured */
function openedOf({ events: { opened } }) {
  return Object.values(opened).reduce((sum, times) => sum + times, 0);
}

/** @param {number} bytes */
function inKib(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
