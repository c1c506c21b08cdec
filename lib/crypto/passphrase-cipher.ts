/** What a passphrase encrypts a key with: PBKDF2 with HMAC-SHA-256 (RFC 8018) and AES-256-CBC. */
import { createCipheriv, createDecipheriv, pbkdf2 } from 'node:crypto';
import { Secret } from './secret.js';

/** In bytes. */
export const CIPHER_BLOCK = 16;

/** How the passphrase becomes the key. */
export interface PassphraseKey {
  /** UTF-8 text. */
  readonly passphrase: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** The ciphertext, padded to a multiple of 16 bytes. Off the event loop but for the encryption itself. */
export async function encryptWithPassphrase(plain: Secret, key: PassphraseKey, iv: Uint8Array): Promise<Buffer> {
  return withKey(key, (derived) => {
    const cipher = createCipheriv('aes-256-cbc', derived, iv);
    return Buffer.concat([cipher.update(Secret.bytesOf(plain)), cipher.final()]);
  });
}

/**
 * The plaintext, or undefined if the padding is wrong. If it is right that proves nothing: CBC authenticates nothing.
 */
export async function decryptWithPassphrase(
  ciphertext: Uint8Array,
  key: PassphraseKey,
  iv: Uint8Array,
): Promise<Secret | undefined> {
  return withKey(key, (derived) => {
    const decipher = createDecipheriv('aes-256-cbc', derived, iv);
    const start = decipher.update(ciphertext);
    try {
      const end = decipher.final();
      const plain = Secret.allocate(start.length + end.length);
      Secret.bytesOf(plain).set(start);
      Secret.bytesOf(plain).set(end, start.length);
      end.fill(0);
      return plain;
    } catch {
      return undefined;
    } finally {
      start.fill(0);
    }
  });
}

function withKey<T>({ passphrase, salt, iterations }: PassphraseKey, use: (key: Buffer) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    pbkdf2(passphrase, salt, iterations, KEY_LENGTH, 'sha256', (error, derived) => {
      if (error !== null) return reject(error);
      try {
        resolve(use(derived));
      } catch (thrown) {
        reject(thrown);
      } finally {
        derived.fill(0);
      }
    });
  });
}

const KEY_LENGTH = 32;
