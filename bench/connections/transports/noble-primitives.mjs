// @ts-check
/** The algorithms of a suite from noble, in the form in which the handshake takes the addon's. */
import { randomBytes } from 'node:crypto';
import { isKemPublicKey } from '../../../dist/crypto/kem.js';
import { Operation } from '../../../dist/crypto/operation.js';
import { Secret } from '../../../dist/crypto/secret.js';
import { kemAlgorithm, SUITES, sigAlgorithm } from '../../../dist/crypto/suites.js';
import { loadRival } from '../../rivals/load.mjs';

/** @typedef {import('../../../dist/crypto/primitives.js').Primitives} Primitives */
/** @typedef {{ sign: (message: Uint8Array, secretKey: Uint8Array) => Uint8Array, verify: (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean }} Signatures */

/**
 * @param {import('../../../dist/crypto/suites.js').SuiteName} name
 * @returns {Promise<Primitives>}
 * @throws {Error} if noble is not installed
 */
export async function noblePrimitives(name) {
  const suite = SUITES[name];
  const { kem, sig } = await (suite.sig === 'ML-DSA-87' ? loadStandards() : loadDraft());
  const algorithm = kemAlgorithm(suite.kem);
  return {
    kem: {
      algorithm,
      isPublicKey: (publicKey) => isKemPublicKey(algorithm, publicKey),
      keypair: () =>
        new Inline(() => {
          const { publicKey, secretKey } = kem.keygen();
          return { publicKey: Buffer.from(publicKey), secretKey: Secret.from(secretKey) };
        }),
      encapsulate: (publicKey) =>
        new Inline(() => {
          const { cipherText, sharedSecret } = kem.encapsulate(publicKey);
          return { ciphertext: Buffer.from(cipherText), sharedSecret: Secret.from(sharedSecret) };
        }),
      decapsulate: (secretKey, ciphertext) =>
        new Inline(() => Secret.from(kem.decapsulate(ciphertext, bytesOf(secretKey)))),
    },
    sig: {
      algorithm: sigAlgorithm(suite.sig),
      sign: (message, secretKey) => new Inline(() => Buffer.from(sig.sign(message, bytesOf(secretKey)))),
      verify: (message, signature, publicKey) => new Inline(() => sig.verify(message, signature, publicKey)),
    },
  };
}

/** @returns {Promise<{ kem: any, sig: Signatures }>} */
async function loadStandards() {
  const { ml_kem1024: kem } = await loadRival('@noble/post-quantum', '/ml-kem.js');
  const { ml_dsa87: sig } = await loadRival('@noble/post-quantum', '/ml-dsa.js');
  return {
    kem,
    sig: {
      sign: (message, secretKey) => sig.sign(message, secretKey),
      verify: (message, signature, publicKey) => sig.verify(signature, message, publicKey),
    },
  };
}

/** @returns {Promise<{ kem: any, sig: Signatures }>} */
async function loadDraft() {
  const { kyber1024: kem } = await loadRival('noble-post-quantum-draft', '/ml-kem');
  const { dilithium_v31 } = await loadRival('noble-post-quantum-draft', '/ml-dsa');
  const sig = dilithium_v31.dilithium5;
  return {
    kem,
    sig: {
      sign: (message, secretKey) => sig.sign(secretKey, message, randomBytes(sig.signRandBytes)),
      verify: (message, signature, publicKey) => sig.verify(publicKey, message, signature),
    },
  };
}

/**
 * Runs JavaScript where it stands.
 *
 * @template T
 * @extends {Operation<T>}
 */
class Inline extends Operation {
  #action;

  /** @param {() => T} action */
  constructor(action) {
    super([], action);
    this.#action = action;
  }

  /**
   * @override
   * @param {import('../../../dist/crypto/operation.js').Done<T>} done
   */
  begin(done) {
    process.nextTick(() => {
      let result;
      try {
        result = this.#action();
      } catch (error) {
        done(error);
        return;
      }
      done(undefined, result);
    });
  }

  /** @override */
  runSync() {
    return this.#action();
  }

  /**
   * @override
   * @template U
   * @param {(made: T) => Operation<U>} next
   * @returns {Operation<{ first: T, second: U }>}
   */
  followedBy(next) {
    return new Inline(() => {
      const first = this.#action();
      return { first, second: next(first).runSync() };
    });
  }

  /**
   * @override
   * @param {Operation<boolean>} verification
   * @returns {Operation<T | undefined>}
   */
  provided(verification) {
    return new Inline(() => (verification.runSync() ? this.#action() : undefined));
  }

  /**
   * @override
   * @template U
   * @param {(made: T) => U} change
   * @returns {Operation<U>}
   */
  map(change) {
    return new Inline(() => change(this.#action()));
  }
}

/** @param {Uint8Array | Secret} value */
function bytesOf(value) {
  return value instanceof Secret ? Secret.bytesOf(value) : value;
}
