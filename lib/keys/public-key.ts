/** Public signature keys for others: SubjectPublicKeyInfo (RFC 9881 §4) in PEM, and JWK. */
import { type BytesLike, input } from '../crypto/operation.js';
import { Secret } from '../crypto/secret.js';
import { SIG_ALGORITHMS, type SigName, sigAlgorithm } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import { der, derOid, encodeDer, TAG } from './der.js';
import { DerReader } from './der-reader.js';
import { fingerprintOf } from './fingerprint.js';
import { decodePem, encodePem, type PemLike } from './pem.js';
import { readAlgorithm } from './pkcs8.js';

/** An {@link Identity} is one, too. */
export interface PublicKey {
  readonly algorithm: SigName;
  /** 2592 bytes. */
  readonly publicKey: Buffer;
  /** `pqsock1:…`, see fingerprintOf. */
  readonly fingerprint: string;
}

/**
 * The key as a `PUBLIC KEY` in PEM.
 *
 * @throws PQ_ERR_UNKNOWN_ALGORITHM, PQ_ERR_INVALID_ARGUMENT, PQ_ERR_INVALID_LENGTH
 */
export function publicKeyToPem(key: Pick<PublicKey, 'algorithm' | 'publicKey'>): string {
  const { algorithm, publicKey } = publicKeyOf(key.algorithm, key.publicKey);
  const bits = Buffer.concat([Buffer.of(0), publicKey]);
  const info = encodeDer(
    der(TAG.sequence, [der(TAG.sequence, [derOid(SIG_ALGORITHMS[algorithm].oid)]), der(TAG.bitString, bits)]),
  );
  return encodePem(PUBLIC, Secret.bytesOf(info)).export().toString('latin1');
}

/**
 * The key of a `PUBLIC KEY` in PEM.
 *
 * @throws PQ_ERR_KEY_FORMAT; PQ_ERR_INVALID_ARGUMENT if it is neither text nor bytes
 */
export function publicKeyFromPem(pem: PemLike): PublicKey {
  const { bytes } = decodePem(pem, [PUBLIC]);
  const outer = new DerReader(Secret.bytesOf(bytes), 'a public key that is read here');
  const info = outer.within(TAG.sequence);
  outer.end();
  const algorithm = readAlgorithm(info.within(TAG.sequence));
  const publicKey = info.bitString();
  info.end();
  const { publicKeyLength } = SIG_ALGORITHMS[algorithm];
  if (publicKey.length !== publicKeyLength) throw info.fault(`its key is not of ${publicKeyLength} bytes`);
  return publicKeyOf(algorithm, publicKey);
}

/** A copy of the key, with its fingerprint. */
export function publicKeyOf(algorithm: SigName, publicKey: BytesLike): PublicKey {
  const { publicKeyLength } = sigAlgorithm(algorithm);
  const { bytes } = input('publicKey', publicKey);
  if (bytes.length !== publicKeyLength) {
    throw pqError('PQ_ERR_INVALID_LENGTH', `publicKey of ${bytes.length} bytes: it has ${publicKeyLength}`);
  }
  const copy = Buffer.from(bytes);
  return { algorithm, publicKey: copy, fingerprint: fingerprintOf(algorithm, copy) };
}

/** What begins the PEM of a public key. */
export const PUBLIC = 'PUBLIC KEY';
