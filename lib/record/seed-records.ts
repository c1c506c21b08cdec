/**
 * The seed profile's records, both directions of one connection, under the shared secret as it is. What it can't do
 * is the seed's: records can be replayed, reordered and left out, and the end of the data is not authenticated.
 */
import type { KeyObject } from 'node:crypto';
import { applyCtr, CTR_IV_LENGTH, GCM_NONCE_LENGTH, GCM_TAG_LENGTH, openGcm, sealGcm } from '../crypto/aead.js';
import type { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { SEED_RECORD_MAX, SEED_RECORD_SIZE } from '../limits.js';
import { FIELD_HEADER_LENGTH, fieldBetween, fieldHeader } from '../wire/field.js';
import type { AcceptHeader } from '../wire/frame-decoder.js';
import { type Role, SeedNonces } from './seed-nonce.js';

/** AES-256 in GCM, or in CTR without any authentication. */
export type SeedCipher = 'aes-256-gcm' | 'aes-256-ctr';

/** What a session needs of a record layer. */
export interface Records {
  /** The most bytes that are put into one record. */
  readonly size: number;
  readonly acceptHeader: AcceptHeader;
  /** The record as it goes on the wire, in parts. */
  seal(plaintext: Uint8Array): Uint8Array[];
  /** The plaintext of a record's body. */
  open(body: Uint8Array): Uint8Array;
  /** Forgets the key. */
  dispose(): void;
}

/** @param sharedSecret 32 bytes; used as the AES key, as the seed has it */
export function seedRecords(role: Role, sharedSecret: Secret, cipher: SeedCipher): Records {
  return new SeedRecords(sharedSecret.toKeyObject(), new SeedNonces(role), CIPHERS[cipher]);
}

/** What the two ciphers differ in; lengths in bytes. */
interface Cipher {
  /** The nonce, or what follows from it, is sent in this form before the ciphertext. */
  readonly nonceLength: number;
  readonly tagLength: number;
  /** Ciphertext, and the tag if there is one. */
  seal(key: KeyObject, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array[];
  /** The plaintext of ciphertext and tag, or undefined if the tag is wrong. */
  open(key: KeyObject, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

const CIPHERS: Record<SeedCipher, Cipher> = {
  'aes-256-gcm': {
    nonceLength: GCM_NONCE_LENGTH,
    tagLength: GCM_TAG_LENGTH,
    seal: sealGcm,
    open: (key, nonce, sealed) =>
      openGcm(key, nonce, sealed.subarray(0, -GCM_TAG_LENGTH), sealed.subarray(-GCM_TAG_LENGTH)),
  },
  // The four bytes after the nonce count the blocks: a record has at most 2^16, so that they never reach the nonce.
  'aes-256-ctr': {
    nonceLength: CTR_IV_LENGTH,
    tagLength: 0,
    seal: (key, iv, plaintext) => [applyCtr(key, iv, plaintext)],
    open: applyCtr,
  },
};

class SeedRecords implements Records {
  readonly size = SEED_RECORD_SIZE;
  readonly acceptHeader: AcceptHeader;
  readonly #cipher: Cipher;
  readonly #nonces: SeedNonces;
  readonly #overhead: number;
  #key: KeyObject | undefined;

  constructor(key: KeyObject, nonces: SeedNonces, cipher: Cipher) {
    this.#key = key;
    this.#nonces = nonces;
    this.#cipher = cipher;
    this.#overhead = cipher.nonceLength + cipher.tagLength;
    this.acceptHeader = fieldBetween('record', this.#overhead, this.#overhead + SEED_RECORD_MAX);
  }

  seal(plaintext: Uint8Array): Uint8Array[] {
    const head = Buffer.alloc(FIELD_HEADER_LENGTH + this.#cipher.nonceLength);
    head.set(fieldHeader(this.#overhead + plaintext.length));
    const nonce = head.subarray(FIELD_HEADER_LENGTH);
    this.#nonces.write(nonce);
    return [head, ...this.#cipher.seal(this.#readKey(), nonce, plaintext)];
  }

  open(body: Uint8Array): Uint8Array {
    const { nonceLength } = this.#cipher;
    const nonce = body.subarray(0, nonceLength);
    if (this.#nonces.isOurs(nonce)) throw pqError('PQ_ERR_BAD_RECORD', 'a record that this side sent came back');
    const plaintext = this.#cipher.open(this.#readKey(), nonce, body.subarray(nonceLength));
    if (plaintext !== undefined) return plaintext;
    throw pqError('PQ_ERR_BAD_RECORD', 'a record does not open: it was changed on the way, or the keys differ');
  }

  dispose(): void {
    this.#key = undefined;
  }

  #readKey(): KeyObject {
    if (this.#key !== undefined) return this.#key;
    throw pqError('PQ_ERR_SECRET_DISPOSED', 'the connection is closed: its key is gone');
  }
}
