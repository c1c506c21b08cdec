/** What is emitted is parsed to the same. */
import fc from 'fast-check';
import { concat } from '../../lib/bytes.js';
import { SIG_ALGORITHMS, type SigName, sigByNumber } from '../../lib/crypto/suites.js';
import type { AlertName } from '../../lib/errors.js';
import { fingerprintOf, parseFingerprint } from '../../lib/keys/fingerprint.js';
import { ALERT_CODES, alertReceived } from '../../lib/wire/alert.js';
import { exactField, FIELD_HEADER_LENGTH, fieldHeader } from '../../lib/wire/field.js';
import {
  acceptFrames,
  exactly,
  FRAME_TYPES,
  type FrameName,
  frame,
  frameHeader,
  frameName,
} from '../../lib/wire/frame.js';
import { FrameDecoder } from '../../lib/wire/frame-decoder.js';
import {
  CLIENT_HELLO_LEAST,
  CLIENT_HELLO_MAX,
  type ClientHello,
  emitClientHello,
  emitServerHello,
  KEY_CHOICE,
  type OfferedKey,
  parseClientHello,
  parseServerHello,
  SERVER_HELLO_MAX,
  type ServerHello,
} from '../../lib/wire/hello.js';

const RUNS = 300;
const PUBLIC_KEY_LENGTH = 2592;

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exact = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Up to 1019 bytes of them, in many or in one, without the one whose form depends on other fields. */
const extensions = fc.oneof(several(8, 123), several(4, 250), several(1, 1015));

/** Known algorithms have keys of one length, others of any. */
const key = fc.oneof(u8, fc.constantFrom(1, 2)).chain((sigalg) =>
  (sigByNumber(sigalg) === undefined ? bytes(3000) : exact(PUBLIC_KEY_LENGTH)).map((publicKey) => ({
    sigalg,
    publicKey,
  })),
);

const serverHello: fc.Arbitrary<ServerHello> = fc
  .record({
    versions: fc.uniqueArray(u8, { minLength: 1, maxLength: 8 }),
    random: exact(32),
    suites: fc.uniqueArray(u16, { minLength: 1, maxLength: 8 }),
    keys: fc.uniqueArray(key, { minLength: 1, maxLength: 4, selector: keyText }),
    extensions,
  })
  .map((hello) => {
    const several = new Set(hello.keys.map(({ sigalg }) => sigalg)).size < hello.keys.length;
    return withChoice(hello, several ? new Uint8Array() : undefined);
  });

const clientHello: fc.Arbitrary<ClientHello> = fc
  .tuple(
    fc.record({
      version: u8,
      suite: u16,
      random: exact(32),
      mode: fc.constantFrom(0, 1),
      key: fc.oneof(exact(PUBLIC_KEY_LENGTH), fc.uint8Array({ minLength: 1, maxLength: 512 })),
      extensions,
    }),
    fc.option(exact(1), { nil: undefined }),
  )
  .map(([hello, choice]) => withChoice(hello, choice));

const frameNames = fc.constantFrom(...(Object.keys(FRAME_TYPES) as FrameName[]));

describe('what is emitted is parsed to the same:', () => {
  it('a ServerHello, which has at most 16,384 bytes', () => {
    const property = fc.property(serverHello, (hello) => {
      const body = emitServerHello(hello);
      expect(body.length).toBeLessThanOrEqual(SERVER_HELLO_MAX);
      expect(readable(parseServerHello(body))).toEqual(readable(hello));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('a ClientHello, which has 41 to 3656 bytes', () => {
    const property = fc.property(clientHello, (hello) => {
      const body = emitClientHello(hello);
      expect(body.length).toBeGreaterThanOrEqual(CLIENT_HELLO_LEAST);
      expect(body.length).toBeLessThanOrEqual(CLIENT_HELLO_MAX);
      expect(readable(parseClientHello(body))).toEqual(readable(hello));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('a frame of any type, one after the other', () => {
    const frames = fc.array(fc.tuple(frameNames, fc.array(bytes(200), { maxLength: 4 })), { maxLength: 6 });
    const property = fc.property(frames, (list) => {
      const decoder = new FrameDecoder();
      for (const [name, parts] of list) decoder.push(frame(name, ...parts));
      for (const [name, parts] of list) {
        const body = concat(...parts);
        const { header, body: decoded } = decoder.next(acceptFrames(exactly(name, body.length))) ?? {};
        expect([header && frameName(header), hex(decoded)]).toEqual([name, hex(body)]);
      }
      expect(decoder.atBoundary).toBe(true);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('a field of the seed profile', () => {
    const property = fc.property(bytes(3000), (body) => {
      const decoder = new FrameDecoder();
      decoder.push(concat(fieldHeader(body.length), body));
      expect(hex(decoder.next(exactField('field', body.length))?.body)).toBe(hex(body));
      expect(fieldHeader(body.length).length).toBe(FIELD_HEADER_LENGTH);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('the length of any frame', () => {
    const property = fc.property(frameNames, fc.integer({ min: 0, max: 2 ** 24 - 1 }), (name, length) => {
      const header = frameHeader(name, length);
      expect(acceptFrames({ name, least: 0, most: 2 ** 24 - 1 })(header)).toBe(length);
      expect(Buffer.from(header).readUIntBE(1, 3)).toBe(length);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('an alert', () => {
    for (const [name, code] of Object.entries(ALERT_CODES) as [AlertName, number][]) {
      expect(alertReceived(Uint8Array.of(code))).toMatchObject({ code: 'PQ_ERR_ALERT', alert: name });
    }
  });

  it('a fingerprint', () => {
    const algorithms = fc.constantFrom(...(Object.keys(SIG_ALGORITHMS) as SigName[]));
    const property = fc.property(algorithms, bytes(64), (algorithm, publicKey) => {
      const fingerprint = fingerprintOf(algorithm, publicKey);
      expect(parseFingerprint(fingerprint)).toBe(fingerprint);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

function several(count: number, maxLength: number) {
  const extension = fc.record({ type: u16, data: bytes(maxLength) });
  const others = extension.filter(({ type }) => type !== KEY_CHOICE);
  return fc.uniqueArray(others, { maxLength: count, selector: ({ type }) => type });
}

/** @param choice the data of the extension, if it is to be there */
function withChoice<Hello extends ServerHello | ClientHello>(hello: Hello, choice: Uint8Array | undefined): Hello {
  const extensions = [...hello.extensions, ...(choice === undefined ? [] : [{ type: KEY_CHOICE, data: choice }])];
  return { ...hello, extensions: extensions.sort((a, b) => a.type - b.type) };
}

function keyText({ sigalg, publicKey }: OfferedKey): string {
  return `${sigalg} ${hex(publicKey)}`;
}

function hex(part: Uint8Array | undefined): string | undefined {
  return part && Buffer.from(part).toString('hex');
}

/** With bytes as text, which is compared faster, and looks better in a failure. */
function readable(hello: ServerHello | ClientHello): unknown {
  return JSON.parse(JSON.stringify(hello, (_, value) => (value instanceof Uint8Array ? hex(value) : value)));
}
