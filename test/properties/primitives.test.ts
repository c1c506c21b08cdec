/** What holds for every key, message and bit. */
import fc from 'fast-check';
import { Kem, Secret, Sig } from '../../lib/oqs.js';

const KEM_RUNS = 100;
const SIG_RUNS = 40;

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const bit = fc.nat();

describe.each(Kem.algorithms)('%s', (name) => {
  const kem = new Kem(name);
  const own = kem.keypairSync();

  it('gives both sides the same secret for every key', () => {
    const property = fc.property(fc.boolean(), (fresh) => {
      const { publicKey, secretKey } = fresh ? kem.keypairSync() : own;
      const { ciphertext, sharedSecret } = kem.encapsulateSync(publicKey);
      expect(kem.decapsulateSync(secretKey, ciphertext).equals(sharedSecret)).toBe(true);
    });
    fc.assert(property, { numRuns: KEM_RUNS });
  });

  it('gives another secret for a ciphertext with any flipped bit, the same inline and off the event loop', async () => {
    const property = fc.asyncProperty(bit, async (position) => {
      const { ciphertext, sharedSecret } = kem.encapsulateSync(own.publicKey);
      const changed = flipped(ciphertext, position);
      const secret = kem.decapsulateSync(own.secretKey, changed);
      expect(secret.equals(sharedSecret)).toBe(false);
      expect(secret.equals(await kem.decapsulate(own.secretKey, changed))).toBe(true);
    });
    await fc.assert(property, { numRuns: KEM_RUNS });
  });

  it('gives another secret, or refuses, for a public key with any flipped bit', () => {
    const property = fc.property(bit, (position) => {
      const secret = secretFor(flipped(own.publicKey, position));
      if (secret === undefined) return;
      expect(kem.decapsulateSync(own.secretKey, secret.ciphertext).equals(secret.sharedSecret)).toBe(false);
    });
    fc.assert(property, { numRuns: KEM_RUNS });
  });

  function secretFor(publicKey: Uint8Array) {
    try {
      return kem.encapsulateSync(publicKey);
    } catch (error) {
      expect(error).toMatchObject({ code: 'PQ_ERR_INVALID_PUBLIC_KEY' });
      return undefined;
    }
  }
});

describe.each(Sig.algorithms)('%s', (name) => {
  const sig = new Sig(name);
  const { publicKey, secretKey } = sig.keypairSync();
  const contexts = name === 'ML-DSA-87' ? bytes(255) : fc.constant(new Uint8Array(0));

  it('verifies every message that it signed', async () => {
    const property = fc.asyncProperty(bytes(2000), contexts, async (message, context) => {
      const signature = await sig.sign(message, secretKey, { context });
      expect(sig.verifySync(message, signature, publicKey, { context })).toBe(true);
    });
    await fc.assert(property, { numRuns: SIG_RUNS });
  });

  it('answers false when any bit of signature, message, context or key is flipped', async () => {
    const property = fc.asyncProperty(bytes(2000), contexts, bit, async (message, context, position) => {
      const signature = sig.signSync(message, secretKey, { context });
      const right = { message, signature: signature as Uint8Array, publicKey: publicKey as Uint8Array, context };
      for (const part of ['signature', 'message', 'publicKey', 'context'] as const) {
        if (right[part].length === 0) continue;
        const wrong = { ...right, [part]: flipped(right[part], position) };
        const answer = sig.verify(wrong.message, wrong.signature, wrong.publicKey, { context: wrong.context });
        expect([part, await answer]).toEqual([part, false]);
      }
    });
    await fc.assert(property, { numRuns: SIG_RUNS });
  });

  it('answers false for the signature of another message or another context', () => {
    const property = fc.property(bytes(50), bytes(50), contexts, contexts, (message, other, context, otherContext) => {
      const signature = sig.signSync(message, secretKey, { context });
      const same = Buffer.from(message).equals(other) && Buffer.from(context).equals(otherContext);
      expect(sig.verifySync(other, signature, publicKey, { context: otherContext })).toBe(same);
    });
    fc.assert(property, { numRuns: SIG_RUNS });
  });
});

it('two Secrets are equal just when their bytes are', () => {
  const property = fc.property(bytes(64), bytes(64), (one, two) => {
    expect(Secret.from(one).equals(Secret.from(two))).toBe(Buffer.from(one).equals(two));
    expect(Secret.from(one).equals(Secret.from(Uint8Array.from(one)))).toBe(true);
    expect(Secret.from(one).export().equals(one)).toBe(true);
  });
  fc.assert(property);
});

function flipped(original: Uint8Array, position: number): Uint8Array {
  const copy = Uint8Array.from(original);
  const at = position % (copy.length * 8);
  copy[at >> 3] = (copy[at >> 3] as number) ^ (1 << (at & 7));
  return copy;
}
