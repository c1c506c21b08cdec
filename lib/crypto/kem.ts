/** A key encapsulation mechanism, in the shape of liboqs's calls. */
import { PqError } from '../errors.js';
import { type BytesLike, input, Operation, output } from './operation.js';
import { Secret } from './secret.js';
import { KEM_ALGORITHMS, type KemAlgorithm, type KemName, kemAlgorithm } from './suites.js';
import { defineTwins, type Twins } from './twins.js';

export interface KemKeyPair {
  /** 1568 bytes. */
  readonly publicKey: Buffer;
  /** 3168 bytes. */
  readonly secretKey: Secret;
}

export interface Encapsulation {
  /** 1568 bytes, for the holder of the secret key. */
  readonly ciphertext: Buffer;
  /** 32 bytes. */
  readonly sharedSecret: Secret;
}

/** Each operation once; {@link Kem} has it twice. */
export const kemOperations = {
  /** Makes a key pair from the system's randomness. */
  keypair(algorithm: KemAlgorithm): Operation<KemKeyPair> {
    const publicKey = Buffer.allocUnsafe(algorithm.publicKeyLength);
    const secretKey = Secret.allocate(algorithm.secretKeyLength);
    const args = [output('publicKey', publicKey), output('secretKey', secretKey)];
    return new Operation([{ operation: 'kemKeypair', algorithm, arguments: args }], () => ({ publicKey, secretKey }));
  },

  /**
   * Makes a shared secret and its ciphertext for the holder of the secret key.
   *
   * @throws PQ_ERR_INVALID_LENGTH; PQ_ERR_INVALID_PUBLIC_KEY if a coefficient is not reduced (FIPS 203 §7.2)
   */
  encapsulate(algorithm: KemAlgorithm, publicKey: BytesLike): Operation<Encapsulation> {
    const ciphertext = Buffer.allocUnsafe(algorithm.ciphertextLength);
    const sharedSecret = Secret.allocate(algorithm.sharedSecretLength);
    const args = [
      output('ciphertext', ciphertext),
      output('sharedSecret', sharedSecret),
      input('publicKey', publicKey),
    ];
    return new Operation([{ operation: 'kemEncapsulate', algorithm, arguments: args }], () => ({
      ciphertext,
      sharedSecret,
    }));
  },

  /**
   * The shared secret of a ciphertext. A ciphertext that was made for another key or was changed gives another
   * secret and no error (implicit rejection).
   *
   * @throws PQ_ERR_INVALID_LENGTH; PQ_ERR_INVALID_SECRET_KEY if the hash in an ML-KEM key is wrong (FIPS 203 §7.3)
   */
  decapsulate(algorithm: KemAlgorithm, secretKey: BytesLike, ciphertext: BytesLike): Operation<Secret> {
    const sharedSecret = Secret.allocate(algorithm.sharedSecretLength);
    const args = [output('sharedSecret', sharedSecret), input('secretKey', secretKey), input('ciphertext', ciphertext)];
    return new Operation([{ operation: 'kemDecapsulate', algorithm, arguments: args }], () => sharedSecret);
  },
};

/** Whether bytes of the right length are a public key: each coefficient is reduced (FIPS 203 §7.2). */
export function isKemPublicKey(algorithm: KemAlgorithm, publicKey: Uint8Array): boolean {
  const args = [input('publicKey', publicKey)];
  try {
    new Operation([{ operation: 'kemCheckPublicKey', algorithm, arguments: args }], () => undefined).runSync();
    return true;
  } catch (error) {
    if (error instanceof PqError && error.code === 'PQ_ERR_INVALID_PUBLIC_KEY') return false;
    throw error;
  }
}

/**
 * `new Kem('Kyber1024')` or `new Kem('ML-KEM-1024')`. Each operation gives a promise and runs off the event loop;
 * the same name with `Sync` runs inline. Inputs may be any Uint8Array that isn't shared, or a {@link Secret}.
 */
export class Kem {
  /** The names that the constructor takes. */
  static readonly algorithms: readonly KemName[] = Object.freeze(Object.keys(KEM_ALGORITHMS) as KemName[]);

  readonly algorithm: KemName;
  /** In bytes, as the other lengths. */
  readonly publicKeyLength: number;
  readonly secretKeyLength: number;
  readonly ciphertextLength: number;
  readonly sharedSecretLength: number;
  readonly #row: KemAlgorithm;

  /** @throws PQ_ERR_UNKNOWN_ALGORITHM */
  constructor(algorithm: KemName) {
    this.#row = kemAlgorithm(algorithm);
    this.algorithm = algorithm;
    this.publicKeyLength = this.#row.publicKeyLength;
    this.secretKeyLength = this.#row.secretKeyLength;
    this.ciphertextLength = this.#row.ciphertextLength;
    this.sharedSecretLength = this.#row.sharedSecretLength;
  }

  static {
    defineTwins(Kem.prototype, (kem) => kem.#row, kemOperations);
  }
}

export interface Kem extends Twins<typeof kemOperations> {}
