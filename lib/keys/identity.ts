/** An identity: a long-term signature key pair, and the one profile that it may be used in. */
import { bytesEqual, EMPTY } from '../bytes.js';
import { shake256 } from '../crypto/hash.js';
import { type BytesLike, input } from '../crypto/operation.js';
import type { PreparedKey } from '../crypto/prepared-key.js';
import { randomSecret } from '../crypto/random.js';
import { Secret } from '../crypto/secret.js';
import { Sig } from '../crypto/sig.js';
import { DEFAULT_SIG, SEED_SUITE, type SigAlgorithm, type SigName, sigAlgorithm } from '../crypto/suites.js';
import { pqError, quoted } from '../errors.js';
import { checkNames } from '../option-names.js';
import { fingerprintOf } from './fingerprint.js';
import { type Jwk, publicKeyFromJwk, publicKeyToJwk, seedOfJwk } from './jwk.js';
import type { Passphrase } from './pbes2.js';
import type { PemLike } from './pem.js';
import type { PrivateKey } from './pkcs8.js';
import { privateKeyToPem, usePrivatePem } from './private-pem.js';
import { DEFAULT_PROFILE, PROFILES, type Profile } from './profile.js';

/** Where ρ ends and the hash of the public key begins in a secret key: ρ (32), K (32), tr … (FIPS 204 Algorithm 24). */
const RHO_LENGTH = 32;
const TR_OFFSET = 64;

const SEED_LENGTH = 32;

const OPTION_NAMES = ['algorithm', 'profile'];
const PART_NAMES = ['publicKey', 'secretKey'];

/** Which kind of identity it is. */
export interface IdentityOptions<P extends Profile = 'hardened'> {
  /** Dilithium5 unless said otherwise. */
  readonly algorithm?: SigName | undefined;
  /** `'hardened'` unless said otherwise; an identity belongs to one profile for good. */
  readonly profile?: P | undefined;
}

/** The two keys of an identity, as bytes. */
export interface IdentityParts<P extends Profile = 'hardened'> extends IdentityOptions<P> {
  /** 2592 bytes. */
  readonly publicKey: Uint8Array;
  /** 4864 bytes (Dilithium5) or 4896 (ML-DSA-87); copied. */
  readonly secretKey: BytesLike;
}

/** The seed that all of an identity follows from. */
export interface IdentitySeed<P extends Profile = 'hardened'> extends IdentityOptions<P> {
  /** 32 bytes; copied. Nobody else may know them. */
  readonly seed: BytesLike;
}

/** What a key that is read must be, and what it is encrypted with. */
export interface ReadOptions<P extends Profile = 'hardened'> {
  /** The profile that the key must be for: `'hardened'` unless said otherwise. */
  readonly profile?: P | undefined;
  readonly passphrase?: Passphrase | undefined;
}

/** How an identity is written. */
export interface WriteOptions {
  /** What to encrypt the key with (PBKDF2 with 600,000 rounds of HMAC-SHA-256, AES-256-CBC); otherwise it is not. */
  readonly passphrase?: Passphrase | undefined;
}

/** `Identity` is one of the hardened profile, `Identity<'seed'>` one of the other. */
export class Identity<P extends Profile = 'hardened'> {
  readonly algorithm: SigName;
  readonly profile: P;
  readonly publicKey: Buffer;
  /** `pqsock1:…`, see fingerprintOf. */
  readonly fingerprint: string;
  readonly #secretKey: Secret;
  /** What the secret key follows from, where that is known: the form in which keys are kept. */
  readonly #seed: Secret | undefined;
  #prepared: PreparedKey | undefined;

  private constructor(algorithm: SigName, profile: P, publicKey: Buffer, secretKey: Secret, seed?: Secret) {
    this.algorithm = algorithm;
    this.profile = profile;
    this.publicKey = publicKey;
    this.fingerprint = fingerprintOf(algorithm, publicKey);
    this.#secretKey = secretKey;
    this.#seed = seed;
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
    return Identity.#grow(algorithm, profile, randomSecret(SEED_LENGTH));
  }

  /**
   * An identity of keys that exist, or of their seed. Both keys are copied, and checked to belong together.
   *
   * @throws PQ_ERR_INVALID_OPTION, PQ_ERR_INVALID_ARGUMENT, PQ_ERR_INVALID_LENGTH; PQ_ERR_INVALID_SECRET_KEY if the
   *   secret key is another public key's
   */
  static from<P extends Profile = 'hardened'>(parts: IdentityParts<P> | IdentitySeed<P>): Identity<P> {
    const isSeed = typeof parts === 'object' && parts !== null && 'seed' in parts;
    checkNames(parts ?? {}, [...OPTION_NAMES, ...(isSeed ? ['seed'] : PART_NAMES)], 'part');
    const { algorithm = DEFAULT_SIG, profile = DEFAULT_PROFILE as P } = parts ?? {};
    checkProfile(profile, algorithm);
    if (isSeed) {
      const seed = Secret.from(exactly(SEED_LENGTH, 'seed', parts.seed));
      const { publicKey, secretKey } = new Sig(algorithm).keypairSync({ seed });
      return new Identity(algorithm, profile, publicKey, secretKey, seed);
    }
    const { publicKey, secretKey } = parts ?? {};
    const row = sigAlgorithm(algorithm);
    const publicBytes = exactly(row.publicKeyLength, 'publicKey', publicKey);
    const secretBytes = exactly(row.secretKeyLength, 'secretKey', secretKey);
    if (!belongTogether(row, publicBytes, secretBytes)) {
      throw pqError('PQ_ERR_INVALID_SECRET_KEY', `the secret key does not belong to the ${algorithm} public key`);
    }
    return new Identity(algorithm, profile, Buffer.from(publicBytes), Secret.from(secretBytes));
  }

  /**
   * The identity of a `PRIVATE KEY` or an `ENCRYPTED PRIVATE KEY` in PEM: PKCS #8 with the seed, the expanded secret
   * key, or both (RFC 9881 §6).
   *
   * @throws PQ_ERR_KEY_FORMAT, PQ_ERR_INVALID_ARGUMENT; PQ_ERR_PASSPHRASE_NEEDED, PQ_ERR_PASSPHRASE_WRONG;
   *   PQ_ERR_INVALID_OPTION, also if the key is for another profile, or is not encrypted and there is a passphrase;
   *   PQ_ERR_INVALID_SECRET_KEY if the key contradicts itself
   */
  static async fromPem<P extends Profile = 'hardened'>(
    pem: PemLike,
    options: ReadOptions<P> = {},
  ): Promise<Identity<P>> {
    checkNames(options, ['profile', 'passphrase']);
    return usePrivatePem(pem, options.passphrase, (key) => Identity.restore(key, options.profile));
  }

  /**
   * The identity of a private JWK, of ML-DSA-87.
   *
   * @throws PQ_ERR_KEY_FORMAT; PQ_ERR_INVALID_SECRET_KEY if its public key is another's
   */
  static async fromJwk(jwk: Jwk): Promise<Identity> {
    const { publicKey } = publicKeyFromJwk(jwk);
    const { algorithm, seed } = seedOfJwk(jwk);
    try {
      return await Identity.restore({ algorithm, profile: DEFAULT_PROFILE, seed, publicKey }, DEFAULT_PROFILE);
    } finally {
      seed.fill(0);
    }
  }

  /** An identity of its seed, off the event loop. */
  static async #grow<P extends Profile>(algorithm: SigName, profile: P, seed: Secret): Promise<Identity<P>> {
    const { publicKey, secretKey } = await new Sig(algorithm).keypair({ seed });
    return new Identity(algorithm, profile, publicKey, secretKey, seed);
  }

  /** For this package: an identity of what a file has, if all of that belongs together. */
  static async restore<P extends Profile>(key: PrivateKey, wanted = DEFAULT_PROFILE as P): Promise<Identity<P>> {
    const { algorithm, profile, seed, secretKey, publicKey } = key;
    if (profile !== wanted) {
      const remedy = `read it with { profile: '${profile}' } where that is meant`;
      throw pqError(
        'PQ_ERR_INVALID_OPTION',
        `the key is for the ${profile} profile, and not ${quoted(wanted)}: ${remedy}`,
      );
    }
    const identity =
      seed === undefined
        ? await Identity.#ofSecretKey(algorithm, wanted, Secret.from(secretKey ?? EMPTY))
        : await Identity.#grow(algorithm, wanted, Secret.from(seed));
    const expanded = Secret.from(secretKey ?? Secret.bytesOf(identity.#secretKey));
    const belongs =
      identity.#secretKey.equals(expanded) && bytesEqual(publicKey ?? identity.publicKey, identity.publicKey);
    expanded.dispose();
    if (belongs) return identity;
    identity.dispose();
    throw pqError(
      'PQ_ERR_INVALID_SECRET_KEY',
      'the parts of the key do not belong together: it was put together wrongly',
    );
  }

  static async #ofSecretKey<P extends Profile>(algorithm: SigName, profile: P, key: Secret): Promise<Identity<P>> {
    try {
      return new Identity(algorithm, profile, await new Sig(algorithm).publicKeyOf(key), key);
    } catch (error) {
      key.dispose();
      throw error;
    }
  }

  /**
   * The identity in PEM, PKCS #8 (RFC 5958, RFC 9881): its seed, or its secret key where the seed is not known. The
   * bytes are text; who has them has the identity, unless there is a passphrase.
   *
   * @throws PQ_ERR_SECRET_DISPOSED; PQ_ERR_INVALID_OPTION for a passphrase that is none
   */
  async toPem(options: WriteOptions = {}): Promise<Secret> {
    checkNames(options, ['passphrase']);
    const { algorithm, profile } = this;
    const seed = this.#seed && Secret.bytesOf(this.#seed);
    return privateKeyToPem(
      { algorithm, profile, seed, secretKey: Secret.bytesOf(this.#secretKey) },
      options.passphrase,
    );
  }

  /**
   * The identity as a private JWK. Its `priv` is a text: nobody can wipe it.
   *
   * @throws PQ_ERR_KEY_FORMAT if the algorithm has no JWK, or the seed is not known; PQ_ERR_SECRET_DISPOSED
   */
  toJwk(): Jwk {
    const jwk = publicKeyToJwk(this);
    if (this.#seed === undefined) {
      throw pqError('PQ_ERR_KEY_FORMAT', 'a private JWK is a seed, and that of this identity is not known: write PEM');
    }
    const { buffer, byteOffset, length } = Secret.bytesOf(this.#seed);
    return { ...jwk, priv: Buffer.from(buffer, byteOffset, length).toString('base64url') };
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
    this.#seed?.dispose();
  }

  /** So that `using` wipes it. */
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
