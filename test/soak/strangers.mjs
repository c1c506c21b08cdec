// @ts-check
/**
 * Garbage, and right handshakes with keys that nobody trusts, from the address that an honest client comes from. They
 * cost no lattice work, and the honest client gets in although its address waits behind all others.
 */
import { randomBytes } from 'node:crypto';
import { isWorkOf, spent } from './figures.mjs';
import { flightWith, frame } from './flight.mjs';
import { format } from './tally.mjs';
import { visitDuring } from './visit.mjs';

const HANDSHAKE_TIMEOUT = 10_000;

/** Below what one address may have under way, so that there is a place for the honest client. */
const AT_ONCE = 100;

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean }} options
 */
export async function strangers(stage, { short }) {
  const times = short ? 1000 : 10_000;
  const { subject, honest, before } = await stage.serve({});
  const began = performance.now();
  const each = { port: honest.port, addresses: ['127.0.0.1'], times, atOnce: AT_ONCE, holds: false };
  const attack = Promise.all([
    stage.start('raw-clients.mjs').ask('attack', { ...each, messages: garbage(), listens: false }),
    stage.start('clients.mjs').ask('knock', { port: honest.port, times, atOnce: AT_ONCE }),
  ]);
  const { visits, slowest } = await visitDuring(honest, attack);
  const [garbled, refused] = await attack;
  const { peak } = await subject.ask('measure');
  const after = await stage.settled(subject, before);
  const seconds = (performance.now() - began) / 1000;
  stage.row('strangers', `${times} of garbage, ${times} of unknown keys`, seconds, before, peak.rss, after);

  const work = spent(before, after);
  stage.expect(`${visits} honest clients of that address get in meanwhile`, visits > 0);
  stage.expect(`the slowest takes ${slowest.toFixed(0)} ms, of ${HANDSHAKE_TIMEOUT}`, slowest <= HANDSHAKE_TIMEOUT);
  stage.expect(`the lattice work is theirs: ${format(work)}`, isWorkOf(visits, work));
  stage.expect(`unknown keys are told: ${format(refused)}`, refused['auth_failed'] === times);
  stage.expect(`garbage is told: ${format(garbled)}`, garbled['dropped'] === undefined);
  stage.expectStart(before, after);
}

/** What no client of ours would send. */
function garbage() {
  const flight = flightWith(randomBytes(2592));
  return [
    randomBytes(32),
    randomBytes(60_000),
    Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    Buffer.from('16030100050100000100', 'hex'), // of TLS
    Buffer.from('02ffffff', 'hex'), // a ClientHello of 16 MiB
    frame(0x02, randomBytes(2632)),
    frame(0x04, randomBytes(4595)),
    frame(0x10, randomBytes(1000)),
    frame(0x0a, Uint8Array.of(6)),
    Buffer.concat([flight, flight]),
    flight.subarray(1),
    Buffer.alloc(40_000),
  ];
}
