/** AES-256 over one record: GCM with its tag, and plain CTR for the seed profile alone. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

export const GCM_NONCE_LENGTH = 12;
export const GCM_TAG_LENGTH = 16;
export const CTR_IV_LENGTH = 16;

/** Ciphertext and tag (16 bytes). The nonce (12 bytes) must be new for this key. */
export function sealGcm(key: KeyObject, nonce: Uint8Array, plaintext: Uint8Array): [Buffer, Buffer] {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = cipher.update(plaintext);
  cipher.final(); // empty for GCM; without it there is no tag
  return [ciphertext, cipher.getAuthTag()];
}

/** The plaintext, or undefined if the tag (16 bytes) is wrong: then nothing of it is given out. */
export function openGcm(
  key: KeyObject,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: GCM_TAG_LENGTH });
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

/** Encrypts or decrypts; `iv` (16 bytes) is the first counter block. Every bit of it can be flipped on the way. */
export function applyCtr(key: KeyObject, iv: Uint8Array, bytes: Uint8Array): Buffer {
  return createCipheriv('aes-256-ctr', key, iv).update(bytes);
}
