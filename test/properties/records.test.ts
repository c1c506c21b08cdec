/** Records: what is sealed is opened to the same, and no fault on the way, and nothing that a peer seals, does harm. */
import fc from 'fast-check';
import { concat } from '../../lib/bytes.js';
import { sealGcm } from '../../lib/crypto/aead.js';
import { primitivesOf } from '../../lib/crypto/primitives.js';
import { Secret } from '../../lib/crypto/secret.js';
import { SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import { type ErrorCode, PqError } from '../../lib/errors.js';
import { connectionLimits } from '../../lib/net/limits.js';
import type { ChannelOutput, Role } from '../../lib/record/channel.js';
import { HardenedChannel } from '../../lib/record/hardened-channel.js';
import { Inbound } from '../../lib/record/inbound.js';
import { INNER_TYPES, type InnerType } from '../../lib/record/inner-type.js';
import { Outbound } from '../../lib/record/outbound.js';
import { TrafficKeys } from '../../lib/record/traffic-keys.js';
import { frameHeader } from '../../lib/wire/frame.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';
import { bytesOf, framesOf, openOne } from '../support/frames.js';
import { anyOptions, anyRole, anySuite, Connection, received, schedules } from '../support/schedules.js';
import { type End, type HardenedIdentities, hardenedIdentities, SUITE_ALGORITHMS } from '../support/wired-hardened.js';

const RUNS = 300;
const FAULTY_SCHEDULES = 60;
const PLAINTEXT_MAX = 65_537;
const TAG_LENGTH = 16;

/** Takes what a channel says. */
class Listener implements ChannelOutput {
  readonly sent: Frame[] = [];
  readonly got: Buffer[] = [];
  ended = false;

  send(...parts: Uint8Array[]): void {
    this.sent.push(...framesOf(Buffer.concat(parts)));
  }

  data(plaintext: Uint8Array): void {
    this.got.push(Buffer.from(plaintext));
  }

  end(): void {
    this.ended = true;
  }

  wakeIn(): void {}

  keylog(): void {}

  now(): number {
    return 0;
  }
}

const innerTypes = fc.constantFrom(...(Object.keys(INNER_TYPES) as InnerType[]));
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  fc.nat(65_536).map((length) => new Uint8Array(length)), // nothing but zeros, as padding is
  fc.constantFrom(65_535, 65_536).map((length) => new Uint8Array(length).fill(7)),
);
const secret = () => Secret.from(Buffer.alloc(64, 's'));

describe('a record', () => {
  const limits = fc.record({
    keyRecords: fc.constantFrom(2, 3, 2 ** 24),
    keyBytes: fc.constantFrom(1, 100, 70_000, 2 ** 30),
    keyAge: fc.constant(1),
    padding: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: PLAINTEXT_MAX })),
  });
  const records = fc.array(fc.tuple(innerTypes, contents), { maxLength: 12 });

  it('of any type and content is opened to the same, padded as asked, and no key seals more than its share', () => {
    const property = fc.property(limits, records, (share, list) => {
      const out = new Listener();
      const outbound = new Outbound('client', secret(), share, 0);
      for (const [type, content] of list) {
        if (type === 'KEY_UPDATE') outbound.update(out);
        else outbound.send(type, content, out);
      }
      const inbound = new Inbound('client', secret(), connectionLimits('server', { keyUpdates: 1000 }));
      const underOneKey: number[] = [];
      const opened = out.sent.map((frame): [InnerType, Buffer] => {
        const { type, content } = openOne(inbound, frame);
        const padded = frame.body.length - TAG_LENGTH;
        expect(padded % share.padding === 0 || padded === PLAINTEXT_MAX).toBe(true);
        underOneKey.push(padded);
        if (type !== 'KEY_UPDATE') return [type, Buffer.from(content)];
        expectShare(share, underOneKey.splice(0));
        inbound.update(out);
        return [type, Buffer.from(content)];
      });
      const others = opened.filter(([type]) => type !== 'KEY_UPDATE');
      const expected = list.filter(([type]) => type !== 'KEY_UPDATE');
      expect(others.map(([type]) => type)).toEqual(expected.map(([type]) => type));
      expect(others.every(([, content], i) => content.equals(expected[i]?.[1] as Uint8Array))).toBe(true);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  /** `sizes` ends with the KEY_UPDATE's. One record may be bigger than the share: it goes by itself. */
  function expectShare({ keyRecords, keyBytes }: { keyRecords: number; keyBytes: number }, sizes: number[]): void {
    const before = sizes.slice(0, -1);
    expect(sizes.length).toBeLessThanOrEqual(keyRecords);
    if (before.length > 1) expect(before.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(keyBytes);
  }
});

describe('an open connection', () => {
  const kem = primitivesOf(SUITES['mlkem1024-mldsa87']).kem;
  const keypair = kem.keypair().runSync();
  const content = fc.oneof(
    { arbitrary: fc.constant(new Uint8Array(0)), weight: 3 },
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(36, 37, 548, 549, 1567, 1568, 1569).map((length) => new Uint8Array(length).fill(9)),
    fc.constant(keypair.publicKey),
  );
  const type = fc.oneof({ arbitrary: fc.constantFrom(...Object.values(INNER_TYPES)), weight: 20 }, fc.nat(255));
  const padding = fc.oneof(fc.constant(0), fc.nat(300));
  const formed = fc
    .tuple(content, type, padding)
    .map(([bytes, byte, zeros]) => concat(bytes, Uint8Array.of(byte), new Uint8Array(zeros)));
  const plaintext = fc.oneof(
    { arbitrary: formed, weight: 15 },
    fc.nat(15).map((code) => Uint8Array.of(code, INNER_TYPES.ALERT)),
    fc.uint8Array({ maxLength: 20 }),
    fc.nat(300).map((length) => new Uint8Array(length)),
  );
  const repeated = fc.tuple(plaintext, fc.integer({ min: 1, max: 40 })).map(([one, times]) => Array(times).fill(one));
  const plaintexts = fc
    .array(
      fc.oneof(
        plaintext.map((one) => [one]),
        repeated,
      ),
      { maxLength: 20, size: 'max' },
    )
    .map((parts): Uint8Array[] => parts.flat());

  it.each(['client', 'server'] as const)(
    'as a %s, takes what a peer may send and nothing else, and fails with an error of ours',
    (role) => {
      const codes = new Set<ErrorCode>();
      const property = fc.property(plaintexts, fc.boolean(), fc.boolean(), (list, asked, closed) => {
        const secrets = { client: secret(), server: secret(), master: secret() };
        const limits = {
          ...connectionLimits(role, { rekeyInterval: asked ? 1 : 1000 }),
          padding: 1,
          maxRecordSize: 1000,
        };
        const channel = new HardenedChannel(role, secrets, kem, limits, -1);
        const out = new Listener();
        channel.write(Buffer.from('asks for a REKEY, if it is time'), out);
        if (closed) channel.close(out);
        const keys = new TrafficKeys(secret());
        const expected: Buffer[] = [];
        let ended = false;
        let requested = false;
        for (const inner of list) {
          const header = frameHeader('Record', inner.length + TAG_LENGTH);
          const body = Buffer.concat(sealGcm(keys.key, keys.nextNonce(), [inner], header));
          const code = codeOf(() => {
            channel.acceptHeader(header);
            channel.receive(bytesOf({ header, body }), out);
          });
          const length = inner.findLastIndex((byte) => byte !== 0);
          const last = inner[length] ?? 0;
          const permitted = !ended && isPermitted(last, length, role, requested, asked);
          if (code !== 'PQ_ERR_FLOOD') expect([last, length, code === undefined]).toEqual([last, length, permitted]);
          if (code !== undefined) codes.add(code);
          if (last === INNER_TYPES.DATA && permitted) expected.push(Buffer.from(inner.subarray(0, length)));
          if (last === INNER_TYPES.REKEY_INIT) requested = !closed; // else it has crossed our CLOSE
          if (last === INNER_TYPES.CLOSE) ended = true;
          if (last === INNER_TYPES.KEY_UPDATE) keys.update();
          if (code !== undefined || last === INNER_TYPES.REKEY_RESP || last === INNER_TYPES.REKEY_DONE) break;
        }
        expect(Buffer.concat(out.got).equals(Buffer.concat(expected))).toBe(true);
        if (closed) expect(channel.alert('internal', out)).toBe(false);
      });
      fc.assert(property, { numRuns: 2 * RUNS });
      expect([...codes].sort()).toEqual(PEERS_FAULTS);
    },
  );

  /** What PROTOCOL.md lets a peer send, in "State machines", as far as one side of it goes. */
  function isPermitted(type: number, length: number, role: Role, requested: boolean, asked: boolean): boolean {
    const { DATA, CLOSE, KEY_UPDATE, TICKET, REKEY_INIT, REKEY_RESP, REKEY_DONE } = INNER_TYPES;
    if (type === DATA) return true;
    if (type === CLOSE || type === KEY_UPDATE) return length === 0;
    if (role === 'client' && type === TICKET) return length >= 37 && length <= 548;
    if (role === 'client' && type === REKEY_RESP) return asked && length === 1568;
    if (role === 'server' && type === REKEY_INIT) return !requested && length === 1568;
    return role === 'server' && type === REKEY_DONE && requested && length === 0;
  }

  const PEERS_FAULTS = [
    'PQ_ERR_ALERT',
    'PQ_ERR_BAD_RECORD',
    'PQ_ERR_DECODE',
    'PQ_ERR_FLOOD',
    'PQ_ERR_REKEY',
    'PQ_ERR_UNEXPECTED_MESSAGE',
  ];
});

/** What can happen to the wire of a sender; false if there was nothing that it could happen to. */
const FAULTS = {
  'a flipped bit': ({ wire }, at) => flip(wire[at % wire.length], at),
  'a flipped bit of a header': (sender, at) => flip(wholeRecords(sender)[at % 3]?.subarray(0, 4), at),
  'a lost record': (sender, at) => replace(sender, at, 1, () => []),
  'a repeated record': (sender, at) => replace(sender, at, 1, ([record]) => [record, record]),
  'two records in the wrong order': (sender, at) => replace(sender, at, 2, ([one, two]) => [two, one]),
  'the end cut off': (sender, at) => cut(sender, at),
} as const satisfies Record<string, (sender: End, at: number) => boolean>;
type Fault = keyof typeof FAULTS;

/** How the receiver may find out. */
const FOUND: Record<Fault, readonly ErrorCode[]> = {
  'a flipped bit': ['PQ_ERR_BAD_RECORD', 'PQ_ERR_DECODE', 'PQ_ERR_UNEXPECTED_MESSAGE', 'PQ_ERR_TRUNCATED'],
  'a flipped bit of a header': ['PQ_ERR_BAD_RECORD', 'PQ_ERR_DECODE', 'PQ_ERR_UNEXPECTED_MESSAGE', 'PQ_ERR_TRUNCATED'],
  'a lost record': ['PQ_ERR_BAD_RECORD', 'PQ_ERR_TRUNCATED'],
  'a repeated record': ['PQ_ERR_BAD_RECORD', 'PQ_ERR_UNEXPECTED_MESSAGE'],
  'two records in the wrong order': ['PQ_ERR_BAD_RECORD'],
  'the end cut off': ['PQ_ERR_TRUNCATED'],
};

describe('a connection', () => {
  const identities = new Map<string, HardenedIdentities>();
  beforeAll(async () => {
    for (const name of ['Dilithium5', 'ML-DSA-87'] as const) identities.set(name, await hardenedIdentities(name));
  });

  const where = fc.record({ by: anyRole, at: fc.nat() });
  const story = fc.tuple(schedules, where, schedules);

  it.each(Object.keys(FAULTS) as Fault[])('gives a part of the data, and never as if it were all, with %s', (fault) => {
    let happened = 0;
    const property = fc.property(
      anySuite,
      anyOptions,
      story,
      (suite: SuiteName, options, [before, { by, at }, after]) => {
        const connection = new Connection(
          identities.get(SUITE_ALGORITHMS[suite]) as HardenedIdentities,
          suite,
          options,
        );
        connection.drain(); // the handshake
        for (const action of before) connection.do(action);
        const sender = connection[by];
        const receiver = connection.peerOf(sender);
        for (const length of [100, 3000]) if (sender.wire.length < 3) connection.write(sender, length);
        if (!FAULTS[fault](sender, at)) return;
        happened += 1;
        for (const action of after) connection.do(action);
        for (const end of connection.ends) end.close();
        connection.drain();
        for (const end of connection.ends) {
          const { isPrefix, missing, ended } = received(end, connection.peerOf(end));
          expect([isPrefix, ended && missing > 0]).toEqual([true, false]);
        }
        expect(FOUND[fault]).toContain(receiver.error?.code);
        // The other learns of it, unless it had been told before that everything was there.
        if (!sender.side.ended) expect(['PQ_ERR_ALERT', 'PQ_ERR_TRUNCATED']).toContain(sender.error?.code);
      },
    );
    fc.assert(property, { numRuns: FAULTY_SCHEDULES });
    expect(happened).toBeGreaterThan(FAULTY_SCHEDULES / 3);
  });
});

/** Those of which nothing was delivered. */
function wholeRecords({ wire, partial }: End): Buffer[] {
  return wire.slice(partial ? 1 : 0);
}

function flip(bytes: Buffer | undefined, at: number): boolean {
  if (bytes === undefined) return false;
  const bit = at % (bytes.length * 8);
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
  return true;
}

function replace(sender: End, at: number, count: number, change: (records: Buffer[]) => (Buffer | undefined)[]) {
  const records = wholeRecords(sender);
  if (records.length < count) return false;
  const index = at % (records.length - count + 1);
  const changed = change(records.slice(index, index + count)) as Buffer[];
  sender.wire.splice(index + (sender.partial ? 1 : 0), count, ...changed);
  return true;
}

/** The transport ends somewhere within what is on its way. */
function cut(sender: End, at: number): boolean {
  const bytes = Buffer.concat(sender.wire);
  if (bytes.length === 0) return false;
  sender.wire.splice(0, sender.wire.length, bytes.subarray(0, at % bytes.length));
  sender.finished = true;
  return true;
}

/** The code of an error of ours; any other is a defect. */
function codeOf(action: () => unknown): ErrorCode | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof PqError) return error.code;
    throw error;
  }
}
