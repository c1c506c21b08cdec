/** The system's randomness. */
import { randomFillSync } from 'node:crypto';

/** Bytes that nobody can guess; not a part of Node's shared buffer. */
export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length));
}
