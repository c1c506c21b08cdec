// @ts-check
/** Data that both ends can make, and compare by its hash. */
import { createCipheriv, createHash } from 'node:crypto';

const ZEROS = Buffer.alloc(65_536);

/**
 * So many bytes, the same for the same number.
 *
 * @param {number} seed
 * @param {number} length
 */
export function* payload(seed, length) {
  const key = createHash('sha256').update(String(seed)).digest();
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  for (let left = length; left > 0; left -= ZEROS.length) yield stream.update(ZEROS.subarray(0, left));
}

/** @param {Iterable<Uint8Array>} chunks */
export function hashOf(chunks) {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
