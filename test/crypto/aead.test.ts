/** AES-256 against published vectors, and GCM against changed bits. */
import { randomBytes } from 'node:crypto';
import { applyCtr, openGcm, sealGcm } from '../../lib/crypto/aead.js';

const ZERO_KEY = Buffer.alloc(32);
const ZERO_NONCE = Buffer.alloc(12);

describe('AES-256-GCM', () => {
  // McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test cases 13 and 14.
  it.each([
    ['', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    ['00'.repeat(16), 'cea7403d4d606b6e074ec5d3baf39d18', 'd0d1c8a799996bf0265b98b5d48ab919'],
  ])('makes the ciphertext and the tag of the published vector of "%s"', (plaintext, ciphertext, tag) => {
    const sealed = sealGcm(ZERO_KEY, ZERO_NONCE, [Buffer.from(plaintext, 'hex')]);
    expect(sealed.map((bytes) => bytes.toString('hex'))).toEqual([ciphertext, tag]);
    expect(openGcm(ZERO_KEY, ZERO_NONCE, Buffer.concat(sealed))?.toString('hex')).toBe(plaintext);
  });

  it('opens nothing of which one bit was changed', () => {
    const key = randomBytes(32);
    const nonce = randomBytes(12);
    const header = Buffer.from('header');
    const sealed = Buffer.concat(sealGcm(key, nonce, [Buffer.from('a '), Buffer.from('record')], header));
    expect(openGcm(key, nonce, sealed, header)?.toString()).toBe('a record');
    for (const part of [nonce, sealed, header]) {
      for (let bit = 0; bit < part.length * 8; bit += 1) {
        flip(part, bit);
        expect(openGcm(key, nonce, sealed, header)).toBeUndefined();
        flip(part, bit);
      }
    }
    expect(openGcm(randomBytes(32), nonce, sealed, header)).toBeUndefined();
    expect(openGcm(key, nonce, sealed.subarray(1), header)).toBeUndefined();
  });
});

describe('AES-256-CTR', () => {
  // NIST SP 800-38A, F.5.5.
  const key = Buffer.from('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4', 'hex');
  const counter = Buffer.from('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 'hex');
  const plaintext = '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51';
  const ciphertext = '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5';

  it('makes the ciphertext of the published vector, and the plaintext again', () => {
    expect(applyCtr(key, counter, Buffer.from(plaintext, 'hex')).toString('hex')).toBe(ciphertext);
    expect(applyCtr(key, counter, Buffer.from(ciphertext, 'hex')).toString('hex')).toBe(plaintext);
  });

  it('takes the counter over all 16 bytes', () => {
    const stream = applyCtr(ZERO_KEY, Buffer.alloc(16, 0xff), Buffer.alloc(32));
    expect(stream.subarray(16).equals(applyCtr(ZERO_KEY, Buffer.alloc(16), Buffer.alloc(16)))).toBe(true);
  });
});

function flip(bytes: Buffer, bit: number): void {
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
}
