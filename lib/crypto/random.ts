/** The system's randomness. */
import { randomFillSync } from 'node:crypto';
import { Secret } from './secret.js';

/** Bytes that nobody can guess; not a part of Node's shared buffer. */
export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length));
}

/** The same, as a secret. */
export function randomSecret(length: number): Secret {
  const secret = Secret.allocate(length);
  randomFillSync(Secret.bytesOf(secret));
  return secret;
}
