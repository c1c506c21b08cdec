/** HKDF-SHA512 (RFC 5869), HMAC-SHA512, and the labelled derivation of PROTOCOL.md, "Notation". */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ascii, concat, u16 } from '../bytes.js';
import { Secret } from './secret.js';

/** Bytes of SHA-512, of an HMAC, and of every secret that is derived. */
export const HASH_LENGTH = 64;

const LABEL = 'pqsock1 ';

/** HMAC-SHA512 of the parts: 64 bytes. */
export function hmac(key: Secret, ...parts: Uint8Array[]): Buffer {
  const mac = createHmac('sha512', Secret.bytesOf(key));
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether a MAC is the right one, in constant time. */
export function macEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** HKDF-Extract: 64 bytes. */
export function extract(salt: Secret, input: Secret): Secret {
  return toSecret(hmac(salt, Secret.bytesOf(input)), HASH_LENGTH);
}

/** HKDF-Expand with a label and a context: `length` bytes, 16,320 at the most. */
export function expandLabel(key: Secret, label: string, context: Uint8Array, length: number): Secret {
  const name = ascii(LABEL + label);
  const info = concat(u16(length), Uint8Array.of(name.length), name, Uint8Array.of(context.length), context);
  if (length <= HASH_LENGTH) return toSecret(hmac(key, info, Uint8Array.of(1)), length);
  const expanded = Secret.allocate(length);
  const into = Secret.bytesOf(expanded);
  let block: Buffer = Buffer.alloc(0);
  for (let at = 0, count = 1; at < length; at += HASH_LENGTH, count += 1) {
    const next = hmac(key, block, info, Uint8Array.of(count));
    block.fill(0);
    block = next;
    into.set(block.subarray(0, length - at), at);
  }
  block.fill(0);
  return expanded;
}

/** The start of a digest as a Secret; the digest itself is wiped. */
function toSecret(digest: Buffer, length: number): Secret {
  const secret = Secret.from(digest.subarray(0, length));
  digest.fill(0);
  return secret;
}
