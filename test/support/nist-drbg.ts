/** The generator of random bytes that NIST's known-answer tests fix: AES-256-CTR of SP 800-90A without a df. */
import { createCipheriv } from 'node:crypto';

/** What a request takes depends on the requests before it and on their sizes, not only on how many bytes they took. */
export class NistDrbg {
  #key: Uint8Array = new Uint8Array(KEY_BYTES);
  #counter: bigint = 0n;

  /** @param seed 48 bytes */
  constructor(seed: Uint8Array) {
    if (seed.length !== KEY_BYTES + BLOCK_BYTES) throw new Error(`a seed of ${seed.length} bytes`);
    this.#update(seed);
  }

  /** One request for random bytes. */
  random(length: number): Buffer {
    const bytes = this.#blocks(Math.ceil(length / BLOCK_BYTES)).subarray(0, length);
    this.#update(new Uint8Array(KEY_BYTES + BLOCK_BYTES));
    return bytes;
  }

  /** The requests of an operation, one after the other. */
  randomOf(lengths: readonly number[]): Buffer {
    return Buffer.concat(lengths.map((length) => this.random(length)));
  }

  #update(data: Uint8Array): void {
    const next = this.#blocks((KEY_BYTES + BLOCK_BYTES) / BLOCK_BYTES).map((byte, i) => byte ^ (data[i] ?? 0));
    this.#key = next.slice(0, KEY_BYTES);
    this.#counter = BigInt(`0x${Buffer.from(next.slice(KEY_BYTES)).toString('hex')}`);
  }

  #blocks(count: number): Buffer {
    const counters = Array.from({ length: count }, () => {
      this.#counter = BigInt.asUintN(8 * BLOCK_BYTES, this.#counter + 1n);
      return Buffer.from(this.#counter.toString(16).padStart(2 * BLOCK_BYTES, '0'), 'hex');
    });
    return createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false).update(Buffer.concat(counters));
  }
}

const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
