/** Fingerprints as words, which people can read out to each other. */
import { parseFingerprint } from './fingerprint.js';
import { EVEN_WORDS, ODD_WORDS } from './word-list.js';

/** Bytes of the hash that are said, of 32. */
const SAID = 16;

/**
 * Sixteen words of the PGP word list, for the first 128 bits of the fingerprint's hash. To find another key with the
 * same words takes as much as to find an AES-128 key: where that is too little, compare the whole fingerprint. Whoever
 * makes both keys can make them agree with the square root of that, and has nothing of it.
 *
 * @throws PQ_ERR_INVALID_OPTION if it is no fingerprint
 */
export function fingerprintWords(fingerprint: string): readonly string[] {
  const hash = Buffer.from(parseFingerprint(fingerprint).split(':').at(-1) as string, 'base64url');
  return [...hash.subarray(0, SAID)].map((byte, i) => (i % 2 === 0 ? EVEN_WORDS : ODD_WORDS)[byte] as string);
}
