/** `pqsock/oqs` over all its algorithms. Runs twice: with the CPU's features, and with the reference code. */
import { randomBytes } from 'node:crypto';
import {
  type Encapsulation,
  Kem,
  type KemKeyPair,
  operationCounts,
  Secret,
  Sig,
  type SigKeyPair,
} from '../../lib/oqs.js';
import { call, FORMS, refusal } from '../crypto/both-forms.js';

const MESSAGE = Buffer.from('a message');

it('has the algorithms of the two generations', () => {
  expect(Kem.algorithms).toEqual(['Kyber1024', 'ML-KEM-1024']);
  expect(Sig.algorithms).toEqual(['Dilithium5', 'ML-DSA-87']);
  expect(Object.isFrozen(Kem.algorithms) && Object.isFrozen(Sig.algorithms)).toBe(true);
});

describe.each(Kem.algorithms)('%s', (name) => {
  const kem = new Kem(name);

  it('says its name and its lengths', () => {
    expect({ ...kem }).toEqual({
      algorithm: name,
      publicKeyLength: 1568,
      secretKeyLength: 3168,
      ciphertextLength: 1568,
      sharedSecretLength: 32,
    });
  });

  describe.each(FORMS)('%s', (form) => {
    it('gives both sides the same shared secret, and public values as Buffers', async () => {
      const { publicKey, secretKey } = await call<KemKeyPair>(form, kem, 'keypair');
      const { ciphertext, sharedSecret } = await call<Encapsulation>(form, kem, 'encapsulate', publicKey);
      const decapsulated = await call<Secret>(form, kem, 'decapsulate', secretKey, ciphertext);
      expect([publicKey, ciphertext].every((bytes) => Buffer.isBuffer(bytes) && bytes.length === 1568)).toBe(true);
      expect([secretKey, sharedSecret, decapsulated].every((secret) => secret instanceof Secret)).toBe(true);
      expect([secretKey.length, sharedSecret.length, decapsulated.length]).toEqual([3168, 32, 32]);
      expect(decapsulated.equals(sharedSecret)).toBe(true);
      expect(sharedSecret.export().equals(Buffer.alloc(32))).toBe(false);
    });

    it('takes plain Uint8Arrays, exported secrets and views into larger buffers', async () => {
      const { publicKey, secretKey } = await call<KemKeyPair>(form, kem, 'keypair');
      const inTheMiddle = Buffer.concat([Buffer.alloc(3), publicKey, Buffer.alloc(5)]).subarray(3, 3 + 1568);
      const { ciphertext, sharedSecret } = await call<Encapsulation>(form, kem, 'encapsulate', inTheMiddle);
      const plain = [Uint8Array.from(secretKey.export()), Uint8Array.from(ciphertext)];
      expect((await call<Secret>(form, kem, 'decapsulate', ...plain)).equals(sharedSecret)).toBe(true);
    });

    it('never makes the same key or the same secret twice', async () => {
      const [one, two] = [await call<KemKeyPair>(form, kem, 'keypair'), await call<KemKeyPair>(form, kem, 'keypair')];
      expect(one.publicKey.equals(two.publicKey)).toBe(false);
      expect(one.secretKey.equals(two.secretKey)).toBe(false);
      const first = await call<Encapsulation>(form, kem, 'encapsulate', one.publicKey);
      const second = await call<Encapsulation>(form, kem, 'encapsulate', one.publicKey);
      expect(first.sharedSecret.equals(second.sharedSecret)).toBe(false);
      expect(first.ciphertext.equals(second.ciphertext)).toBe(false);
    });

    it('gives another secret, always the same, for a ciphertext of random bytes', async () => {
      const { secretKey } = kem.keypairSync();
      const other = kem.keypairSync();
      const ciphertext = randomBytes(1568);
      const secret = await call<Secret>(form, kem, 'decapsulate', secretKey, ciphertext);
      expect(secret.equals(kem.decapsulateSync(secretKey, ciphertext))).toBe(true);
      expect(secret.equals(kem.decapsulateSync(other.secretKey, ciphertext))).toBe(false);
    });

    it('refuses keys and ciphertexts of other lengths before any work', async () => {
      const { publicKey, secretKey } = kem.keypairSync();
      const before = operationCounts();
      for (const length of [0, 1, 1567, 1569, 3168]) {
        expect(await refusal(form, kem, 'encapsulate', Buffer.alloc(length))).toBe('PQ_ERR_INVALID_LENGTH');
        const ciphertext = Buffer.alloc(length);
        expect(await refusal(form, kem, 'decapsulate', secretKey, ciphertext)).toBe('PQ_ERR_INVALID_LENGTH');
      }
      for (const length of [0, 1, 1568, 3167, 3169]) {
        const key = Buffer.alloc(length);
        expect(await refusal(form, kem, 'decapsulate', key, publicKey)).toBe('PQ_ERR_INVALID_LENGTH');
        expect(await refusal(form, kem, 'decapsulate', Secret.from(key), publicKey)).toBe('PQ_ERR_INVALID_LENGTH');
      }
      expect(operationCounts()).toEqual(before);
    });
  });

  it('does many operations at once', async () => {
    const pairs = await Promise.all(Array.from({ length: 40 }, () => kem.keypair()));
    const sent = await Promise.all(pairs.map(({ publicKey }) => kem.encapsulate(publicKey)));
    const got = await Promise.all(
      pairs.map(({ secretKey }, i) => kem.decapsulate(secretKey, (sent[i] as Encapsulation).ciphertext)),
    );
    expect(got.every((secret, i) => secret.equals((sent[i] as Encapsulation).sharedSecret))).toBe(true);
  });
});

describe.each(Sig.algorithms)('%s', (name) => {
  const sig = new Sig(name);
  const { publicKey, secretKey } = sig.keypairSync();
  const signature = sig.signSync(MESSAGE, secretKey);

  it('says its name and its lengths', () => {
    const lengths = {
      Dilithium5: { publicKeyLength: 2592, secretKeyLength: 4864, signatureLength: 4595 },
      'ML-DSA-87': { publicKeyLength: 2592, secretKeyLength: 4896, signatureLength: 4627 },
    };
    expect({ ...sig }).toEqual({ algorithm: name, ...lengths[name] });
  });

  describe.each(FORMS)('%s', (form) => {
    it('verifies what it signed, and gives public values as Buffers', async () => {
      const pair = await call<SigKeyPair>(form, sig, 'keypair');
      const made = await call<Buffer>(form, sig, 'sign', MESSAGE, pair.secretKey);
      expect(Buffer.isBuffer(pair.publicKey) && Buffer.isBuffer(made)).toBe(true);
      expect(pair.secretKey).toBeInstanceOf(Secret);
      expect([pair.publicKey.length, pair.secretKey.length, made.length]).toEqual([
        sig.publicKeyLength,
        sig.secretKeyLength,
        sig.signatureLength,
      ]);
      expect(await call(form, sig, 'verify', MESSAGE, made, pair.publicKey)).toBe(true);
      expect(await call(form, sig, 'verify', MESSAGE, made, publicKey)).toBe(false);
    });

    it.each([0, 1, 135, 136, 137, 100_000])('signs a message of %i bytes', async (length) => {
      const message = randomBytes(length);
      const made = await call<Buffer>(form, sig, 'sign', message, secretKey);
      expect(await call(form, sig, 'verify', message, made, publicKey)).toBe(true);
      expect(await call(form, sig, 'verify', Buffer.concat([message, Buffer.alloc(1)]), made, publicKey)).toBe(false);
    });

    it('never makes the same signature twice', async () => {
      const again = await call<Buffer>(form, sig, 'sign', MESSAGE, secretKey);
      expect(again.equals(signature)).toBe(false);
    });

    it('answers false for a wrong signature of any length', async () => {
      const length = sig.signatureLength;
      const wrong = [0, 1, length - 1, length + 1, 2 * length, 1 << 20].map((size) =>
        Buffer.concat([signature, Buffer.alloc(1 << 20)]).subarray(0, size),
      );
      for (const bytes of [...wrong, Buffer.alloc(length), Buffer.alloc(length, 0xff), randomBytes(length)]) {
        expect(await call(form, sig, 'verify', MESSAGE, bytes, publicKey)).toBe(false);
      }
    });

    it('answers false for a public key of random bytes', async () => {
      expect(await call(form, sig, 'verify', MESSAGE, signature, randomBytes(2592))).toBe(false);
    });

    it('refuses keys of other lengths before any work', async () => {
      const before = operationCounts();
      for (const length of [0, 1, 2591, 2593, sig.secretKeyLength - 1, sig.secretKeyLength + 1]) {
        const key = Buffer.alloc(length);
        expect(await refusal(form, sig, 'sign', MESSAGE, key)).toBe('PQ_ERR_INVALID_LENGTH');
        expect(await refusal(form, sig, 'sign', MESSAGE, Secret.from(key))).toBe('PQ_ERR_INVALID_LENGTH');
        expect(await refusal(form, sig, 'verify', MESSAGE, signature, key)).toBe('PQ_ERR_INVALID_LENGTH');
      }
      expect(operationCounts()).toEqual(before);
    });

    it('takes an empty context for none', async () => {
      const none = { context: Buffer.alloc(0) };
      expect(await call(form, sig, 'verify', MESSAGE, signature, publicKey, none)).toBe(true);
      const made = await call<Buffer>(form, sig, 'sign', MESSAGE, secretKey, none);
      expect(await call(form, sig, 'verify', MESSAGE, made, publicKey)).toBe(true);
      expect(await call(form, sig, 'verify', MESSAGE, made, publicKey, { context: undefined })).toBe(true);
    });
  });

  it('does many operations at once', async () => {
    const messages = Array.from({ length: 20 }, (_, i) => Buffer.from(`message ${i}`));
    const signatures = await Promise.all(messages.map((message) => sig.sign(message, secretKey)));
    const right = messages.map((message, i) => sig.verify(message, signatures[i] as Buffer, publicKey));
    const wrong = messages.map((message, i) => sig.verify(message, signatures[i + 1] ?? signature, publicKey));
    expect(await Promise.all(right)).toEqual(messages.map(() => true));
    expect(await Promise.all(wrong)).toEqual(messages.map(() => false));
  });
});

describe.each(FORMS)('a context, %s', (form) => {
  const mldsa = new Sig('ML-DSA-87');
  const dilithium = new Sig('Dilithium5');

  it.each([1, 254, 255])('of %i bytes is part of what ML-DSA-87 signs', async (length) => {
    const { publicKey, secretKey } = mldsa.keypairSync();
    const context = randomBytes(length);
    const signature = await call<Buffer>(form, mldsa, 'sign', MESSAGE, secretKey, { context });
    const verified = async (options?: object) => call(form, mldsa, 'verify', MESSAGE, signature, publicKey, options);
    expect(await verified({ context })).toBe(true);
    expect(await verified({ context: Secret.from(context) })).toBe(true);
    expect(await verified({ context: context.subarray(1) })).toBe(false);
    expect(await verified()).toBe(false);
  });

  it('of more than 255 bytes is refused before any work', async () => {
    const { publicKey, secretKey } = mldsa.keypairSync();
    const signature = mldsa.signSync(MESSAGE, secretKey);
    const before = operationCounts();
    for (const length of [256, 257, 65_536]) {
      const options = { context: Buffer.alloc(length) };
      expect(await refusal(form, mldsa, 'sign', MESSAGE, secretKey, options)).toBe('PQ_ERR_INVALID_LENGTH');
      expect(await refusal(form, mldsa, 'verify', MESSAGE, signature, publicKey, options)).toBe(
        'PQ_ERR_INVALID_LENGTH',
      );
    }
    expect(operationCounts()).toEqual(before);
  });

  it('is refused by Dilithium5 before any work', async () => {
    const { publicKey, secretKey } = dilithium.keypairSync();
    const signature = dilithium.signSync(MESSAGE, secretKey);
    const before = operationCounts();
    const options = { context: Buffer.from('x') };
    expect(await refusal(form, dilithium, 'sign', MESSAGE, secretKey, options)).toBe('PQ_ERR_CONTEXT_UNSUPPORTED');
    expect(await refusal(form, dilithium, 'verify', MESSAGE, signature, publicKey, options)).toBe(
      'PQ_ERR_CONTEXT_UNSUPPORTED',
    );
    expect(operationCounts()).toEqual(before);
  });
});
