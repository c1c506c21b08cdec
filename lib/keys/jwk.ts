/** JSON Web Keys of the type AKP (draft-ietf-cose-dilithium): `pub`, and `priv`, which is the seed. */
import { SIG_ALGORITHMS, type SigName } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import { type PublicKey, publicKeyOf } from './public-key.js';

/** A key as JSON has it; bytes are base64url without padding. Members of other names are left alone. */
export interface Jwk {
  readonly kty: 'AKP';
  /** `ML-DSA-87`: there is no JWK for Dilithium5. */
  readonly alg: string;
  /** 2592 bytes. */
  readonly pub: string;
  /** 32 bytes, the seed: only in a private key. A text: nobody can wipe it. */
  readonly priv?: string;
}

/**
 * The public key as a JWK.
 *
 * @throws PQ_ERR_KEY_FORMAT for an algorithm that JWK has no name for
 */
export function publicKeyToJwk({ algorithm, publicKey }: Pick<PublicKey, 'algorithm' | 'publicKey'>): Jwk {
  const alg = SIG_ALGORITHMS[algorithm]?.jwk;
  if (alg === undefined) {
    throw pqError('PQ_ERR_KEY_FORMAT', `there is no JWK of ${algorithm} keys: write them in PEM`);
  }
  return { kty: 'AKP', alg, pub: publicKeyOf(algorithm, publicKey).publicKey.toString('base64url') };
}

/**
 * The public key of a JWK, of a private one as well.
 *
 * @throws PQ_ERR_KEY_FORMAT
 */
export function publicKeyFromJwk(jwk: Jwk): PublicKey {
  const algorithm = algorithmOf(jwk);
  return publicKeyOf(algorithm, bytesOf(jwk, 'pub', SIG_ALGORITHMS[algorithm].publicKeyLength));
}

/**
 * The seed of a private JWK, in memory that the caller wipes.
 *
 * @throws PQ_ERR_KEY_FORMAT
 */
export function seedOfJwk(jwk: Jwk): { readonly algorithm: SigName; readonly seed: Uint8Array } {
  return { algorithm: algorithmOf(jwk), seed: bytesOf(jwk, 'priv', SEED_LENGTH) };
}

function algorithmOf(jwk: Jwk): SigName {
  if (typeof jwk !== 'object' || jwk === null) throw fault('it is no object');
  if (jwk.kty !== 'AKP') throw fault('its kty is not AKP');
  const names = Object.keys(SIG_ALGORITHMS) as SigName[];
  const found = names.find((name) => SIG_ALGORITHMS[name].jwk !== undefined && SIG_ALGORITHMS[name].jwk === jwk.alg);
  if (found === undefined) throw fault(`its alg is not ${names.flatMap((name) => SIG_ALGORITHMS[name].jwk ?? [])}`);
  return found;
}

/** Text that would be written otherwise is refused: one key has one text. */
function bytesOf(jwk: Jwk, member: 'pub' | 'priv', length: number): Uint8Array {
  const text = jwk[member];
  const isLongEnough = typeof text === 'string' && text.length === Math.ceil((length * 4) / 3);
  const bytes = Buffer.from(new ArrayBuffer(length));
  if (isLongEnough) bytes.write(text, 'base64url');
  if (!isLongEnough || bytes.toString('base64url') !== text) {
    bytes.fill(0);
    throw fault(`its ${member} is not base64url of ${length} bytes`);
  }
  return bytes;
}

function fault(why: string): Error {
  return pqError('PQ_ERR_KEY_FORMAT', `this is no JWK of a signature key: ${why}`);
}

const SEED_LENGTH = 32;
