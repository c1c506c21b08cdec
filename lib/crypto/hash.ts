/** Hashes of public values. */
import { createHash, type Hash } from 'node:crypto';

/** SHA-256 of the parts, one after the other: 32 bytes. */
export function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-512 of the parts, one after the other: 64 bytes. */
export function sha512(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-512 of what has been added so far, as often as it is asked for. */
export class RunningSha512 {
  readonly #hash: Hash = createHash('sha512');

  add(...parts: Uint8Array[]): this {
    for (const part of parts) this.#hash.update(part);
    return this;
  }

  /** 64 bytes. */
  digest(): Buffer {
    return this.#hash.copy().digest();
  }
}

/** SHAKE256 of the bytes, `length` bytes of it (FIPS 202 §6.2). */
export function shake256(bytes: Uint8Array, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(bytes).digest();
}
