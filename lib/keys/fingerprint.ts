/** Fingerprints: how people and files name a public signature key. */
import { ascii } from '../bytes.js';
import { sha256 } from '../crypto/hash.js';
import { SIG_ALGORITHMS, type SigName, sigAlgorithm } from '../crypto/suites.js';
import { pqError, quoted } from '../errors.js';

const LABEL = ascii('pqsock1 key');
const HASH = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/; // 32 bytes in base64url: the last character has four bits

/**
 * `pqsock1:dilithium5:` or `pqsock1:mldsa87:` and 43 characters: SHA-256("pqsock1 key" || u8 sigalg || public key)
 * in base64url without padding.
 */
export function fingerprintOf(algorithm: SigName, publicKey: Uint8Array): string {
  const { sigalg, label } = sigAlgorithm(algorithm);
  return `pqsock1:${label}:${sha256(LABEL, Uint8Array.of(sigalg), publicKey).toString('base64url')}`;
}

/**
 * The text, if it is a fingerprint.
 *
 * @throws PQ_ERR_INVALID_OPTION if it isn't
 */
export function parseFingerprint(text: string): string {
  const [version, label, hash, ...rest] = typeof text === 'string' ? text.split(':') : [];
  const known = Object.values(SIG_ALGORITHMS).some((algorithm) => algorithm.label === label);
  if (version === 'pqsock1' && known && hash !== undefined && HASH.test(hash) && rest.length === 0) return text;
  throw pqError(
    'PQ_ERR_INVALID_OPTION',
    `${quoted(text)} is no fingerprint: one looks like pqsock1:dilithium5: and 43 characters`,
  );
}
