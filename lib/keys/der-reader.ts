/**
 * Reads DER (X.690) strictly: definite lengths in the fewest bytes, and nothing left over. It copies nothing, so that
 * what it gives is a part of the bytes that it was made of, and is wiped with them.
 */
import { pqError } from '../errors.js';
import { TAG } from './der.js';

export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what the bytes are said to be, for messages */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** The tag of the next value; undefined at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /**
   * The content of the next value, which has this tag.
   *
   * @throws PQ_ERR_KEY_FORMAT, as everything here
   */
  read(tag: number): Uint8Array {
    if (this.tag !== tag) throw this.fault(this.tag === undefined ? 'it ends too early' : 'it has another structure');
    this.#at += 1;
    const length = this.#length();
    const content = this.#bytes.subarray(this.#at, this.#at + length);
    if (content.length !== length) throw this.fault('it ends too early');
    this.#at += length;
    return content;
  }

  /** The values in the next value. */
  within(tag: number): DerReader {
    return new DerReader(this.read(tag), this.#what);
  }

  /** The next value, if it has this tag. */
  readOptional(tag: number): Uint8Array | undefined {
    return this.tag === tag ? this.read(tag) : undefined;
  }

  /** A number that is not negative, below 2^31. */
  integer(): number {
    const bytes = this.read(TAG.integer);
    const [first = 0x80, second = 0x80] = bytes;
    const isMinimal = bytes.length === 1 || first !== 0 || second >= 0x80;
    const value = bytes.reduce((sum, byte) => sum * 0x100 + byte, 0);
    if (first >= 0x80 || !isMinimal || value >= 2 ** 31) throw this.fault('a number in it is out of range');
    return value;
  }

  /** Such as `1.2.840`. */
  oid(): string {
    const bytes = this.read(TAG.oid);
    const arcs: bigint[] = [];
    let arc = 0n;
    let isStart = true;
    for (const byte of bytes) {
      if (isStart && byte === 0x80) throw this.fault('an object identifier in it is wrong');
      arc = (arc << 7n) | BigInt(byte & 0x7f);
      isStart = byte < 0x80;
      if (!isStart) continue;
      arcs.push(arc);
      arc = 0n;
    }
    const [first] = arcs;
    if (first === undefined || !isStart || bytes.length > LONGEST_OID) {
      throw this.fault('an object identifier in it is wrong');
    }
    const top = first < 80n ? first / 40n : 2n;
    return [top, first - top * 40n, ...arcs.slice(1)].join('.');
  }

  /** Whole bytes. */
  bitString(): Uint8Array {
    const content = this.read(TAG.bitString);
    if (content[0] !== 0) throw this.fault('it has another structure');
    return content.subarray(1);
  }

  /** Nothing may be left. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw this.fault('something follows its end');
  }

  /** What is thrown if the bytes are not what they are said to be. */
  fault(why: string): Error {
    return pqError('PQ_ERR_KEY_FORMAT', `this is not ${this.#what}: ${why}`);
  }

  #length(): number {
    const first = this.#bytes[this.#at++] ?? 0x80;
    if (first < 0x80) return first;
    const count = first & 0x7f;
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    const length = bytes.reduce((sum, byte) => sum * 0x100 + byte, 0);
    // Key files are short: a length in more than two bytes is one in too many. An indefinite one has none.
    if (count > 2 || bytes.length !== count || length < (count === 1 ? 0x80 : 0x100)) {
      throw this.fault('a length in it is not in the fewest bytes, or indefinite');
    }
    return length;
  }
}

/** One of a UUID, with 19 bytes, is the longest in use. */
const LONGEST_OID = 32;
