// @ts-check
/**
 * Clients that begin handshakes and don't end them. Each shows an authorized public key and sends its whole flight but
 * the last byte, which is the most memory that can be taken without a signature.
 */
import { inMib, isWorkOf, MIB, spent } from './figures.mjs';
import { flightWith } from './flight.mjs';
import { format, sum } from './tally.mjs';
import { visitUntilIn } from './visit.mjs';

const PENDING = 1024;
const EARLY_DROP = 512;
const PER_ADDRESS = 256;
const EXCESS = 50;
const BYTES_EACH = 32 * 1024;
/** What V8 and malloc may keep for themselves, in bytes of RSS, after thousands have come and gone. */
const RESERVE = 16 * MIB;

const HANDSHAKE_TIMEOUT = 10_000;

/** Milliseconds in which an honest client gets in that is not kept out. */
const AT_ONCE = 2000;

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean }} options
 */
export async function halfOpen(stage, { short }) {
  await oneAddress(stage);
  await manyAddresses(stage, short ? { times: 1000, processes: 2 } : { times: 10_000, processes: 8 });
}

/**
 * One address takes its own places, and nobody else's.
 *
 * @param {import('./stage.mjs').Stage} stage
 */
async function oneAddress(stage) {
  const { subject, honest } = await stage.serve({});
  const fates = await attack(stage, honest, { times: PER_ADDRESS + EXCESS, processes: 1, addresses: ['127.0.0.2'] });
  const { attempts, elapsed } = await visitUntilIn(honest, AT_ONCE);
  const { peak } = await subject.ask('measure');
  stage.expect(
    `one address has ${peak.ofOneAddress} handshakes under way of ${PER_ADDRESS}`,
    peak.ofOneAddress === PER_ADDRESS,
  );
  stage.expect(`and ${fates['dropped']} more are dropped`, fates['dropped'] === EXCESS);
  stage.expect(`an honest client elsewhere gets in at attempt ${attempts}, ${elapsed.toFixed(0)} ms`, attempts === 1);
}

/**
 * Many take all that there are. A newcomer is let in by luck, or once the first ones have used up their time.
 *
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ times: number, processes: number }} options
 */
async function manyAddresses(stage, { times, processes }) {
  const { subject, honest, before } = await stage.serve({});
  const began = performance.now();
  const addresses = Array.from({ length: 16 }, (_, i) => `127.0.0.${i + 2}`);
  const fates = await attack(stage, honest, { times, processes, addresses });
  const full = await subject.ask('measure');
  const { attempts, elapsed } = await visitUntilIn(honest, HANDSHAKE_TIMEOUT);
  const { events } = await subject.ask('measure');
  await Promise.all(stage.actors('raw-clients.mjs').map((actor) => actor.ask('leave')));
  const after = await stage.settled(subject, before);
  const work = spent(before, after);
  const { underWay, ofOneAddress, rss } = full.peak;
  const seconds = (performance.now() - began) / 1000;
  stage.row('half-open', `${times} sockets, ${fates['admitted']} admitted`, seconds, before, rss, after);

  const allowed = underWay * BYTES_EACH;
  const [heap, resident] = [full.heap - before.heap, full.rss - before.rss];
  stage.expect(`${underWay} are under way at the most, of ${PENDING}`, underWay > EARLY_DROP && underWay <= PENDING);
  stage.expect(`of one address ${ofOneAddress} of ${PER_ADDRESS}`, ofOneAddress <= PER_ADDRESS);
  stage.expect(`${events.dropped['early-drop']} were dropped at random`, events.dropped['early-drop'] > 0);
  stage.expect(`they hold ${inMib(heap)} of the heap, of ${inMib(allowed)}: 32 KiB each`, heap <= allowed);
  stage.expect(`and ${inMib(resident)} of RSS, of that and ${inMib(RESERVE)}`, resident <= allowed + RESERVE);
  stage.expect(
    `an honest client gets in at attempt ${attempts}, after ${(elapsed / 1000).toFixed(1)} s of at most 10 s`,
    elapsed <= HANDSHAKE_TIMEOUT,
  );
  stage.expect(`only the honest one costs lattice work: ${format(work)}`, isWorkOf(1, work));
  stage.expectStart(before, after);
}

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ port: number, identity: import('../../dist/index.js').Identity }} honest
 * @param {{ times: number, processes: number, addresses: string[] }} options
 */
async function attack(stage, { port, identity }, { times, processes, addresses }) {
  const flight = flightWith(identity.publicKey);
  const messages = [flight.subarray(0, -1)];
  const each = { port, addresses, times: times / processes, atOnce: 40, messages, listens: true, holds: true };
  const attackers = Array.from({ length: processes }, () => stage.start('raw-clients.mjs').ask('attack', each));
  return sum(...(await Promise.all(attackers)));
}
