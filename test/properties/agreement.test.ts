/**
 * Whatever two applications do, and however the bytes between them come: each delivers what the other wrote, all of it
 * and in order, before its end. And whatever is changed in the handshake, nobody believes in a connection that isn't.
 */
import fc from 'fast-check';
import { expandLabel } from '../../lib/crypto/hkdf.js';
import { Secret } from '../../lib/crypto/secret.js';
import type { SuiteName } from '../../lib/crypto/suites.js';
import type { LoggedSecret, Role } from '../../lib/record/channel.js';
import { HANDSHAKE_ERRORS } from '../support/handshake-errors.js';
import {
  anyOptions,
  anyRole,
  anySuite,
  Connection,
  HOUR,
  received,
  renewingOptions,
  schedules,
  smallSchedules,
} from '../support/schedules.js';
import { type End, type HardenedIdentities, hardenedIdentities, SUITE_ALGORITHMS } from '../support/wired-hardened.js';

const SCHEDULES = 150;
const SMALL_SCHEDULES = 500;
const HANDSHAKES = 300;

const identities = new Map<string, HardenedIdentities>();
beforeAll(async () => {
  for (const name of ['Dilithium5', 'ML-DSA-87'] as const) identities.set(name, await hardenedIdentities(name));
});
const identitiesOf = (suite: SuiteName) => identities.get(SUITE_ALGORITHMS[suite]) as HardenedIdentities;

describe('two sessions', () => {
  it('deliver all that was written, in order, whatever the schedule, and nobody is stuck', () => {
    const reached = { updates: 0, rekeys: 0 };
    const property = fc.property(anySuite, anyOptions, fc.boolean(), schedules, (suite, options, open, schedule) => {
      const connection = new Connection(identitiesOf(suite), suite, options);
      if (open) connection.drain();
      for (const action of schedule) connection.do(action);
      connection.drain();
      expectAgreement(connection);
      goOn(connection);
      const { keylog } = connection.client.side;
      const renewed = rekeys(keylog, 'client');
      const unending = connection.ends.every(({ closed }) => !closed);
      if (unending && options.client.limits.rekeyInterval <= HOUR) expect(renewed).toBeGreaterThanOrEqual(2);
      finish(connection);
      reached.rekeys += renewed;
      reached.updates += keylog.length - 2 - renewed - rekeys(keylog, 'server');
    });
    fc.assert(property, { numRuns: SCHEDULES });
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(SCHEDULES / 10);
  });

  it('lose nothing when CLOSE crosses the messages of a REKEY, or a KEY_UPDATE', () => {
    let crossings = 0;
    const property = fc.property(
      anySuite,
      renewingOptions,
      fc.boolean(),
      smallSchedules,
      (suite, options, renewed, schedule) => {
        const connection = new Connection(identitiesOf(suite), suite, options);
        connection.drain();
        connection.clock.now += HOUR;
        if (renewed) renewTooSoon(connection);
        for (const action of schedule) connection.do(action);
        connection.drain();
        expectAgreement(connection);
        goOn(connection);
        finish(connection);
        // A REKEY that gave only the server a new key has met the client's CLOSE.
        const { keylog } = connection.server.side;
        if (rekeys(keylog, 'server') > rekeys(keylog, 'client')) crossings += 1;
      },
    );
    fc.assert(property, { numRuns: SMALL_SCHEDULES });
    expect(crossings).toBeGreaterThan(SMALL_SCHEDULES / 100);
  });
});

describe('a handshake', () => {
  type Fault = (frame: Buffer, at: number) => Buffer[];
  const where = fc.record({ sender: anyRole, index: fc.nat(3), at: fc.nat() });

  /** Both write as soon as they may. In the end the transport ends: what would come to nothing else is an error, too. */
  function shake(suite: SuiteName, { sender, index, at }: { sender: Role; index: number; at: number }, fault: Fault) {
    const connection = new Connection(identitiesOf(suite), suite, {});
    const { ends } = connection;
    for (const end of ends) connection.write(end, 100);
    let passed = 0;
    const pass = (end: End, peer: End) => {
      const frames = peer.wire.splice(0).flatMap(framesOf);
      const mine = peer === connection[sender];
      peer.wire.push(...frames.flatMap((frame) => (mine && passed++ === index ? fault(frame, at) : frame)));
      end.takeFrom(peer, Number.POSITIVE_INFINITY);
    };
    while (ends.some(({ wire }) => wire.length > 0)) for (const end of ends) pass(end, connection.peerOf(end));
    for (const end of ends) end.finished = true;
    connection.drain();
    return connection;
  }

  it('fails on both sides when any bit of it is flipped, and nothing is delivered', () => {
    const codes = new Set<string | undefined>();
    const property = fc.property(anySuite, where, (suite, place) => {
      const { client, server } = shake(suite, place, flip);
      for (const { side, error } of [client, server]) {
        expect(side.data.length).toBe(0);
        codes.add(error?.code);
      }
      // Who finds out tells the other, unless what it got was no hello, or not all of one.
      if (place.index > 0) expect([client.error?.code, server.error?.code]).toContain('PQ_ERR_ALERT');
      // Only a client can be open, and hear of the fault then: its own confirmation is the last message.
      expect(server.side.opened).toBeUndefined();
      if (place.sender === 'server' || place.index < 3) expect(client.side.opened).toBeUndefined();
    });
    fc.assert(property, { numRuns: HANDSHAKES });
    for (const code of codes) expect(HANDSHAKE_ERRORS).toContain(code);
    expect(codes.size).toBeGreaterThan(4);
  });

  it.each<[string, Fault]>([
    ['is sent twice', (frame) => [frame, frame]],
    ['is lost', () => []],
    ['lacks a byte', (frame, at) => [frame.subarray(0, at % frame.length), frame.subarray((at % frame.length) + 1)]],
    [
      'has a byte twice',
      (frame, at) => [frame.subarray(0, (at % frame.length) + 1), frame.subarray(at % frame.length)],
    ],
  ])('opens on no side, or on both with the same keys, when a frame %s', (_what, fault) => {
    const property = fc.property(anySuite, where, (suite, place) => {
      const connection = shake(suite, place, fault);
      const [client, server] = connection.ends;
      expect(received(client, server).isPrefix && received(server, client).isPrefix).toBe(true);
      if (server.side.opened !== undefined) expect(keysOf(server)).toEqual(keysOf(client));
      for (const { error, side } of connection.ends) {
        expect(HANDSHAKE_ERRORS).toContain(error?.code);
        expect(side.ended).toBe(false);
      }
    });
    fc.assert(property, { numRuns: HANDSHAKES / 4 });
  });
});

/** The next REKEY that the client asks for is one that the server answers late. */
function renewTooSoon(connection: Connection): void {
  connection.write(connection.client, 1);
  connection.drain();
  connection.clock.now += 999;
}

/** Where a direction is open it goes on, and under a new key within an hour. */
function goOn(connection: Connection): void {
  const sides = [
    ['client', connection.client],
    ['server', connection.server],
  ] as const;
  const generations = () => sides.map(([sender, { side }]) => secretsOf(side.keylog, sender).length);
  for (let i = 0; i < 2; i += 1) {
    const before = generations();
    connection.clock.now += HOUR;
    for (const end of connection.ends) connection.write(end, 100);
    connection.drain();
    const renewed = generations().map((count, j) => count > (before[j] as number));
    expect(sides.map(([, { closed }], j) => closed || renewed[j])).toEqual([true, true]);
  }
  expectAgreement(connection);
}

function finish(connection: Connection): void {
  for (const end of connection.ends) end.close();
  connection.drain();
  expectAgreement(connection);
  expect(connection.ends.map(({ side }) => side.ended)).toEqual([true, true]);
}

/** Neither has failed, each has what the other wrote, and both have the same keys. */
function expectAgreement(connection: Connection): void {
  for (const end of connection.ends) {
    const peer = connection.peerOf(end);
    expect([end.error, received(end, peer)]).toEqual([undefined, { isPrefix: true, missing: 0, ended: peer.closed }]);
  }
  const keys = keysOf(connection.client);
  expect(keys).toEqual(keysOf(connection.server));
  expect(new Set(keys).size).toBe(keys.length);
}

/** The exporter's, and the traffic secrets of each direction in their order. */
function keysOf({ exported, side: { keylog } }: End): (string | undefined)[] {
  return [exported, ...secretsOf(keylog, 'client'), ...secretsOf(keylog, 'server')];
}

function secretsOf(keylog: readonly LoggedSecret[], sender: Role): string[] {
  return keylog.filter((line) => line.sender === sender).map(({ secret }) => Buffer.from(secret).toString('hex'));
}

/** How many of the secrets do not follow from the one before: a REKEY has made them. */
function rekeys(keylog: readonly LoggedSecret[], sender: Role): number {
  const secrets = secretsOf(keylog, sender);
  return secrets.slice(1).filter((secret, i) => secret !== updated(secrets[i] as string)).length;
}

function updated(secret: string): string {
  const next = expandLabel(Secret.from(Buffer.from(secret, 'hex')), 'upd', new Uint8Array(0), 64);
  return next.export().toString('hex');
}

function framesOf(flight: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < flight.length; at += 4 + flight.readUIntBE(at + 1, 3)) {
    frames.push(flight.subarray(at, at + 4 + flight.readUIntBE(at + 1, 3)));
  }
  return frames;
}

function flip(frame: Buffer, at: number): Buffer[] {
  // Every other one in the first bytes, where the header is, and what says how the rest is to be read.
  const bit = (at >> 1) % (8 * (at & 1 ? Math.min(frame.length, 60) : frame.length));
  const flipped = Buffer.from(frame);
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
  return [flipped];
}
