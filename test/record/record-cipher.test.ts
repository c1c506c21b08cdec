/** The two ciphers of records: the addon's and that over node:crypto do the same, whatever they are given. */
import fc from 'fast-check';
import { Secret } from '../../lib/crypto/secret.js';
import { addon } from '../../lib/native/load.js';
import { nativeCipher } from '../../lib/record/native-cipher.js';
import { portableCipher } from '../../lib/record/portable-cipher.js';
import { chooseCipher, type RecordCipher } from '../../lib/record/record-cipher.js';
import { type RecordForm, recordCount, runLength } from '../../lib/record/record-form.js';
import { TrafficKeys } from '../../lib/record/traffic-keys.js';

const native = nativeCipher(addon) as RecordCipher;
const CIPHERS: [string, RecordCipher, RecordCipher][] = [
  ['the addon', native, portableCipher],
  ['node:crypto', portableCipher, native],
];
const DATA = 1;

const freshKeys = () => new TrafficKeys(Secret.from(Buffer.alloc(64, 's')));

/** A run of records, sealed. */
function sealed(cipher: RecordCipher, content: Uint8Array, form: RecordForm, keys = freshKeys()): Buffer {
  const into = Buffer.alloc(runLength(content.length, form) + 20 * recordCount(content.length, form.size), 0xee);
  cipher.seal(into, keys, content, form);
  return into;
}

interface Seen {
  readonly data: string;
  readonly consumed: number;
  readonly other: [number, string] | undefined;
  readonly forged: boolean;
}

/** What is opened, in memory of its own or in place; and whether the keys have counted it. */
function opened(
  cipher: RecordCipher,
  bytes: Uint8Array,
  { inPlace = false, room = bytes.length, most = 1000 } = {},
): Seen {
  const copy = Uint8Array.from(bytes);
  const into = inPlace ? copy : new Uint8Array(room);
  const { consumed, produced, other, forged } = cipher.open(into, freshKeys(), copy, DATA, most);
  const hex = (part: Uint8Array) => Buffer.from(part).toString('hex');
  return {
    data: hex(into.subarray(0, produced)),
    consumed,
    other: other && [other.type, hex(other.content)],
    forged,
  };
}

const forms = fc.record({
  type: fc.constantFrom(DATA, DATA, DATA, 2, 4, 255),
  size: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom(1000, 65_535, 65_536)),
  padding: fc.oneof(fc.constantFrom(1, 65_537), fc.integer({ min: 1, max: 100 })),
});
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.nat(300).map((length) => new Uint8Array(length)), // as padding is
);

describe.each(CIPHERS)('%s', (_, cipher, other) => {
  it('seals the same bytes as the other one', () => {
    const property = fc.property(forms, contents, (form, content) => {
      expect(sealed(cipher, content, form).equals(sealed(other, content, form))).toBe(true);
    });
    fc.assert(property, { numRuns: 200 });
    const long = Buffer.alloc(200_000, 'long');
    for (const size of [16_384, 65_536]) {
      const form = { type: DATA, size, padding: 1 };
      expect(sealed(cipher, long, form).equals(sealed(other, long, form))).toBe(true);
    }
  });

  it('opens runs of records up to one that is no data or empty, from anywhere, in place and not', () => {
    const runs = fc.array(fc.tuple(forms, contents), { maxLength: 4 });
    const property = fc.property(runs, fc.nat(), fc.option(fc.nat(), { nil: undefined }), (list, cut, flip) => {
      const keys = freshKeys();
      const whole = Buffer.concat(list.map(([form, content]) => sealed(portableCipher, content, form, keys)));
      const bytes = whole.subarray(0, whole.length - (cut % 3 === 0 ? cut % (whole.length + 1) : 0));
      if (flip !== undefined && bytes.length > 0) {
        const at = flip % bytes.length;
        bytes[at] = (bytes[at] as number) ^ (1 << (flip & 7));
      }
      const expected = opened(other, bytes);
      expect(opened(cipher, bytes)).toEqual(expected);
      expect(opened(cipher, bytes, { inPlace: true })).toEqual(expected);
    });
    fc.assert(property, { numRuns: 400 });
  });

  it('opens no more records than it may, and as many as there is room for', () => {
    const bytes = sealed(other, Buffer.from('abcdefghij'), { type: DATA, size: 2, padding: 1 });
    expect(opened(cipher, bytes, { most: 3 })).toMatchObject({ consumed: 3 * 23, data: '616263646566' });
    expect(opened(cipher, bytes, { room: 8 })).toMatchObject({ consumed: 3 * 23, data: '616263646566', forged: false });
    expect(opened(cipher, bytes, { room: 2 })).toMatchObject({ consumed: 0, data: '', forged: false });
  });

  it('counts each record once, and begins where the keys are', () => {
    const keys = freshKeys();
    const form = { type: DATA, size: 10, padding: 1 };
    for (const length of [25, 1, 30]) sealed(cipher, Buffer.alloc(length), form, keys);
    expect(keys.sequence).toBe(3 + 1 + 3);
    const [sending, receiving] = [freshKeys(), freshKeys()];
    for (const length of [25, 1, 30]) {
      const bytes = sealed(cipher, Buffer.alloc(length, 'x'), form, sending);
      expect(cipher.open(new Uint8Array(100), receiving, bytes, DATA, 10)).toMatchObject({ produced: length });
    }
    expect(receiving.sequence).toBe(7);
  });

  it('leaves nothing of a record that is not authentic', () => {
    const bytes = sealed(other, Buffer.from('good, bad!'), { type: DATA, size: 5, padding: 1 });
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    for (const inPlace of [false, true]) {
      const copy = Uint8Array.from(bytes);
      const into = inPlace ? copy : new Uint8Array(100);
      expect(cipher.open(into, freshKeys(), copy, DATA, 10)).toMatchObject({ produced: 5, forged: true });
      expect(Buffer.from(into).includes('bad')).toBe(false);
      expect(Buffer.from(into).toString('latin1')).toMatch(/^good,/);
    }
  });

  it('takes memory that is shared with other threads', () => {
    const share = (bytes: Uint8Array) => {
      const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
      copy.set(bytes);
      return copy;
    };
    const form = { type: DATA, size: 5, padding: 1 };
    const bytes = sealed(cipher, share(Buffer.from('shared memory')), form);
    const into = new Uint8Array(100);
    const { produced } = cipher.open(into, freshKeys(), share(bytes), DATA, 10);
    expect(Buffer.from(into.subarray(0, produced)).toString()).toBe('shared memory');
  });

  it('does nothing with keys that were disposed of', () => {
    const keys = freshKeys();
    keys.dispose();
    const gone = expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' });
    expect(() => sealed(cipher, Buffer.from('x'), { type: DATA, size: 5, padding: 1 }, keys)).toThrow(gone);
    expect(() => cipher.open(new Uint8Array(99), keys, sealedOnce(), DATA, 1)).toThrow(gone);
  });
});

const sealedOnce = () => sealed(portableCipher, Buffer.from('x'), { type: DATA, size: 5, padding: 1 });

describe('the addon’s cipher is not used', () => {
  const broken: [string, Partial<RecordCipher>][] = [
    ['seals something else', { seal: (into) => void into.fill(0) }],
    ['opens nothing', { open: () => ({ consumed: 0, produced: 0, other: undefined, forged: false }) }],
    [
      'throws',
      {
        seal: () => {
          throw new Error('no');
        },
      },
    ],
    ['takes a wrong tag', { open: (...args) => ({ ...native.open(...args), forged: false }) }],
    [
      'gives out what is not authentic',
      {
        open: (into, ...rest) => {
          const found = native.open(into, ...rest);
          if (found.forged) into.fill(1, found.produced);
          return found;
        },
      },
    ],
  ];
  it.each(broken)('where it %s', (_, fault) => {
    expect(chooseCipher({ ...native, ...fault })).toBe(portableCipher);
  });

  it('where there is none, and only there', () => {
    expect(chooseCipher(undefined)).toBe(portableCipher);
    expect(chooseCipher(native)).toBe(native);
  });
});
