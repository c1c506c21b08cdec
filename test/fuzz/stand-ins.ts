/**
 * Algorithms that always give the same and take no time, so that an input of the fuzzer means the same each time. They
 * protect nothing: who knows a public key can sign and decapsulate. The protocol around them can't tell.
 */
import { createHash } from 'node:crypto';
import { Operation } from '../../lib/crypto/operation.js';
import type { Primitives } from '../../lib/crypto/primitives.js';
import { Secret } from '../../lib/crypto/secret.js';
import { SIG_ALGORITHMS, type SigName } from '../../lib/crypto/suites.js';
import { Identity } from '../../lib/keys/identity.js';
import type { Profile } from '../../lib/keys/profile.js';

/** Bytes of kem_pk, kem_ct and signatures: few, so that a change of an input seldom hits them. */
export const SHORT = 16;

/** Primitives for one side of one run: what is random elsewhere is counted. Signature keys keep their real length. */
export function standIns(): Primitives {
  let made = 0;
  const fresh = (what: string) => digest(what, Uint8Array.of(made++)).subarray(0, SHORT);
  const lengths = { publicKeyLength: SHORT, secretKeyLength: SHORT, ciphertextLength: SHORT, sharedSecretLength: 32 };
  const kem: Primitives['kem'] = {
    algorithm: { name: 'stand-in', number: 0, ...lengths },
    isPublicKey: (publicKey) => publicKey[0] === KEM_KEY_MARK,
    keypair: () =>
      new Instant(() => {
        const secretKey = fresh('key');
        return { publicKey: kemPublicKey(secretKey), secretKey: Secret.from(secretKey) };
      }),
    encapsulate: (publicKey) =>
      new Instant(() => {
        const ciphertext = fresh('ciphertext');
        return { ciphertext, sharedSecret: Secret.from(digest('shared', publicKey, ciphertext).subarray(0, 32)) };
      }),
    decapsulate: (secretKey, ciphertext) =>
      new Instant(() => {
        const publicKey = kemPublicKey(secretKey instanceof Secret ? Secret.bytesOf(secretKey) : secretKey);
        return Secret.from(digest('shared', publicKey, ciphertext).subarray(0, 32));
      }),
  };
  const algorithm = { ...SIG_ALGORITHMS.Dilithium5, signatureLength: SHORT };
  return {
    kem,
    sig: {
      algorithm,
      sign: (message, secretKey) => new Instant(() => signature(message, Secret.bytesOf(secretKey))),
      verify: (message, signed, publicKey) => new Instant(() => signature(message, publicKey).equals(signed)),
    },
  };
}

/** An identity whose keys are made of one byte. */
export function standInIdentity<P extends Profile = 'hardened'>(
  byte: number,
  { algorithm = 'Dilithium5', profile }: { algorithm?: SigName; profile?: P } = {},
): Identity<P> {
  const { publicKeyLength, secretKeyLength, trLength } = SIG_ALGORITHMS[algorithm];
  const publicKey = new Uint8Array(publicKeyLength).fill(byte);
  const secretKey = new Uint8Array(secretKeyLength).fill(byte);
  secretKey.set(createHash('shake256', { outputLength: trLength }).update(publicKey).digest(), 64);
  return Identity.from({ algorithm, publicKey, secretKey, profile });
}

const KEM_KEY_MARK = 0x4b;

/** Runs whatever it is given; verification decides as with the real ones. */
class Instant<T> extends Operation<T> {
  readonly #action: () => T;

  constructor(action: () => T) {
    super([], action);
    this.#action = action;
  }

  override followedBy<U>(next: (made: T) => Operation<U>): Operation<{ first: T; second: U }> {
    return new Instant(() => {
      const first = this.#action();
      return { first, second: next(first).runSync() };
    });
  }

  override provided(verification: Operation<boolean>): Operation<T | undefined> {
    return new Instant(() => (verification.runSync() ? this.#action() : undefined));
  }
}

function kemPublicKey(secretKey: Uint8Array): Buffer {
  const publicKey = digest('public', secretKey).subarray(0, SHORT);
  publicKey[0] = KEM_KEY_MARK;
  return publicKey;
}

/** Public and secret key begin with the same 32 bytes. */
function signature(message: Uint8Array, key: Uint8Array): Buffer {
  return digest('signature', key.subarray(0, 32), message).subarray(0, SHORT);
}

function digest(what: string, ...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha512').update(what);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
