/** Key pairs from their seeds, and public keys from secret keys. Runs twice, as the tests of the algorithms do. */
import { randomBytes } from 'node:crypto';
import { sigAlgorithm } from '../../lib/crypto/suites.js';
import { operationCounts, Secret, Sig, type SigKeyPair, type SigName } from '../../lib/oqs.js';
import { call, FORMS, refusal } from '../crypto/both-forms.js';
import { sigKeypairFrom } from '../support/fixed-random.js';

/** Where tr begins in a secret key, and the bytes of s1 and s2. */
const TR = 64;
const S1 = 7 * 96;
const S2 = 8 * 96;
const ETA = 2;

describe.each(Sig.algorithms)('%s', (name) => {
  const sig = new Sig(name);
  const { trLength } = sigAlgorithm(name);
  const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  const { publicKey, secretKey } = sig.keypairSync({ seed });

  describe.each(FORMS)('%s', (form) => {
    const pairFrom = (from: Uint8Array | Secret) => call<SigKeyPair>(form, sig, 'keypair', { seed: from });

    it('makes of a seed what key generation makes of the same random bytes', async () => {
      const random = randomBytes(32);
      const pair = await pairFrom(random);
      expect({ ...pair, secretKey: pair.secretKey.export() }).toEqual(sigKeypairFrom(random, name));
      expect(await pairFrom(Secret.from(random))).toEqual(pair);
    });

    it('makes another pair without a seed, also after one was given', async () => {
      const pairs = [await pairFrom(seed)];
      for (const options of [[], [{}], [{ seed: undefined }]]) {
        pairs.push(await call<SigKeyPair>(form, sig, 'keypair', ...options));
      }
      expect(new Set(pairs.map((pair) => pair.publicKey.toString('hex'))).size).toBe(pairs.length);
      expect(pairs[0]?.publicKey).toEqual(publicKey);
    });

    it('counts a pair from a seed as a pair', async () => {
      const before = operationCounts();
      await pairFrom(seed);
      await call(form, sig, 'publicKeyOf', secretKey);
      expect(operationCounts()).toEqual({ ...before, keypair: before.keypair + 1 });
    });

    it('refuses seeds of other lengths, and options that are none, before any work', async () => {
      const before = operationCounts();
      for (const length of [0, 1, 31, 33, 64]) {
        expect(await refusal(form, sig, 'keypair', { seed: Buffer.alloc(length) })).toBe('PQ_ERR_INVALID_LENGTH');
      }
      for (const wrong of ['00'.repeat(32), 1, null, {}]) {
        expect(await refusal(form, sig, 'keypair', { seed: wrong })).toBe('PQ_ERR_INVALID_ARGUMENT');
      }
      for (const options of [null, 1, seed, Secret.from(seed), { sead: seed }]) {
        expect(await refusal(form, sig, 'keypair', options)).toBe('PQ_ERR_INVALID_OPTION');
      }
      expect(operationCounts()).toEqual(before);
    });

    it('gives the public key of a secret key', async () => {
      const pair = sig.keypairSync();
      expect(await call(form, sig, 'publicKeyOf', pair.secretKey)).toEqual(pair.publicKey);
      expect(await call(form, sig, 'publicKeyOf', pair.secretKey.export())).toEqual(pair.publicKey);
    });

    it('refuses secret keys of other lengths', async () => {
      for (const length of [0, 32, sig.secretKeyLength - 1, sig.secretKeyLength + 1]) {
        expect(await refusal(form, sig, 'publicKeyOf', Buffer.alloc(length))).toBe('PQ_ERR_INVALID_LENGTH');
      }
    });
  });

  it('makes many at once, each of its own seed', async () => {
    const seeds = Array.from({ length: 60 }, () => randomBytes(32));
    const made = await Promise.all(seeds.map((from) => sig.keypair({ seed: from })));
    const inline = seeds.map((from) => sig.keypairSync({ seed: from }));
    expect(made.map((pair) => pair.publicKey)).toEqual(inline.map((pair) => pair.publicKey));
    expect(made.every((pair, i) => pair.secretKey.equals((inline[i] as SigKeyPair).secretKey))).toBe(true);
  });

  const parts: [string, number, number][] = [
    ['ρ', 0, 32],
    ['the hash of the public key', TR, TR + trLength],
    ['s1', TR + trLength, TR + trLength + S1],
    ['s2', TR + trLength + S1, TR + trLength + S1 + S2],
    ['t0', TR + trLength + S1 + S2, sig.secretKeyLength],
  ];
  it.each(parts)('refuses a secret key with a bit of %s changed', (_, from, to) => {
    for (const at of [from, (from + to) >> 1, to - 1]) {
      const changed = secretKey.export();
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => sig.publicKeyOfSync(changed)).toThrow(
        expect.objectContaining({ code: 'PQ_ERR_INVALID_SECRET_KEY' }),
      );
    }
  });

  it('refuses a coefficient that is out of range, though all that follows from it is right', () => {
    // t = A s1 + s2: what a coefficient of s2 loses t0 loses, too, and the public key stays. In range, that is a key.
    const verdicts = [2, 1, 0, -1, -2, -3, -4, -5].map((coefficient) => {
      try {
        return sig.publicKeyOfSync(withCoefficient(name, secretKey, coefficient)).equals(publicKey);
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    const refused = 'PQ_ERR_INVALID_SECRET_KEY';
    expect(verdicts).toEqual([true, true, true, true, true, refused, refused, refused]);
  });
});

/** The first coefficient of s2 becomes this, and the first of t0 as much less or more. FIPS 204 Algorithms 17, 24. */
function withCoefficient(name: SigName, secretKey: Secret, coefficient: number): Buffer {
  const key = secretKey.export();
  const s2 = TR + sigAlgorithm(name).trLength + S1;
  const t0 = s2 + S2;
  const before = ETA - (key.readUInt8(s2) & 7);
  key.writeUInt8((key.readUInt8(s2) & ~7) | (ETA - coefficient), s2);
  const packed = (key.readUInt16LE(t0) & 0x1fff) - (coefficient - before); // 2^12 - t0
  if (packed < 0 || packed > 0x1fff) throw new Error('t1 would change: another seed is needed');
  key.writeUInt16LE((key.readUInt16LE(t0) & ~0x1fff) | packed, t0);
  return key;
}
