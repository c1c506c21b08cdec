/** An identity: a long-term signature key pair, and the one profile that it may be used in. */
import { bytesEqual } from '../bytes.js';
import { shake256 } from '../crypto/hash.js';
import { type BytesLike, input } from '../crypto/operation.js';
import type { PreparedKey } from '../crypto/prepared-key.js';
import { Secret } from '../crypto/secret.js';
import { Sig } from '../crypto/sig.js';
import { DEFAULT_SIG, SEED_SUITE, type SigAlgorithm, type SigName, sigAlgorithm } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import { checkNames } from '../option-names.js';
import { fingerprintOf } from './fingerprint.js';

/** The protocol that an identity is for. The seed profile signs bare keys, so that its keys must serve nothing else. */
export type Profile = 'hardened' | 'seed';

export const PROFILES: readonly Profile[] = ['hardened', 'seed'];
export const DEFAULT_PROFILE = 'hardened' satisfies Profile;

/** Where ρ ends and the hash of the public key begins in a secret key: ρ (32), K (32), tr … (FIPS 204 Algorithm 24). */
const RHO_LENGTH = 32;
const TR_OFFSET = 64;

const OPTION_NAMES = ['algorithm', 'profile'];

export interface IdentityOptions<P extends Profile = 'hardened'> {
  /** Dilithium5 unless said otherwise. */
  readonly algorithm?: SigName | undefined;
  /** `'hardened'` unless said otherwise; an identity belongs to one profile for good. */
  readonly profile?: P | undefined;
}

export interface IdentityParts<P extends Profile = 'hardened'> extends IdentityOptions<P> {
  /** 2592 bytes. */
  readonly publicKey: Uint8Array;
  /** 4864 bytes (Dilithium5) or 4896 (ML-DSA-87); copied. */
  readonly secretKey: BytesLike;
}

/** `Identity` is one of the hardened profile, `Identity<'seed'>` one of the other. */
export class Identity<P extends Profile = 'hardened'> {
  readonly algorithm: SigName;
  readonly profile: P;
  readonly publicKey: Buffer;
  /** `pqsock1:…`, see fingerprintOf. */
  readonly fingerprint: string;
  readonly #secretKey: Secret;
  #prepared: PreparedKey | undefined;

  private constructor(algorithm: SigName, profile: P, publicKey: Buffer, secretKey: Secret) {
    this.algorithm = algorithm;
    this.profile = profile;
    this.publicKey = publicKey;
    this.fingerprint = fingerprintOf(algorithm, publicKey);
    this.#secretKey = secretKey;
  }

  /**
   * Makes a new identity from the system's randomness, off the event loop.
   *
   * @throws PQ_ERR_INVALID_OPTION for an option or a profile that is unknown, or a profile not for this algorithm;
   *   PQ_ERR_UNKNOWN_ALGORITHM
   */
  static async generate<P extends Profile = 'hardened'>(options: IdentityOptions<P> = {}): Promise<Identity<P>> {
    checkNames(options ?? {}, OPTION_NAMES);
    const { algorithm = DEFAULT_SIG, profile = DEFAULT_PROFILE as P } = options ?? {};
    checkProfile(profile, algorithm);
    const { publicKey, secretKey } = await new Sig(algorithm).keypair();
    return new Identity(algorithm, profile, publicKey, secretKey);
  }

  /**
   * An identity of keys that exist. Both are copied, and checked to belong together.
   *
   * @throws PQ_ERR_INVALID_OPTION, PQ_ERR_INVALID_ARGUMENT, PQ_ERR_INVALID_LENGTH; PQ_ERR_INVALID_SECRET_KEY if the
   *   secret key is another public key's
   */
  static from<P extends Profile = 'hardened'>(parts: IdentityParts<P>): Identity<P> {
    checkNames(parts ?? {}, [...OPTION_NAMES, 'publicKey', 'secretKey'], 'part');
    const { algorithm = DEFAULT_SIG, profile = DEFAULT_PROFILE as P, publicKey, secretKey } = parts ?? {};
    checkProfile(profile, algorithm);
    const row = sigAlgorithm(algorithm);
    const publicBytes = exactly(row.publicKeyLength, 'publicKey', publicKey);
    const secretBytes = exactly(row.secretKeyLength, 'secretKey', secretKey);
    if (!belongTogether(row, publicBytes, secretBytes)) {
      throw pqError('PQ_ERR_INVALID_SECRET_KEY', `the secret key does not belong to the ${algorithm} public key`);
    }
    return new Identity(algorithm, profile, Buffer.from(publicBytes), Secret.from(secretBytes));
  }

  /** For this package: the key to sign with. Not to be disposed of by who asks. */
  static secretKeyOf(identity: Identity<Profile>): Secret {
    return identity.#secretKey;
  }

  /** For this package: makes its key ready, once and for as long as there is the identity. */
  static prepare(identity: Identity<Profile>): void {
    identity.#prepared ??= new Sig(identity.algorithm).prepare(identity.publicKey);
  }

  /** Wipes the secret key. Connections that are open go on; new ones fail. */
  dispose(): void {
    this.#prepared?.dispose();
    this.#secretKey.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checkProfile(profile: Profile, algorithm: SigName): void {
  sigAlgorithm(algorithm);
  if (!PROFILES.includes(profile)) {
    throw pqError('PQ_ERR_INVALID_OPTION', `profile must be one of ${PROFILES.join(', ')}: an identity belongs to one`);
  }
  if (profile === 'seed' && algorithm !== SEED_SUITE.sig) {
    throw pqError('PQ_ERR_INVALID_OPTION', `the seed profile is for ${SEED_SUITE.sig} identities, not ${algorithm}`);
  }
}

function exactly(length: number, name: string, value: BytesLike): Uint8Array {
  const { bytes } = input(name, value);
  if (!(bytes instanceof Uint8Array)) throw pqError('PQ_ERR_INVALID_ARGUMENT', `${name} must be a Uint8Array`);
  if (bytes.length === length) return bytes;
  throw pqError('PQ_ERR_INVALID_LENGTH', `${name} of ${bytes.length} bytes: it has ${length}`);
}

/** A secret key holds the public key's ρ, and its hash tr. */
function belongTogether({ trLength }: SigAlgorithm, publicKey: Uint8Array, secretKey: Uint8Array): boolean {
  const tr = secretKey.subarray(TR_OFFSET, TR_OFFSET + trLength);
  return (
    bytesEqual(secretKey.subarray(0, RHO_LENGTH), publicKey.subarray(0, RHO_LENGTH)) &&
    bytesEqual(tr, shake256(publicKey, trLength))
  );
}
