/**
 * The seed profile's records, both directions of one connection, under the shared secret as it is. What it can't do
 * is the seed's: records can be replayed, reordered and left out, and the end of the data is not authenticated.
 */
import { readU32 } from '../bytes.js';
import { applyCtr, CTR_IV_LENGTH, GCM_NONCE_LENGTH, GCM_TAG_LENGTH, openGcm, sealGcm } from '../crypto/aead.js';
import { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { SEED_RECORD_MAX, SEED_RECORD_SIZE } from '../limits.js';
import { FIELD_HEADER_LENGTH, fieldBetween, fieldHeader } from '../wire/field.js';
import type { AcceptHeader } from '../wire/frame-decoder.js';
import type { Channel, ChannelOutput, Role } from './channel.js';
import { SeedNonces } from './seed-nonce.js';

/** AES-256 in GCM, or in CTR without any authentication. */
export type SeedCipher = 'aes-256-gcm' | 'aes-256-ctr';

/** @param sharedSecret 32 bytes; used as the AES key, as the seed has it; copied */
export function seedRecords(role: Role, sharedSecret: Secret, cipher: SeedCipher): SeedRecords {
  return new SeedRecords(Secret.from(Secret.bytesOf(sharedSecret)), new SeedNonces(role), CIPHERS[cipher]);
}

/** What the two ciphers differ in; lengths in bytes. */
interface Cipher {
  /** The nonce, or what follows from it, is sent in this form before the ciphertext. */
  readonly nonceLength: number;
  readonly tagLength: number;
  /** Ciphertext, and the tag if there is one. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array[];
  /** The plaintext of ciphertext and tag, or undefined if the tag is wrong. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

const CIPHERS: Record<SeedCipher, Cipher> = {
  'aes-256-gcm': {
    nonceLength: GCM_NONCE_LENGTH,
    tagLength: GCM_TAG_LENGTH,
    seal: (key, nonce, plaintext) => sealGcm(key, nonce, [plaintext]),
    open: openGcm,
  },
  // The four bytes after the nonce count the blocks: a record has at most 2^16, so that they never reach the nonce.
  'aes-256-ctr': {
    nonceLength: CTR_IV_LENGTH,
    tagLength: 0,
    seal: (key, iv, plaintext) => [applyCtr(key, iv, plaintext)],
    open: applyCtr,
  },
};

export class SeedRecords implements Channel {
  readonly acceptHeader: AcceptHeader;
  readonly exporter = undefined;
  readonly #key: Secret;
  readonly #cipher: Cipher;
  readonly #nonces: SeedNonces;
  readonly #overhead: number;

  constructor(key: Secret, nonces: SeedNonces, cipher: Cipher) {
    this.#key = key;
    this.#nonces = nonces;
    this.#cipher = cipher;
    this.#overhead = cipher.nonceLength + cipher.tagLength;
    this.acceptHeader = fieldBetween('record', this.#overhead, this.#overhead + SEED_RECORD_MAX);
  }

  receive(bytes: Uint8Array, out: ChannelOutput): number {
    const end = FIELD_HEADER_LENGTH + readU32(bytes, 0);
    const plaintext = this.open(bytes.subarray(FIELD_HEADER_LENGTH, end));
    if (plaintext.length > 0) out.data(plaintext);
    return end;
  }

  /** The seed has no other end than the transport's, which nobody vouches for. */
  receiveEnd(out: ChannelOutput): void {
    out.end();
  }

  write(plaintext: Uint8Array, out: ChannelOutput): void {
    for (let at = 0; at < plaintext.length; at += SEED_RECORD_SIZE) {
      out.send(...this.seal(plaintext.subarray(at, at + SEED_RECORD_SIZE)));
    }
  }

  /** The seed has no message for it, nor for an alert. */
  close(): void {}

  alert(): boolean {
    return false;
  }

  wake(): void {}

  log(): void {}

  /** A record as it goes on the wire, in parts. */
  seal(plaintext: Uint8Array): Uint8Array[] {
    const head = Buffer.alloc(FIELD_HEADER_LENGTH + this.#cipher.nonceLength);
    head.set(fieldHeader(this.#overhead + plaintext.length));
    const nonce = head.subarray(FIELD_HEADER_LENGTH);
    this.#nonces.write(nonce);
    return [head, ...this.#cipher.seal(Secret.bytesOf(this.#key), nonce, plaintext)];
  }

  /** The plaintext of a record's body. */
  open(body: Uint8Array): Uint8Array {
    const { nonceLength } = this.#cipher;
    const nonce = body.subarray(0, nonceLength);
    if (this.#nonces.isOurs(nonce)) throw pqError('PQ_ERR_BAD_RECORD', 'a record that this side sent came back');
    const plaintext = this.#cipher.open(Secret.bytesOf(this.#key), nonce, body.subarray(nonceLength));
    if (plaintext !== undefined) return plaintext;
    throw pqError('PQ_ERR_BAD_RECORD', 'a record does not open: it was changed on the way, or the keys differ');
  }

  dispose(): void {
    this.#key.dispose();
  }
}
