// @ts-check
/** A KEM whose values are numbered instead of random: a search that comes to the same state again must know it. */
import { createHash } from 'node:crypto';

/** Instead of a suite's KEM. */
export class StandInKem {
  algorithm = { publicKeyLength: 2, ciphertextLength: 4 };
  keys = 0;
  ciphertexts = 0;
  secretOf;

  /** @param {any} Secret */
  constructor(Secret) {
    this.secretOf = (/** @type {Uint8Array[]} */ ...parts) =>
      Secret.from(createHash('sha256').update(Buffer.concat(parts)).digest());
    this.keyOf = (/** @type {Uint8Array} */ publicKey) => Secret.from(publicKey);
    this.bytesOf = Secret.bytesOf;
  }

  /** @param {Uint8Array} publicKey */
  isPublicKey(publicKey) {
    return publicKey[0] === 0x70;
  }

  keypair() {
    this.keys += 1;
    const publicKey = Uint8Array.of(0x70, this.keys);
    return { runSync: () => ({ publicKey, secretKey: this.keyOf(publicKey) }) };
  }

  /** @param {Uint8Array} publicKey */
  encapsulate(publicKey) {
    this.ciphertexts += 1;
    const ciphertext = Buffer.from([...publicKey, 0x63, this.ciphertexts]);
    return { runSync: () => ({ ciphertext, sharedSecret: this.secretOf(ciphertext) }) };
  }

  /**
   * With implicit rejection.
   *
   * @param {any} secretKey
   * @param {Uint8Array} ciphertext
   */
  decapsulate(secretKey, ciphertext) {
    const key = this.bytesOf(secretKey);
    const isMine = ciphertext[0] === key[0] && ciphertext[1] === key[1];
    return { runSync: () => (isMine ? this.secretOf(ciphertext) : this.secretOf(ciphertext, key)) };
  }
}
