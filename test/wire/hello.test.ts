import fc from 'fast-check';
import {
  CLIENT_HELLO_LEAST,
  CLIENT_HELLO_MAX,
  type ClientHello,
  emitClientHello,
  emitServerHello,
  KEY_CHOICE,
  parseClientHello,
  parseServerHello,
  SERVER_HELLO_MAX,
  type ServerHello,
} from '../../lib/wire/hello.js';

const malformed = expect.objectContaining({ code: 'PQ_ERR_DECODE' });
const filled = (byte: number, length: number) => new Uint8Array(length).fill(byte);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

const offer: ServerHello = {
  versions: [1],
  random: filled(0x11, 32),
  suites: [1],
  keys: [{ sigalg: 1, publicKey: filled(0x22, 2592) }],
  extensions: [],
};
const choice: ClientHello = {
  version: 1,
  suite: 1,
  random: filled(0x33, 32),
  mode: 0,
  key: filled(0x44, 2592),
  extensions: [],
};

/** Where the fields of the plain ServerHello begin: its magic, versions, random, suites, keys, extensions. */
const AT = { versions: 4, random: 6, suites: 38, keys: 41, keyLength: 43, key: 45, extensions: 45 + 2592 };

/** An offer with one byte changed. */
function changed(body: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(body);
  copy[at] = value;
  return copy;
}

function refuses(parse: (body: Uint8Array) => unknown, body: Uint8Array): void {
  expect(() => parse(body)).toThrow(malformed);
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const random = fc.uint8Array({ minLength: 32, maxLength: 32 });
/** But for the choice of a key, which has a form of its own. */
const type = fc.nat(0xffff).filter((each) => each !== KEY_CHOICE);
const extensions = fc
  .uniqueArray(fc.record({ type, data: bytes(200) }), { maxLength: 5, selector: ({ type }) => type })
  .map((list) => list.sort((a, b) => a.type - b.type));

describe('a ServerHello', () => {
  it('has 2639 bytes with one version, suite and key', () => {
    expect(emitServerHello(offer).length).toBe(2639);
  });

  it('is parsed as it was emitted, with whatever in it is unknown', () => {
    const some = (most: number, max: number) => fc.uniqueArray(fc.nat(max), { minLength: 1, maxLength: most });
    const keys = fc.uniqueArray(fc.record({ sigalg: fc.nat(255), publicKey: bytes(3000) }), {
      minLength: 1,
      maxLength: 4,
      selector: ({ sigalg }) => sigalg,
    });
    const any = fc.record({ versions: some(8, 255), random, suites: some(8, 0xffff), keys, extensions });
    fc.assert(fc.property(any, (hello) => expect(parseServerHello(emitServerHello(hello))).toEqual(hello)));
  });

  it('keeps the order of its lists', () => {
    const hello = { ...offer, versions: [9, 1, 4], suites: [0xfffe, 1, 3] };
    expect(parseServerHello(emitServerHello(hello))).toEqual(hello);
  });

  it('fits into the limit of its frame, whatever is in it that we know', () => {
    const keys = numbers(4).map((sigalg) => ({ sigalg, publicKey: filled(0, 2592) }));
    const full = { ...offer, versions: numbers(8), suites: numbers(8), keys };
    const data = filled(0, 1024 - 4);
    const body = emitServerHello({ ...full, extensions: [{ type: 1, data }] });
    expect(parseServerHello(body).keys.length).toBe(4);
    expect(body.length).toBeLessThan(SERVER_HELLO_MAX);
  });

  it.each([0, 1, 2, 3])('does not begin with anything else than PQSK at byte %d', (at) => {
    refuses(parseServerHello, changed(emitServerHello(offer), at, 0));
  });

  it('is refused when it ends anywhere too early', () => {
    const body = emitServerHello({ ...offer, extensions: [{ type: 1, data: filled(1, 3) }] });
    expect(() => parseServerHello(body)).not.toThrow();
    const ends = [...numbers(60).map((i) => i - 1), 1000, ...numbers(12).map((i) => body.length - i)];
    for (const end of ends) refuses(parseServerHello, body.subarray(0, end));
  });

  it('is refused with a byte after its end', () => {
    refuses(parseServerHello, Buffer.concat([emitServerHello(offer), Buffer.alloc(1)]));
  });

  const noKeys = numbers(5).map((sigalg) => ({ sigalg, publicKey: filled(0, 1) }));
  it.each<[string, number, Partial<ServerHello>, Partial<ServerHello>]>([
    ['versions', AT.versions, { versions: numbers(8) }, { versions: numbers(9) }],
    ['suites', AT.suites, { suites: numbers(8) }, { suites: numbers(9) }],
    ['keys', AT.keys, { keys: noKeys.slice(0, 4) }, { keys: noKeys }],
  ])('has at least one and no more than the most of its %s', (_, at, most, tooMany) => {
    expect(() => parseServerHello(emitServerHello({ ...offer, ...most }))).not.toThrow();
    refuses(parseServerHello, emitServerHello({ ...offer, ...tooMany }));
    refuses(parseServerHello, changed(emitServerHello(offer), at, 0));
    const none = { versions: [], suites: [], keys: [] };
    const name = Object.keys(most)[0] as keyof typeof none;
    refuses(parseServerHello, emitServerHello({ ...offer, [name]: none[name] }));
  });

  it.each<[string, Partial<ServerHello>]>([
    ['versions', { versions: [1, 2, 1] }],
    ['suites', { suites: [0x0101, 0x0101] }],
    ['suites that nobody knows', { suites: [1, 0x7777, 0x7777] }],
    ['keys', { keys: [1, 1].map((sigalg, i) => ({ sigalg, publicKey: filled(i, 2592) })) }],
    ['keys that nobody knows', { keys: [9, 1, 9].map((sigalg, i) => ({ sigalg, publicKey: filled(i, 5) })) }],
  ])('has nothing twice among its %s', (_, change) => {
    refuses(parseServerHello, emitServerHello({ ...offer, ...change }));
  });

  it('shows several keys of an algorithm if it offers a choice, and then alone', () => {
    const key = (sigalg: number, i: number) => ({ sigalg, publicKey: filled(i, sigalg < 3 ? 2592 : 5) });
    const parsed = (keys: ServerHello['keys'], list = [{ type: KEY_CHOICE, data: filled(0, 0) }]) => {
      const hello = { ...offer, keys, extensions: list };
      expect(parseServerHello(emitServerHello(hello))).toEqual(hello);
    };
    parsed([key(1, 1), key(1, 2)]);
    parsed([key(2, 1), key(1, 1), key(1, 2), key(1, 3)]);
    parsed([key(1, 1), key(2, 1), key(1, 2), key(2, 2)]);
    parsed([key(9, 1), key(1, 1), key(9, 2)]); // unknown to us, and of the same form
    for (const keys of [[key(1, 1)], [key(1, 1), key(2, 1)]]) expect(() => parsed(keys)).toThrow(malformed);
    for (const keys of [
      [key(1, 1), key(1, 1)],
      [key(1, 1), key(1, 2), key(2, 1), key(1, 1)],
      [key(1, 3), key(9, 1), key(1, 4), key(9, 1)],
    ]) {
      expect(() => parsed(keys)).toThrow(malformed);
    }
    expect(() => parsed([key(1, 1), key(1, 2)], [])).toThrow(malformed);
    expect(() => parsed([key(1, 1), key(1, 2)], [{ type: 3, data: filled(0, 0) }])).toThrow(malformed);
    expect(() => parsed([key(1, 1), key(1, 2)], [{ type: KEY_CHOICE, data: filled(0, 1) }])).toThrow(malformed);
  });

  it('is refused when a key is said to be longer or shorter than it is', () => {
    const body = emitServerHello(offer);
    for (const length of [0, 2591, 2593, 0xffff]) {
      const wrong = Uint8Array.from(body);
      wrong.set([length >>> 8, length], AT.keyLength);
      refuses(parseServerHello, wrong);
    }
  });

  it('takes a key of no bytes and of as many as there can be, of an algorithm that is unknown', () => {
    for (const length of [0, 10_000]) {
      const keys = [{ sigalg: 0x77, publicKey: filled(1, length) }];
      expect(parseServerHello(emitServerHello({ ...offer, keys })).keys[0]?.publicKey.length).toBe(length);
    }
  });
});

describe('extensions', () => {
  const withExtensions = (list: ServerHello['extensions']) => emitServerHello({ ...offer, extensions: list });

  it('come in ascending order, with any data', () => {
    const list = [0, 1, 0xffff].map((type) => ({ type, data: filled(type, type % 5) }));
    expect(parseServerHello(withExtensions(list)).extensions).toEqual(list);
  });

  it.each([
    ['descend', [2, 1]],
    ['are there twice', [1, 1]],
    ['descend after having ascended', [1, 3, 2]],
  ])('are refused when they %s', (_, types) => {
    const list = types.map((type) => ({ type, data: filled(0, 1) }));
    refuses(parseServerHello, withExtensions(list));
    refuses(parseClientHello, emitClientHello({ ...choice, extensions: list }));
  });

  it('have 1024 bytes at the most', () => {
    expect(() => parseServerHello(withExtensions([{ type: 1, data: filled(0, 1020) }]))).not.toThrow();
    refuses(parseServerHello, withExtensions([{ type: 1, data: filled(0, 1021) }]));
    refuses(parseClientHello, emitClientHello({ ...choice, extensions: [{ type: 1, data: filled(0, 1021) }] }));
  });

  it('fill their length exactly', () => {
    const body = withExtensions([
      { type: 1, data: filled(1, 4) },
      { type: 3, data: filled(2, 4) },
    ]);
    const lengthAt = AT.extensions + 1;
    expect(body[lengthAt]).toBe(16);
    for (const length of [0, 1, 7, 8, 15, 17]) refuses(parseServerHello, changed(body, lengthAt, length));
    for (const length of [3, 5, 11, 13]) refuses(parseServerHello, changed(body, lengthAt + 4, length));
  });

  it('do not reach beyond their length into what stands behind', () => {
    // Said to be 5 bytes long, with an extension of 2 bytes of data, which needs 6; the body has them all.
    const rest = Uint8Array.of(0, 5, 0, 1, 0, 2, 9, 9);
    refuses(parseServerHello, Buffer.concat([emitServerHello(offer).subarray(0, AT.extensions), rest]));
  });
});

describe('a ClientHello', () => {
  it('has 2632 bytes with a key of 2592', () => {
    expect(emitClientHello(choice).length).toBe(2632);
  });

  it('is parsed as it was emitted, with whatever in it is unknown', () => {
    const any = fc.record({
      version: fc.nat(255),
      suite: fc.nat(0xffff),
      random,
      mode: fc.nat(1),
      key: bytes(3000),
      extensions,
    });
    fc.assert(fc.property(any, (hello) => expect(parseClientHello(emitClientHello(hello))).toEqual(hello)));
  });

  it('chooses a key in one byte', () => {
    const chosen = (length: number) => ({ ...choice, extensions: [{ type: KEY_CHOICE, data: filled(7, length) }] });
    expect(parseClientHello(emitClientHello(chosen(1)))).toEqual(chosen(1));
    for (const length of [0, 2, 200]) refuses(parseClientHello, emitClientHello(chosen(length)));
  });

  it('has the limits of its frame', () => {
    const shortest = { ...choice, key: filled(0, 1) };
    expect(emitClientHello(shortest).length).toBe(CLIENT_HELLO_LEAST);
    const longest = { ...choice, extensions: [{ type: 1, data: filled(0, 1020) }] };
    expect(emitClientHello(longest).length).toBe(CLIENT_HELLO_MAX);
    for (const hello of [shortest, longest]) expect(parseClientHello(emitClientHello(hello))).toEqual(hello);
  });

  it.each([2, 3, 255])('is refused with mode %d', (mode) => {
    refuses(parseClientHello, emitClientHello({ ...choice, mode }));
  });

  it('is refused when it ends anywhere too early', () => {
    const body = emitClientHello({ ...choice, key: filled(1, 4), extensions: [{ type: 1, data: filled(1, 3) }] });
    expect(() => parseClientHello(body)).not.toThrow();
    for (let end = 0; end < body.length; end += 1) refuses(parseClientHello, body.subarray(0, end));
  });

  it('is refused with a byte after its end', () => {
    refuses(parseClientHello, Buffer.concat([emitClientHello(choice), Buffer.alloc(1)]));
  });

  it('is refused when its key is said to be longer or shorter than it is', () => {
    for (const length of [0, 2591, 2593, 0xffff]) {
      const wrong = Uint8Array.from(emitClientHello(choice));
      wrong.set([length >>> 8, length], 36);
      refuses(parseClientHello, wrong);
    }
  });
});

describe('any bytes', () => {
  it.each([
    ['ServerHello', parseServerHello, 'PQSK'],
    ['ClientHello', parseClientHello, ''],
  ])('are a %s or malformed, and never anything else', (_, parse, magic) => {
    const start = Buffer.from(magic);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
        try {
          parse(Buffer.concat([start, rest]));
        } catch (error) {
          expect(error).toMatchObject({ code: 'PQ_ERR_DECODE' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
