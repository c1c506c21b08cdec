/** Whatever bytes come, a decoder takes them or says why not; and there is one encoding of each message. */
import fc from 'fast-check';
import { concat } from '../../lib/bytes.js';
import { type ErrorCode, PqError } from '../../lib/errors.js';
import { parseFingerprint } from '../../lib/keys/fingerprint.js';
import { ALERT_CODES, alertReceived } from '../../lib/wire/alert.js';
import { exactField, fieldBetween } from '../../lib/wire/field.js';
import { acceptFrames, FRAME_TYPES, type FrameName, frame } from '../../lib/wire/frame.js';
import { emitClientHello, emitServerHello, parseClientHello, parseServerHello } from '../../lib/wire/hello.js';
import { type HardenedIdentities, hardenedIdentities, hardenedSides } from '../support/wired-hardened.js';

const RUNS = 2000;

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const random = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Small ones, so that a change often hits a count or a length. */
const extensions = fc
  .uniqueArray(fc.record({ type: fc.oneof(u16, fc.constantFrom(1, 2)), data: bytes(6) }), {
    maxLength: 3,
    selector: ({ type }) => type,
  })
  .map((list) => list.sort((a, b) => a.type - b.type));

const serverHellos = fc
  .record({
    versions: fc.uniqueArray(u8, { minLength: 1, maxLength: 3 }),
    random,
    suites: fc.uniqueArray(u16, { minLength: 1, maxLength: 3 }),
    keys: fc.uniqueArray(fc.record({ sigalg: u8, publicKey: bytes(8) }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ sigalg }) => sigalg,
    }),
    extensions,
  })
  .map(emitServerHello);

const clientHellos = fc
  .record({ version: u8, suite: u16, random, mode: fc.constantFrom(0, 1), key: bytes(8), extensions })
  .map(emitClientHello);

/** One change of a message. */
const edit = fc.record({
  kind: fc.constantFrom('flip', 'insert', 'delete', 'truncate', 'set', 'add'),
  at: fc.nat(),
  with: bytes(4),
  amount: fc.integer({ min: -3, max: 3 }),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const mutated = (messages: fc.Arbitrary<Uint8Array>) =>
  fc
    .tuple(messages, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([message, edits]) => edits.reduce(mutate, message));

describe.each([
  ['ServerHello', parseServerHello, emitServerHello, serverHellos],
  ['ClientHello', parseClientHello, emitClientHello, clientHellos],
] as const)('a %s', (_name, parse, emit, valid) => {
  // Both parsers with their emitters, so that one test does for either.
  const again = (body: Uint8Array) => emit(parse(body) as never);

  it.each([
    ['of any bytes', fc.oneof(bytes(100), bytes(4000), bytes(60).map(startedRight))],
    ['that was changed', mutated(valid)],
  ])('%s is refused with PQ_ERR_DECODE, or is what would be emitted, byte for byte', (_what, bodies) => {
    const property = fc.property(bodies, (body) => {
      const outcome = codeOr(() => again(body));
      if (typeof outcome === 'string') expect(outcome).toBe('PQ_ERR_DECODE');
      else expect(Buffer.from(outcome).equals(body)).toBe(true);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

describe('a hello', () => {
  const list = (maxLength: number) =>
    fc.oneof(fc.array(fc.nat(5), { maxLength }), fc.uniqueArray(u8, { maxLength, size: 'max' }));
  const lists = fc.record({
    versions: list(9),
    suites: list(9),
    sigalgs: list(5),
    types: fc.array(fc.nat(5), { maxLength: 4 }),
  });

  it('is refused for a list too short or too long, a value twice, extensions out of order, an unknown mode', () => {
    const property = fc.property(random, lists, fc.nat(2), (nonce, { versions, suites, sigalgs, types }, mode) => {
      const keys = sigalgs.map((sigalg, i) => ({ sigalg, publicKey: Uint8Array.of(i) }));
      const extensions = types.map((type) => ({ type, data: new Uint8Array(0) }));
      const ascending = types.every((type, i) => i === 0 || type > (types[i - 1] as number));
      const distinct = [versions, suites].every((list) => new Set(list).size === list.length);
      const isChoice = types.includes(2); // in a ClientHello it has data
      const chosenFrom = new Set(sigalgs).size < sigalgs.length;
      const counts = [versions, suites, sigalgs].map(({ length }) => length);
      const counted = counts.every((count, i) => count >= 1 && count <= (i < 2 ? 8 : 4));
      const offer = emitServerHello({ versions, random: nonce, suites, keys, extensions });
      expect(codeOr(() => parseServerHello(offer) && 'taken')).toBe(
        ascending && distinct && counted && isChoice === chosenFrom ? 'taken' : 'PQ_ERR_DECODE',
      );
      const choice = { version: 1, suite: 1, random: nonce, mode, key: new Uint8Array(1), extensions };
      const chosen = codeOr(() => parseClientHello(emitClientHello(choice)) && 'taken');
      expect(chosen).toBe(ascending && mode < 2 && !isChoice ? 'taken' : 'PQ_ERR_DECODE');
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

describe('a decoder refuses with an error of ours, and with no other:', () => {
  it('the header of a frame, or takes one that is permitted', () => {
    const names = fc.constantFrom(...(Object.keys(FRAME_TYPES) as FrameName[]));
    const permitted = fc.record({ name: names, least: fc.nat(3000), most: fc.integer({ min: 3000, max: 70_000 }) });
    const header = fc.oneof(
      fc.tuple(u8, u8, u8, u8),
      fc.tuple(fc.constantFrom(...Object.values(FRAME_TYPES)), fc.constantFrom(0, 1), u8, u8),
    );
    const property = fc.property(fc.array(permitted, { maxLength: 2 }), header, (list, [type, a, b, c]) => {
      const length = 65_536 * a + 256 * b + c;
      const named = list.find(({ name }) => FRAME_TYPES[name] === type);
      const right = named !== undefined && length >= named.least && length <= named.most;
      const wrong = named === undefined ? 'PQ_ERR_UNEXPECTED_MESSAGE' : 'PQ_ERR_DECODE';
      const outcome = codeOr(() => acceptFrames(...list)(Uint8Array.of(type, a, b, c)));
      expect(outcome).toBe(right ? length : wrong);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('the header of a field', () => {
    const header = fc.oneof(fc.tuple(u8, u8, u8, u8), fc.tuple(fc.constant(0), fc.constant(0), u8, u8));
    const property = fc.property(header, fc.nat(1000), fc.integer({ min: 1000, max: 70_000 }), (four, least, most) => {
      const length = Buffer.from(four).readUInt32BE();
      const inRange = length >= least && length <= most;
      const accept = fieldBetween('field', least, most);
      expect(codeOr(() => accept(Uint8Array.from(four)))).toBe(inRange ? length : 'PQ_ERR_DECODE');
      const isLeast = length === least;
      expect(codeOr(() => exactField('field', least)(Uint8Array.from(four)))).toBe(isLeast ? length : 'PQ_ERR_DECODE');
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('an alert of any bytes', () => {
    const codes: number[] = Object.values(ALERT_CODES);
    const property = fc.property(
      fc.oneof(
        bytes(4),
        u8.map((byte) => Uint8Array.of(byte)),
      ),
      (body) => {
        const known = body.length === 1 && codes.includes(body[0] as number);
        const outcome = codeOr(() => alertReceived(body).code);
        expect(outcome).toBe(known ? 'PQ_ERR_ALERT' : 'PQ_ERR_DECODE');
      },
    );
    fc.assert(property, { numRuns: RUNS });
  });

  it('any text that is no fingerprint', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^pqsock1:(mldsa87|dilithium5):[A-Za-z0-9_-]{42,44}$/));
    const property = fc.property(text, (fingerprint) => {
      const outcome = codeOr(() => parseFingerprint(fingerprint));
      expect([fingerprint, 'PQ_ERR_INVALID_OPTION']).toContain(outcome);
      const { length } = Buffer.from(fingerprint.split(':')[2] ?? '', 'base64url');
      if (outcome === fingerprint) expect(length).toBe(32);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

describe('a session', () => {
  let identities: HardenedIdentities;
  beforeAll(async () => {
    identities = await hardenedIdentities('Dilithium5');
  });

  const header = fc
    .tuple(fc.constantFrom(...Object.values(FRAME_TYPES)), fc.constantFrom(0, 1, 10), u8)
    .map(([type, a, b]) => Uint8Array.of(type, 0, a, b));

  it('takes any bytes at its start, or fails with an error of ours; a client answers nothing', () => {
    const streams = fc.oneof(
      bytes(4000),
      fc.tuple(header, bytes(3000)).map((parts) => concat(...parts)),
    );
    const property = fc.property(streams, (stream) => {
      const { client, server } = hardenedSides(identities);
      server.takeSent();
      for (const side of [client, server]) {
        codeOr(() => side.session.receive(stream));
        if (side === client) side.session.abort('decode_error');
        expect([side.opened, side.data.length, side.takeSent().length]).toEqual([undefined, 0, 0]);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('says nothing to a server whose ServerHello was changed, not even why', () => {
    const property = fc.property(fc.array(edit, { minLength: 1, maxLength: 2 }), fc.boolean(), (edits, early) => {
      const { client, server } = hardenedSides(identities);
      const sent = server.takeSent();
      // Counts and lengths are in the first bytes and the last; the rest is the server's key.
      const [body, rest] = early ? [sent.subarray(4, 60), sent.subarray(60)] : [sent.subarray(4), Buffer.alloc(0)];
      const changed = concat(edits.reduce(mutate, body), rest);
      const outcome = codeOr(() => client.session.receive(frame('ServerHello', changed)));
      if (outcome === undefined) expect(client.work?.kind).toBe('verdict');
      if (outcome === 'PQ_ERR_DECODE') client.session.abort('decode_error');
      expect(client.takeSent().length).toBe(0);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

/** The result, or the code of an error of ours; any other is a defect. */
function codeOr<T>(action: () => T): T | ErrorCode {
  try {
    return action();
  } catch (error) {
    if (error instanceof PqError) return error.code;
    throw error;
  }
}

function startedRight(rest: Uint8Array): Uint8Array {
  return concat(Buffer.from('PQSK'), Uint8Array.of(1, 1), new Uint8Array(32), rest);
}

function mutate(message: Uint8Array, { kind, at, with: put, amount }: Edit): Uint8Array {
  const offset = at % (message.length + 1);
  const [before, after] = [message.subarray(0, offset), message.subarray(offset)];
  switch (kind) {
    case 'insert':
      return concat(before, put, after);
    case 'delete':
      return concat(before, after.subarray(put.length));
    case 'truncate':
      return before.slice();
    case 'set':
      return concat(before, put.subarray(0, after.length), after.subarray(put.length));
    default: {
      const changed = message.slice();
      const old = changed[offset] ?? 0;
      if (offset < changed.length) changed[offset] = kind === 'flip' ? old ^ (1 << (at & 7)) : old + amount;
      return changed;
    }
  }
}
