/** `sig.prepare`: what it takes, what it holds and for how long. That its matrix is used: test/native/matrices.test.ts. */
import '../support/use-test-addon.js';
import { Identity } from '../../lib/index.js';
import { addon } from '../../lib/native/load.js';
import { operationCounts, Secret, Sig } from '../../lib/oqs.js';
import { testAddon } from '../support/test-addon.js';
import { notBytes, strangeMemory } from './not-bytes.js';

const MESSAGE = Buffer.from('a message');

describe.each(Sig.algorithms)('a prepared key of %s', (name) => {
  const sig = new Sig(name);
  const { publicKey, secretKey } = sig.keypairSync();
  const number = { Dilithium5: 2, 'ML-DSA-87': 3 }[name];

  it.each<[string, Uint8Array | Secret]>([
    ['a public key', publicKey],
    ['a secret key', secretKey],
    ['a secret key as bytes', secretKey.export()],
    ['a view', Buffer.concat([Buffer.alloc(3), publicKey]).subarray(3)],
  ])('is made of %s, and is used by both of its keys in both forms until it is disposed of', async (_, key) => {
    const prepared = sig.prepare(key);
    const signature = sig.signSync(MESSAGE, secretKey);
    expect(await results(signature)).toEqual([true, true]);
    testAddon.spoilMatrix(number, publicKey);
    expect(await results(signature)).toEqual([false, false]);
    const wrong = [sig.signSync(MESSAGE, secretKey), await sig.sign(MESSAGE, secretKey)];
    prepared.dispose();
    prepared[Symbol.dispose]();
    expect(held()).toBe(0);
    expect(await results(signature)).toEqual([true, true]);
    expect(wrong.map((made) => sig.verifySync(MESSAGE, made, publicKey))).toEqual([false, false]);
  });

  it('is not made of what is no key, and nothing is held then', () => {
    const before = operationCounts();
    for (const { what, value, code } of [...notBytes(2592), ...strangeMemory(publicKey)]) {
      expect(() => sig.prepare(value as Uint8Array)).toThrow(expect.objectContaining({ code }));
      expect([what, held()]).toEqual([what, 0]);
    }
    for (const length of [0, 1, 32, 2591, 2593, sig.secretKeyLength - 1, sig.secretKeyLength + 1]) {
      const thrown = { code: 'PQ_ERR_INVALID_LENGTH', message: `key of ${length} bytes: not what ${name} has` };
      expect(() => sig.prepare(Buffer.alloc(length))).toThrow(expect.objectContaining(thrown));
    }
    const disposed = Secret.from(secretKey.export());
    disposed.dispose();
    expect(() => sig.prepare(disposed)).toThrow(expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' }));
    expect([operationCounts(), held()]).toEqual([before, 0]);
  });

  it('outlives the bytes that it was made of', () => {
    const copy = Secret.from(secretKey.export());
    const prepared = sig.prepare(copy);
    copy.dispose();
    expect(sig.verifySync(MESSAGE, sig.signSync(MESSAGE, secretKey), publicKey)).toBe(true);
    expect(held()).toBe(1);
    prepared.dispose();
  });

  it('is held by an identity from its first use until it is disposed of', () => {
    const identity = Identity.from({ algorithm: name, publicKey, secretKey });
    expect(held()).toBe(0);
    for (let i = 0; i < 3; i += 1) Identity.prepare(identity);
    expect(held()).toBe(1);
    identity.dispose();
    identity.dispose();
    expect(held()).toBe(0);
  });

  async function results(signature: Uint8Array): Promise<boolean[]> {
    return [sig.verifySync(MESSAGE, signature, publicKey), await sig.verify(MESSAGE, signature, publicKey)];
  }
});

/** How many keys are prepared in this process. */
function held(): number {
  const counts = new Float64Array(1);
  addon.matrixCounts(counts);
  return counts[0] as number;
}
