/** AES-256 over one record: GCM with its tag, and plain CTR for the seed profile alone. */

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { EMPTY } from '../bytes.js';

export const GCM_KEY_LENGTH = 32;
export const GCM_NONCE_LENGTH = 12;
export const GCM_TAG_LENGTH = 16;
export const CTR_IV_LENGTH = 16;

/** Ciphertext and tag (16 bytes). The nonce (12 bytes) must be new for this key. */
export function sealGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: readonly Uint8Array[],
  associated: Uint8Array = EMPTY,
): Buffer[] {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  if (associated.length > 0) cipher.setAAD(associated);
  const sealed = plaintext.map((part) => cipher.update(part));
  cipher.final(); // empty for GCM; without it there is no tag
  sealed.push(cipher.getAuthTag());
  return sealed;
}

/** The plaintext, or undefined if the tag, its last 16 bytes, is wrong: then nothing of it is given out. */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array = EMPTY,
): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: GCM_TAG_LENGTH });
  if (associated.length > 0) decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(-GCM_TAG_LENGTH));
  const plaintext = decipher.update(sealed.subarray(0, -GCM_TAG_LENGTH));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

/** Encrypts or decrypts; `iv` (16 bytes) is the first counter block. Every bit of it can be flipped on the way. */
export function applyCtr(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  const result = cipher.update(bytes);
  cipher.final(); // empty; without it node:crypto keeps the key until the garbage collector comes
  return result;
}
