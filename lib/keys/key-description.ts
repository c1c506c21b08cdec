/** What can be said of a key, and to whomever: of a secret key nothing that is secret. */
import { input } from '../crypto/operation.js';
import { Secret } from '../crypto/secret.js';
import type { SigName } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import { checkNames } from '../option-names.js';
import { Identity } from './identity.js';
import { type Jwk, publicKeyFromJwk } from './jwk.js';
import { type Passphrase, roundsOf } from './pbes2.js';
import { decodePem, type PemLike } from './pem.js';
import type { PrivateKey } from './pkcs8.js';
import { ENCRYPTED, PLAIN, usePrivatePem } from './private-pem.js';
import type { Profile } from './profile.js';
import { PUBLIC, publicKeyFromPem } from './public-key.js';

/** How a secret key is kept: as the seed of 32 bytes that it follows from, expanded, or as both (RFC 9881 §6). */
export type KeyForm = 'seed' | 'expanded' | 'both';

/** What can be said of a key without showing anything that is secret. */
export interface KeyDescription {
  readonly kind: 'secret' | 'public';
  readonly format: 'pem' | 'jwk';
  /** Rounds of PBKDF2, of an encrypted key. Without its passphrase nothing of what follows is known. */
  readonly rounds?: number;
  readonly algorithm?: SigName;
  readonly fingerprint?: string;
  /** Of a secret key. */
  readonly profile?: Profile;
  /** Of a secret key. */
  readonly form?: KeyForm;
}

/** What a description needs besides the key. */
export interface DescribeOptions {
  /** Of an encrypted key; without it little is said of one. */
  readonly passphrase?: Passphrase | undefined;
}

/**
 * Describes a `PUBLIC KEY`, a `PRIVATE KEY` or an `ENCRYPTED PRIVATE KEY` in PEM, or a JWK as text, of either profile. A
 * secret key is checked as if it were read for use, and wiped again; of a JWK texts are left, which nobody can wipe.
 *
 * @throws PQ_ERR_KEY_FORMAT, PQ_ERR_INVALID_SECRET_KEY, PQ_ERR_INVALID_ARGUMENT; PQ_ERR_PASSPHRASE_WRONG;
 *   PQ_ERR_INVALID_OPTION for a passphrase that is none, or for a secret key that is not encrypted
 */
export async function describeKey(key: PemLike, options: DescribeOptions = {}): Promise<KeyDescription> {
  checkNames(options, ['passphrase']);
  if (isJson(key)) return describeJwk(key);
  const { label, bytes } = decodePem(key, [PUBLIC, PLAIN, ENCRYPTED]);
  try {
    if (label === PUBLIC) {
      const { algorithm, fingerprint } = publicKeyFromPem(key);
      return { kind: 'public', format: 'pem', algorithm, fingerprint };
    }
    const rounds = label === ENCRYPTED ? { rounds: roundsOf(Secret.bytesOf(bytes)) } : {};
    const isClosed = label === ENCRYPTED && options.passphrase === undefined;
    const inside = isClosed ? {} : await usePrivatePem(key, options.passphrase, describeSecret);
    return { kind: 'secret', format: 'pem', ...rounds, ...inside };
  } finally {
    bytes.dispose();
  }
}

async function describeSecret(key: PrivateKey): Promise<Omit<KeyDescription, 'kind' | 'format'>> {
  const { algorithm, profile, seed, secretKey } = key;
  const identity = await Identity.restore(key, profile);
  identity.dispose();
  const form = seed === undefined ? 'expanded' : secretKey === undefined ? 'seed' : 'both';
  return { algorithm, fingerprint: identity.fingerprint, profile, form };
}

function isJson(key: PemLike): boolean {
  return (typeof key === 'string' ? key.charCodeAt(0) : input('the key', key).bytes[0]) === OPENING_BRACE;
}

async function describeJwk(key: PemLike): Promise<KeyDescription> {
  const jwk = parseJson(typeof key === 'string' ? key : Buffer.from(input('the key', key).bytes).toString());
  const { algorithm, fingerprint } = publicKeyFromJwk(jwk);
  const known = { format: 'jwk', algorithm, fingerprint } as const;
  if (jwk.priv === undefined) return { kind: 'public', ...known };
  const identity = await Identity.fromJwk(jwk);
  identity.dispose();
  return { kind: 'secret', ...known, profile: identity.profile, form: 'seed' };
}

/** What JSON.parse says of a mistake quotes the text, which may be secret. */
function parseJson(text: string): Jwk {
  try {
    return JSON.parse(text) as Jwk;
  } catch {
    throw pqError('PQ_ERR_KEY_FORMAT', 'this is no JWK of a signature key: it is no JSON');
  }
}

const OPENING_BRACE = 0x7b;
