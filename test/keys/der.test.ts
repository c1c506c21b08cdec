/** DER: what is written is read again, and there is one way to write it. */
import fc from 'fast-check';
import { Secret } from '../../lib/crypto/secret.js';
import { type DerValue, der, derInteger, derOid, encodeDer, TAG } from '../../lib/keys/der.js';
import { DerReader } from '../../lib/keys/der-reader.js';

const bytesOf = (value: DerValue) => encodeDer(value).export();
const reader = (...bytes: number[]) => new DerReader(Uint8Array.from(bytes), 'a test');
const refusal = expect.objectContaining({ code: 'PQ_ERR_KEY_FORMAT' });

describe('DER', () => {
  it('is what X.690 says', () => {
    expect(bytesOf(derOid('2.16.840.1.101.3.4.3.19')).toString('hex')).toBe('0609608648016503040313');
    expect(bytesOf(derOid('1.3.6.1.4.1.2.267.7.8.7')).toString('hex')).toBe('060b2b0601040102820b070807');
    expect(bytesOf(derOid('2.999.3')).toString('hex')).toBe('0603883703');
    expect(bytesOf(derInteger(600_000)).toString('hex')).toBe('02030927c0');
    expect([0, 127, 128, 255, 256].map((value) => bytesOf(derInteger(value)).toString('hex'))).toEqual([
      '020100',
      '02017f',
      '02020080',
      '020200ff',
      '02020100',
    ]);
    const nested = der(TAG.sequence, [der(TAG.octetString, Buffer.from('ab')), der(TAG.set, [])]);
    expect(bytesOf(nested).toString('hex')).toBe('3006040261623100');
  });

  it.each([0, 1, 127, 128, 255, 256, 65_535])('has %i bytes of content', (length) => {
    const content = Buffer.alloc(length, 7);
    const read = new DerReader(bytesOf(der(TAG.octetString, content)), 'a test');
    expect(read.read(TAG.octetString)).toEqual(Uint8Array.from(content));
    read.end();
  });

  it('gives numbers and identifiers back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
        expect(new DerReader(bytesOf(derInteger(value)), 'a test').integer()).toBe(value);
      }),
    );
    const arcs = fc.array(fc.bigInt({ min: 0n, max: 2n ** 130n }), { maxLength: 1 });
    const tops = fc.oneof(fc.tuple(fc.nat(1), fc.nat(39)), fc.tuple(fc.constant(2), fc.nat(5000)));
    fc.assert(
      fc.property(tops, arcs, (top, rest) => {
        const text = [...top, ...rest].join('.');
        expect(new DerReader(bytesOf(derOid(text)), 'a test').oid()).toBe(text);
      }),
    );
  });

  it('is written into memory that is wiped', () => {
    const encoded = encodeDer(der(TAG.octetString, Buffer.from('secret')));
    const bytes = Secret.bytesOf(encoded);
    encoded.dispose();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ['no length', [0x04]],
    ['an indefinite length', [0x04, 0x80, 0x00, 0x00]],
    ['a length of 5 in two bytes', [0x04, 0x81, 0x05, 1, 2, 3, 4, 5]],
    ['a length of 128 in three bytes', [0x04, 0x82, 0x00, 0x80, ...Array(128).fill(0)]],
    ['a length in four bytes', [0x04, 0x83, 0x00, 0x00, 0x80, ...Array(128).fill(0)]],
    ['a length that is cut off', [0x04, 0x82, 0x01]],
    ['a length beyond the end', [0x04, 0x02, 0x01]],
    ['the reserved length', [0x04, 0xff]],
    ['another tag', [0x05, 0x00]],
    ['nothing', []],
  ])('refuses %s', (_, bytes) => {
    expect(() => reader(...bytes).read(TAG.octetString)).toThrow(refusal);
  });

  it.each([
    ['of no bytes', [0x02, 0x00]],
    ['below zero', [0x02, 0x01, 0x80]],
    ['with a zero too many', [0x02, 0x02, 0x00, 0x7f]],
    ['of 2^31', [0x02, 0x05, 0x00, 0x80, 0x00, 0x00, 0x00]],
    ['of 2^32', [0x02, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00]],
  ])('refuses a number %s', (_, bytes) => {
    expect(() => reader(...bytes).integer()).toThrow(refusal);
  });

  it.each([
    ['of no bytes', [0x06, 0x00]],
    ['with a part that begins with nothing', [0x06, 0x02, 0x80, 0x01]],
    ['that ends within a part', [0x06, 0x02, 0x2a, 0x86]],
    ['of 33 bytes', [0x06, 33, ...Array(33).fill(1)]],
  ])('refuses an identifier %s', (_, bytes) => {
    expect(() => reader(...bytes).oid()).toThrow(refusal);
  });

  it('refuses bits that are no bytes, and what follows the end', () => {
    expect(() => reader(0x03, 0x02, 0x01, 0xfe).bitString()).toThrow(refusal);
    expect(() => reader(0x03, 0x00).bitString()).toThrow(refusal);
    const read = reader(0x05, 0x00, 0x00);
    read.read(TAG.null);
    expect(() => read.end()).toThrow(refusal);
  });
});
