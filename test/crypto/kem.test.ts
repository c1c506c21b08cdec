/** What the operations of a KEM refuse, and that nothing the caller does meanwhile changes their result. */
import { isKemPublicKey } from '../../lib/crypto/kem.js';
import { kemAlgorithm } from '../../lib/crypto/suites.js';
import { Kem, operationCounts, type Secret } from '../../lib/oqs.js';
import { call, FORMS, refusal } from './both-forms.js';
import { cloneAway, notBytes, resizableCopy, strangeMemory } from './not-bytes.js';

const COEFFICIENTS = 1024; // 12 bits each, two in three bytes
const LARGEST = 3328;

describe.each(Kem.algorithms)('%s', (name) => {
  const kem = new Kem(name);
  const { publicKey, secretKey } = kem.keypairSync();
  const { ciphertext, sharedSecret } = kem.encapsulateSync(publicKey);

  /** Each argument of each operation, by what it makes of a value in its place. */
  const operands: [string, Uint8Array, (value: never) => unknown[]][] = [
    ['encapsulate', publicKey, (value) => [value]],
    ['decapsulate', secretKey.export(), (value) => [value, ciphertext]],
    ['decapsulate', ciphertext, (value) => [secretKey, value]],
  ];

  describe.each(FORMS)('%s', (form) => {
    it('refuses what is not bytes before any work', async () => {
      const before = operationCounts();
      for (const [operation, bytes, args] of operands) {
        for (const { what, value, code } of notBytes(bytes.length)) {
          expect([what, await refusal(form, kem, operation, ...args(value))]).toEqual([what, code]);
        }
        expect(await refusal(form, kem, operation)).toBe('PQ_ERR_INVALID_ARGUMENT');
      }
      expect(operationCounts()).toEqual(before);
    });

    it('refuses memory that is gone or shared before any work', async () => {
      const before = operationCounts();
      for (const [operation, bytes, args] of operands) {
        for (const { what, value, code } of strangeMemory(bytes)) {
          expect([what, await refusal(form, kem, operation, ...args(value))]).toEqual([what, code]);
        }
      }
      expect(operationCounts()).toEqual(before);
    });

    it('takes a view that tracks a resizable buffer for as long as it is', async () => {
      const buffer = resizableCopy(ciphertext);
      const view = new Uint8Array(buffer);
      expect((await call<Secret>(form, kem, 'decapsulate', secretKey, view)).equals(sharedSecret)).toBe(true);
      buffer.resize(1567);
      expect(await refusal(form, kem, 'decapsulate', secretKey, view)).toBe('PQ_ERR_INVALID_LENGTH');
    });

    it('refuses a secret key that was disposed of before any work', async () => {
      const disposed = kem.keypairSync().secretKey;
      disposed.dispose();
      const before = operationCounts();
      expect(await refusal(form, kem, 'decapsulate', disposed, ciphertext)).toBe('PQ_ERR_SECRET_DISPOSED');
      expect(operationCounts()).toEqual(before);
    });

    it.each(coefficientsOfInterest())('refuses a public key whose coefficient %i is not reduced', async (index) => {
      const before = operationCounts();
      for (const value of [LARGEST + 1, LARGEST + 2, 0xdff, 0xfff]) {
        const key = withCoefficient(publicKey, index, value);
        expect(await refusal(form, kem, 'encapsulate', key)).toBe('PQ_ERR_INVALID_PUBLIC_KEY');
      }
      expect(operationCounts()).toEqual(before);
      await call(form, kem, 'encapsulate', withCoefficient(publicKey, index, LARGEST));
      expect(operationCounts().encapsulate).toBe(before.encapsulate + 1);
    });

    it('takes any seed at the end of a public key', async () => {
      const key = Buffer.from(publicKey);
      key.fill(0xff, 1536);
      await expect(call(form, kem, 'encapsulate', key)).resolves.toBeDefined();
    });
  });

  it('knows a public key by each of its coefficients', () => {
    const row = kemAlgorithm(name);
    for (let index = 0; index < COEFFICIENTS; index += 1) {
      expect(isKemPublicKey(row, withCoefficient(publicKey, index, LARGEST))).toBe(true);
      expect(isKemPublicKey(row, withCoefficient(publicKey, index, LARGEST + 1))).toBe(false);
    }
    expect(() => isKemPublicKey(row, publicKey.subarray(1))).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_LENGTH' }),
    );
  });

  it('never throws from the form that gives a promise', async () => {
    for (const [operation, , args] of operands) {
      const promise: unknown = Reflect.apply(Reflect.get(kem, operation) as () => unknown, kem, args(null as never));
      expect(promise).toBeInstanceOf(Promise);
      await expect(promise).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_ARGUMENT' });
    }
  });

  it('encapsulates to the public key as it was when it was called', async () => {
    const key = Buffer.from(publicKey);
    const promise = kem.encapsulate(key);
    key.fill(0xff);
    const sent = await promise;
    expect(kem.decapsulateSync(secretKey, sent.ciphertext).equals(sent.sharedSecret)).toBe(true);
  });

  it('decapsulates what was there when it was called', async () => {
    const [key, bytes] = [secretKey.export(), Buffer.from(ciphertext)];
    const promise = kem.decapsulate(key, bytes);
    key.fill(0);
    bytes.fill(0);
    expect((await promise).equals(sharedSecret)).toBe(true);
  });

  it('decapsulates while its inputs are disposed of, transferred and made smaller', async () => {
    const own = kem.keypairSync();
    const sent = kem.encapsulateSync(own.publicKey);
    const transferred = Uint8Array.from(sent.ciphertext);
    const resizable = resizableCopy(sent.ciphertext);
    const promises = [
      kem.decapsulate(own.secretKey, transferred),
      kem.decapsulate(own.secretKey, new Uint8Array(resizable)),
    ];
    own.secretKey.dispose();
    cloneAway(transferred);
    resizable.resize(0);
    for (const secret of await Promise.all(promises)) expect(secret.equals(sent.sharedSecret)).toBe(true);
  });
});

describe.each(FORMS)('the hash of the public key in a secret key, %s', (form) => {
  // FIPS 203 §7.1: the key is dk (1536 bytes), ek (1568), H(ek) (32), z (32).
  const flipped = { 'the first bit of the hash': 3072 + 32, 'its last byte': 3135, 'the public key': 1536 + 700 };

  it.each(Object.entries(flipped))('is checked by ML-KEM-1024 before any work: %s', async (_, at) => {
    const { key, ciphertext } = keyWithFlippedBit('ML-KEM-1024', at);
    const before = operationCounts();
    expect(await refusal(form, new Kem('ML-KEM-1024'), 'decapsulate', key, ciphertext)).toBe(
      'PQ_ERR_INVALID_SECRET_KEY',
    );
    expect(operationCounts()).toEqual(before);
  });

  it.each(Object.entries(flipped))('is not checked by Kyber1024, which gives another secret: %s', async (_, at) => {
    const { key, ciphertext, sharedSecret } = keyWithFlippedBit('Kyber1024', at);
    const secret = await call<Secret>(form, new Kem('Kyber1024'), 'decapsulate', key, ciphertext);
    expect(secret.equals(sharedSecret)).toBe(false);
  });
});

function keyWithFlippedBit(name: 'Kyber1024' | 'ML-KEM-1024', at: number) {
  const kem = new Kem(name);
  const { publicKey, secretKey } = kem.keypairSync();
  const key = secretKey.export();
  key.writeUInt8(key.readUInt8(at) ^ 1, at);
  return { key, ...kem.encapsulateSync(publicKey) };
}

/** The ends, both places in three bytes, and both sides of the borders between the four polynomials. */
function coefficientsOfInterest(): number[] {
  return [0, 1, 2, 3, 255, 256, 511, 512, 513, 767, 768, 1020, 1021, 1022, 1023];
}

function withCoefficient(publicKey: Buffer, index: number, value: number): Buffer {
  const key = Buffer.from(publicKey);
  const at = 3 * (index >> 1);
  if (index % 2 === 0) {
    key[at] = value & 0xff;
    key[at + 1] = (key.readUInt8(at + 1) & 0xf0) | (value >> 8);
  } else {
    key[at + 1] = (key.readUInt8(at + 1) & 0x0f) | ((value & 0x0f) << 4);
    key[at + 2] = value >> 4;
  }
  return key;
}
