/** Hashes of public values. */
import { createHash } from 'node:crypto';

/** SHA-256 of the parts, one after the other: 32 bytes. */
export function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHAKE256 of the bytes, `length` bytes of it (FIPS 202 §6.2). */
export function shake256(bytes: Uint8Array, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(bytes).digest();
}
