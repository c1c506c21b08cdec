/** HKDF and HMAC against node:crypto, which has another implementation of HKDF, and against RFC 4231. */
import { hkdfSync } from 'node:crypto';
import { expandLabel, extract, HASH_LENGTH, hmac, macEqual } from '../../lib/crypto/hkdf.js';
import { Secret } from '../../lib/oqs.js';
import { checkValue, fillerSecret, shown } from '../support/check-values.js';

const salt = Buffer.from('000102030405060708090a0b0c', 'hex');
const input = Buffer.alloc(22, 0x0b); // both as in RFC 5869, appendix A.1, which has SHA-256 only
const NOTHING = Buffer.alloc(0);

/** What PROTOCOL.md calls EL's info, put together by hand. */
function info(label: string, context: Uint8Array, length: number): Buffer {
  const name = Buffer.from(`pqsock1 ${label}`);
  const sizes = Buffer.alloc(2);
  sizes.writeUInt16BE(length);
  return Buffer.concat([sizes, Buffer.of(name.length), name, Buffer.of(context.length), context]);
}

function expected(label: string, context: Uint8Array, length: number): Buffer {
  return Buffer.from(hkdfSync('sha512', input, salt, info(label, context, length), length));
}

const prk = () => extract(Secret.from(salt), Secret.from(input));

describe('HMAC-SHA512', () => {
  // RFC 4231, test cases 1 and 2.
  it.each([
    ['0b'.repeat(20), 'Hi There', '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde'],
    [
      Buffer.from('Jefe').toString('hex'),
      'what do ya want for nothing?',
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554',
    ],
  ])('of the published vector under %s is right, in parts as well', (key, text, beginning) => {
    const mac = hmac(Secret.from(Buffer.from(key, 'hex')), Buffer.from(text));
    expect(mac.toString('hex', 0, 32)).toBe(beginning);
    const parts = [text.slice(0, 3), '', text.slice(3)].map((part) => Buffer.from(part));
    expect(hmac(Secret.from(Buffer.from(key, 'hex')), ...parts)).toEqual(mac);
    expect(mac.length).toBe(64);
  });

  it('is compared whole: a part of it is not the same', () => {
    const mac = hmac(Secret.from(salt), input);
    expect(macEqual(mac, Buffer.from(mac))).toBe(true);
    for (const length of [0, 16, 63]) expect(macEqual(mac.subarray(0, length), mac)).toBe(false);
    for (const at of [0, 31, 63]) {
      const changed = Buffer.from(mac);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(macEqual(changed, mac)).toBe(false);
    }
  });
});

describe('HKDF-SHA512', () => {
  it.each([1, 16, 44, 63, 64, 65, 128, 129, 1000, 16_319, 16_320])(
    'gives the same %d bytes as node:crypto',
    (length) => {
      const derived = expandLabel(prk(), 'a label', Buffer.from('some context'), length);
      expect(derived.length).toBe(length);
      expect(derived.export().equals(expected('a label', Buffer.from('some context'), length))).toBe(true);
    },
  );

  it.each([
    ['an empty context', 'x', NOTHING],
    ['an empty label', '', Buffer.of(1)],
    ['the longest label', 'x'.repeat(247), NOTHING],
    ['the longest context', 'x', Buffer.alloc(255, 7)],
  ])('takes %s', (_, label, context) => {
    expect(expandLabel(prk(), label, context, 64).export()).toEqual(expected(label, context, 64));
  });

  it('gives other bytes for another length, label or context, and none is the beginning of another', () => {
    const all = [
      expandLabel(prk(), 'ab', Buffer.from('c'), 64),
      expandLabel(prk(), 'a', Buffer.from('bc'), 64),
      expandLabel(prk(), 'ab', Buffer.from('c'), 65),
      expandLabel(prk(), 'ab', Buffer.from('c'), 32),
    ].map((secret) => shown(secret));
    expect(new Set(all).size).toBe(all.length);
  });

  it('leaves its inputs as they are', () => {
    const [a, b] = [Secret.from(salt), Secret.from(input)];
    const key = extract(a, b);
    expandLabel(key, 'x', NOTHING, 100);
    expect([a, b, key].map(({ disposed }) => disposed)).toEqual([false, false, false]);
    expect(a.export()).toEqual(salt);
  });

  it('has the early values of PROTOCOL.md', () => {
    const zeros = Secret.allocate(HASH_LENGTH);
    const early = extract(zeros, zeros);
    const d = expandLabel(early, 'derived', NOTHING, 64);
    expect(shown(early)).toBe(checkValue('early'));
    expect(shown(d)).toBe(checkValue('d'));
    expect(shown(extract(d, fillerSecret()))).toBe(checkValue('hs'));
  });
});
