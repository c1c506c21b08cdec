/** Reads a message's body from its start to its end, and never beyond. */
import { readU16 } from '../bytes.js';
import { pqError } from '../errors.js';

export class Reader {
  readonly #message: string;
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param message its name, for errors */
  constructor(message: string, bytes: Uint8Array) {
    this.#message = message;
    this.#bytes = bytes;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#bytes[this.#skip(1)] as number;
  }

  u16(): number {
    return readU16(this.#bytes, this.#skip(2));
  }

  /** The next bytes, without a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  /**
   * As many items as a count says, which must be in a range; no two may have the same key, if there is one.
   *
   * @param least the smallest count
   * @param most the largest
   */
  list<T>(what: string, least: number, most: number, read: () => T, keyOf?: (item: T) => number): T[] {
    const count = this.u8();
    if (count < least || count > most) throw this.error(`has ${count} ${what}: there are ${least} to ${most}`);
    const items = Array.from({ length: count }, read);
    if (keyOf !== undefined && new Set(items.map(keyOf)).size < count)
      throw this.error(`has the same of its ${what} twice`);
    return items;
  }

  /** @throws PQ_ERR_DECODE unless all was read */
  end(): void {
    if (this.rest > 0) throw this.error(`has ${this.rest} bytes too many`);
  }

  error(what: string): Error {
    return pqError('PQ_ERR_DECODE', `the peer's ${this.#message} ${what}`);
  }

  /** Goes on by so many bytes, which are there, and gives where they begin. */
  #skip(length: number): number {
    if (length > this.rest) throw this.error(`ends ${length - this.rest} bytes too early`);
    this.#at += length;
    return this.#at - length;
  }
}
