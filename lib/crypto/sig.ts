/** A signature algorithm, in the shape of liboqs's calls. */
import { EMPTY } from '../bytes.js';
import { pqError } from '../errors.js';
import { type Argument, type BytesLike, input, type NativeCall, Operation, output } from './operation.js';
import { PreparedKey } from './prepared-key.js';
import { Secret } from './secret.js';
import { SIG_ALGORITHMS, type SigAlgorithm, type SigName, sigAlgorithm } from './suites.js';
import { defineTwins, type Twins } from './twins.js';

/** The keys of a signer. */
export interface SigKeyPair {
  /** 2592 bytes. */
  readonly publicKey: Buffer;
  /** 4864 bytes (Dilithium5) or 4896 (ML-DSA-87). */
  readonly secretKey: Secret;
}

/** How a key pair is made. */
export interface KeypairOptions {
  /** 32 bytes, of which the key pair is made (FIPS 204 Algorithm 6); otherwise the system's randomness is taken. */
  readonly seed?: BytesLike | undefined;
}

/** What is signed besides the message. */
export interface SignatureOptions {
  /** FIPS 204's context, up to 255 bytes; an empty one is none. Dilithium5 has none. */
  readonly context?: BytesLike | undefined;
}

/** Each operation once; {@link Sig} has it twice. */
export const sigOperations = {
  /**
   * Makes a key pair from the system's randomness, or the one that belongs to a seed.
   *
   * @throws PQ_ERR_INVALID_LENGTH of the seed; PQ_ERR_INVALID_OPTION
   */
  keypair(algorithm: SigAlgorithm, options: KeypairOptions = {}): Operation<SigKeyPair> {
    const { seed } = only(options, 'the options of a key pair', 'seed');
    const publicKey = Buffer.allocUnsafe(algorithm.publicKeyLength);
    const secretKey = Secret.allocate(algorithm.secretKeyLength);
    const made = [output('publicKey', publicKey), output('secretKey', secretKey)];
    const call: NativeCall =
      seed === undefined
        ? { operation: 'sigKeypair', algorithm, arguments: made }
        : { operation: 'sigKeypairFrom', algorithm, arguments: [...made, input('seed', seed)] };
    return new Operation([call], () => ({ publicKey, secretKey }));
  },

  /**
   * The public key of a secret key.
   *
   * @throws PQ_ERR_INVALID_LENGTH; PQ_ERR_INVALID_SECRET_KEY if no key generation could have made the secret key
   */
  publicKeyOf(algorithm: SigAlgorithm, secretKey: BytesLike): Operation<Buffer> {
    const publicKey = Buffer.allocUnsafe(algorithm.publicKeyLength);
    const args = [output('publicKey', publicKey), input('secretKey', secretKey)];
    return new Operation([{ operation: 'sigPublicKey', algorithm, arguments: args }], () => publicKey);
  },

  /**
   * Signs a message; hedged with fresh randomness, so that no two signatures are the same.
   *
   * @throws PQ_ERR_INVALID_LENGTH (also of a context over 255 bytes); PQ_ERR_CONTEXT_UNSUPPORTED;
   *   PQ_ERR_INVALID_OPTION
   */
  sign(
    algorithm: SigAlgorithm,
    message: BytesLike,
    secretKey: BytesLike,
    options: SignatureOptions = {},
  ): Operation<Buffer> {
    const signature = Buffer.allocUnsafe(algorithm.signatureLength);
    const args = [
      output('signature', signature),
      input('secretKey', secretKey),
      input('message', message),
      contextOf(options),
    ];
    return new Operation([{ operation: 'sigSign', algorithm, arguments: args }], () => signature);
  },

  /**
   * Whether the signature is right; one of another length is wrong like any other.
   *
   * @throws PQ_ERR_INVALID_LENGTH of the public key or the context; PQ_ERR_CONTEXT_UNSUPPORTED; PQ_ERR_INVALID_OPTION
   */
  verify(
    algorithm: SigAlgorithm,
    message: BytesLike,
    signature: BytesLike,
    publicKey: BytesLike,
    options: SignatureOptions = {},
  ): Operation<boolean> {
    return verification('sigVerify', algorithm, message, signature, publicKey, options);
  },
};

/**
 * The same as `verify`, of a peer that may come back: once its second signature was right its key is kept prepared,
 * if there is a place (`prepared-peers.ts`).
 */
export function verifyPeer(
  algorithm: SigAlgorithm,
  message: BytesLike,
  signature: BytesLike,
  publicKey: BytesLike,
): Operation<boolean> {
  return verification('sigVerifyPeer', algorithm, message, signature, publicKey, {});
}

function verification(
  operation: 'sigVerify' | 'sigVerifyPeer',
  algorithm: SigAlgorithm,
  message: BytesLike,
  signature: BytesLike,
  publicKey: BytesLike,
  options: SignatureOptions,
): Operation<boolean> {
  const args = [
    input('publicKey', publicKey),
    input('message', message),
    input('signature', signature),
    contextOf(options),
  ];
  return new Operation([{ operation, algorithm, arguments: args }], (verified) => verified);
}

function contextOf(options: SignatureOptions): Argument {
  const { context = EMPTY } = only(options, 'the options of a signature', 'context');
  return input('context', context);
}

// An option that is misspelt, or bytes in the place of the options, would have no effect at all.
function only<T extends object>(options: T, what: string, option: keyof T & string): T {
  const names = typeof options === 'object' && options !== null ? Object.keys(options) : undefined;
  if (names?.every((name) => name === option)) return options;
  throw pqError('PQ_ERR_INVALID_OPTION', `${what} are an object: { ${option} }`);
}

/**
 * `new Sig('Dilithium5')` or `new Sig('ML-DSA-87')`. Each operation gives a promise and runs off the event loop; the
 * same name with `Sync` runs inline. Inputs may be any Uint8Array that isn't shared, or a {@link Secret}.
 */
export class Sig {
  /** The names that the constructor takes. */
  static readonly algorithms: readonly SigName[] = Object.freeze(Object.keys(SIG_ALGORITHMS) as SigName[]);

  readonly algorithm: SigName;
  /** In bytes, as the other lengths. */
  readonly publicKeyLength: number;
  readonly secretKeyLength: number;
  readonly signatureLength: number;
  readonly #row: SigAlgorithm;

  /** @throws PQ_ERR_UNKNOWN_ALGORITHM */
  constructor(algorithm: SigName) {
    this.#row = sigAlgorithm(algorithm);
    this.algorithm = algorithm;
    this.publicKeyLength = this.#row.publicKeyLength;
    this.secretKeyLength = this.#row.secretKeyLength;
    this.signatureLength = this.#row.signatureLength;
  }

  /**
   * Makes a public or a secret key ready, inline: it costs about what is saved in one signature or verification with
   * it, a third of the one, two thirds of the other. While the result lives all of them are faster, in both forms and
   * on all threads; a secret key and its public key are one here.
   *
   * @throws PQ_ERR_INVALID_ARGUMENT, PQ_ERR_INVALID_LENGTH, PQ_ERR_DETACHED_BUFFER, PQ_ERR_SHARED_BUFFER,
   *   PQ_ERR_SECRET_DISPOSED, PQ_ERR_OUT_OF_MEMORY
   */
  prepare(key: BytesLike): PreparedKey {
    return PreparedKey.of(this.#row, key);
  }

  static {
    defineTwins(Sig.prototype, (sig) => sig.#row, sigOperations);
  }
}

export interface Sig extends Twins<typeof sigOperations> {}
