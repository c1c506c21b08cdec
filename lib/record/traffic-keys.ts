/**
 * The key of one direction, generation after generation. What an old generation had is wiped when the next begins, so
 * that it can't be had from this side's memory afterwards. PROTOCOL.md, "Key schedule" and "KEY_UPDATE".
 */
import { EMPTY } from '../bytes.js';
import { GCM_KEY_LENGTH, GCM_NONCE_LENGTH } from '../crypto/aead.js';
import { expandLabel, HASH_LENGTH } from '../crypto/hkdf.js';
import { Secret } from '../crypto/secret.js';

const KEY_AND_IV_LENGTH = GCM_KEY_LENGTH + GCM_NONCE_LENGTH;

export class TrafficKeys {
  #secret: Secret;
  #keyAndIv: Secret;
  readonly #nonce = new Uint8Array(new ArrayBuffer(GCM_NONCE_LENGTH)); // not on V8's moving heap
  #generation = 0;
  /** Records that were sealed or opened under this key. */
  #sequence = 0;

  /** @param secret 64 bytes, or 108 with the key and the iv that follow from it; wiped when its successor comes */
  constructor(secret: Secret) {
    [this.#secret, this.#keyAndIv] = withKey(secret);
  }

  get generation(): number {
    return this.#generation;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** The AES key, 32 bytes, and the iv, 12 bytes. Not to be kept. */
  get keyAndIv(): Uint8Array {
    return Secret.bytesOf(this.#keyAndIv);
  }

  /** The AES key, 32 bytes. Not to be kept. */
  get key(): Uint8Array {
    return this.keyAndIv.subarray(0, GCM_KEY_LENGTH);
  }

  /** The traffic secret, 64 bytes. Not to be kept. */
  get secret(): Uint8Array {
    return Secret.bytesOf(this.#secret);
  }

  /**
   * The nonce of the next record, 12 bytes: `iv XOR (0^4 || u64 sequence)`. No nonce is given out twice. It tells the
   * iv: the next one is written over it, and it is wiped with the iv. Not to be kept.
   */
  nextNonce(): Uint8Array {
    const nonce = this.#nonce;
    nonce.set(this.keyAndIv.subarray(GCM_KEY_LENGTH));
    for (let at = GCM_NONCE_LENGTH - 1, rest = this.advance(1); rest > 0; at -= 1, rest = Math.floor(rest / 256)) {
      nonce[at] = (nonce[at] as number) ^ (rest % 256);
    }
    return nonce;
  }

  /** Counts so many records, and gives the number of the first; none is given out twice. */
  advance(records: number): number {
    const first = this.#sequence;
    this.#sequence += records;
    return first;
  }

  /** The next generation, which follows from this one. */
  update(): void {
    this.replace(expandLabel(this.#secret, 'upd', EMPTY, HASH_LENGTH));
  }

  /** The next generation, from a secret of its own. */
  replace(secret: Secret): void {
    this.dispose();
    [this.#secret, this.#keyAndIv] = withKey(secret);
    this.#generation += 1;
    this.#sequence = 0;
  }

  dispose(): void {
    this.#secret.dispose();
    this.#keyAndIv.dispose();
    this.#nonce.fill(0);
  }
}

function withKey(secret: Secret): [secret: Secret, keyAndIv: Secret] {
  if (secret.length === HASH_LENGTH) return [secret, expandLabel(secret, 'key iv', EMPTY, KEY_AND_IV_LENGTH)];
  return Secret.divide(secret, [HASH_LENGTH, KEY_AND_IV_LENGTH]) as [Secret, Secret];
}
