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
  const key = sharedSecret.toKeyObject();
  const nonces = new SeedNonces(role);
  return cipher === 'aes-256-gcm' ? new GcmRecords(key, nonces) : new CtrRecords(key, nonces);
}

class GcmRecords implements Records {
  static readonly #overhead = GCM_NONCE_LENGTH + GCM_TAG_LENGTH;
  readonly size = SEED_RECORD_SIZE;
  readonly acceptHeader = fieldBetween('record', GcmRecords.#overhead, GcmRecords.#overhead + SEED_RECORD_MAX);
  readonly #nonces: SeedNonces;
  #key: KeyObject | undefined;

  constructor(key: KeyObject, nonces: SeedNonces) {
    this.#key = key;
    this.#nonces = nonces;
  }

  seal(plaintext: Uint8Array): Uint8Array[] {
    const head = Buffer.allocUnsafe(FIELD_HEADER_LENGTH + GCM_NONCE_LENGTH);
    head.set(fieldHeader(GcmRecords.#overhead + plaintext.length));
    const nonce = head.subarray(FIELD_HEADER_LENGTH);
    this.#nonces.write(nonce);
    return [head, ...sealGcm(keyOf(this.#key), nonce, plaintext)];
  }

  open(body: Uint8Array): Uint8Array {
    const nonce = body.subarray(0, GCM_NONCE_LENGTH);
    refuseOwn(this.#nonces, nonce);
    const tagAt = body.length - GCM_TAG_LENGTH;
    const plaintext = openGcm(keyOf(this.#key), nonce, body.subarray(GCM_NONCE_LENGTH, tagAt), body.subarray(tagAt));
    if (plaintext !== undefined) return plaintext;
    throw pqError('PQ_ERR_BAD_RECORD', 'a record does not open: it was changed on the way, or the keys differ');
  }

  dispose(): void {
    this.#key = undefined;
  }
}

class CtrRecords implements Records {
  readonly size = SEED_RECORD_SIZE;
  readonly acceptHeader = fieldBetween('record', CTR_IV_LENGTH, CTR_IV_LENGTH + SEED_RECORD_MAX);
  readonly #nonces: SeedNonces;
  #key: KeyObject | undefined;

  constructor(key: KeyObject, nonces: SeedNonces) {
    this.#key = key;
    this.#nonces = nonces;
  }

  /** A record is at most 2^16 blocks: the counter in the last four bytes never reaches the nonce before it. */
  seal(plaintext: Uint8Array): Uint8Array[] {
    const head = Buffer.alloc(FIELD_HEADER_LENGTH + CTR_IV_LENGTH);
    head.set(fieldHeader(CTR_IV_LENGTH + plaintext.length));
    const iv = head.subarray(FIELD_HEADER_LENGTH);
    this.#nonces.write(iv);
    return [head, applyCtr(keyOf(this.#key), iv, plaintext)];
  }

  open(body: Uint8Array): Uint8Array {
    const iv = body.subarray(0, CTR_IV_LENGTH);
    refuseOwn(this.#nonces, iv);
    return applyCtr(keyOf(this.#key), iv, body.subarray(CTR_IV_LENGTH));
  }

  dispose(): void {
    this.#key = undefined;
  }
}

function refuseOwn(nonces: SeedNonces, nonce: Uint8Array): void {
  if (nonces.isOurs(nonce)) throw pqError('PQ_ERR_BAD_RECORD', 'a record that this side sent came back');
}

function keyOf(key: KeyObject | undefined): KeyObject {
  if (key === undefined) throw pqError('PQ_ERR_SECRET_DISPOSED', "the connection is closed: its key is gone");
  return key;
}
