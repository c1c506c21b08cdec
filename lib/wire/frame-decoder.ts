/**
 * Cuts a stream of bytes into frames: a header of four bytes, which says how long the body is, and the body. The
 * header is judged before the body is waited for, and nothing is allocated for a body that has not arrived.
 */
import { EMPTY } from '../bytes.js';

/** Judges a header and says how long the body is; throws if such a frame must not come now. */
export type AcceptHeader = (header: Uint8Array) => number;

/** A header of four bytes, and the body that it announced. */
export interface Frame {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

export const HEADER_LENGTH = 4;
const SMALL = 1024;

export class FrameDecoder {
  #chunks: Uint8Array[] = [];
  /** Holds the last chunk, if that one is made of small ones. What was given out of it is never written again. */
  #tail: Uint8Array = EMPTY;
  #tailUsed = 0;
  #buffered = 0;
  /** Bytes of the frame that comes next, its header included, once that has been accepted; else 0. */
  #expected = 0;

  /** Bytes that have come and were not given out yet. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Whether the stream stands at the end of a frame. */
  get atBoundary(): boolean {
    return this.#buffered === 0;
  }

  /** Takes a chunk, without a copy: {@link settle} follows. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#buffered += chunk.length;
    this.#chunks.push(chunk);
  }

  /**
   * Copies what is left of the last chunk, if it is little, so that it holds on to no more; and in any case if the
   * memory was only lent.
   */
  settle(lent: boolean): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || last.buffer === this.#tail.buffer || !(lent || last.length < SMALL)) return;
    this.#chunks.pop();
    this.#append(last);
  }

  /**
   * The bytes from the next frame on, all of which are in one piece with its end, or undefined until that has come.
   * `accept` is asked once a frame; {@link skip} follows.
   */
  peek(accept: AcceptHeader): Uint8Array | undefined {
    if (this.#expected === 0) {
      if (this.#buffered < HEADER_LENGTH) return undefined;
      this.#expected = HEADER_LENGTH + accept(this.#first(HEADER_LENGTH).subarray(0, HEADER_LENGTH));
    }
    return this.#buffered < this.#expected ? undefined : this.#first(this.#expected);
  }

  /** Takes away bytes, which end with a frame. */
  skip(length: number): void {
    const first = this.#chunks[0] as Uint8Array;
    this.#expected = 0;
    this.#buffered -= length;
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
  }

  /** The next frame, or undefined until all of it has come. `accept` is asked once a frame. */
  next(accept: AcceptHeader): Frame | undefined {
    const bytes = this.peek(accept)?.subarray(0, this.#expected);
    if (bytes === undefined) return undefined;
    this.skip(bytes.length);
    return { header: bytes.subarray(0, HEADER_LENGTH), body: bytes.subarray(HEADER_LENGTH) };
  }

  /** Joins small chunks in a buffer that doubles: kept each by itself, one byte would take half a KiB. */
  #append(chunk: Uint8Array): void {
    const last = this.#chunks.at(-1);
    const joined = last?.buffer === this.#tail.buffer ? (last as Uint8Array) : EMPTY;
    const length = joined.length + chunk.length;
    if (this.#tail.length - this.#tailUsed < chunk.length) {
      this.#tail = Buffer.allocUnsafeSlow(Math.max(SMALL, 2 * length));
      this.#tail.set(joined);
      this.#tailUsed = joined.length;
    }
    this.#tail.set(chunk, this.#tailUsed);
    this.#tailUsed += chunk.length;
    if (joined.length > 0) this.#chunks.pop();
    this.#chunks.push(this.#tail.subarray(this.#tailUsed - length, this.#tailUsed));
  }

  /** The first piece, which begins with so many bytes that have come; they are copied together if they are not in one. */
  #first(length: number): Uint8Array {
    const first = this.#chunks[0] as Uint8Array;
    return first.length >= length ? first : this.#gather(length);
  }

  #gather(length: number): Uint8Array {
    const gathered = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    let used = 0;
    while (filled < length) {
      const chunk = this.#chunks[used] as Uint8Array;
      const part = chunk.subarray(0, length - filled);
      gathered.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) used += 1;
      else this.#chunks[used] = chunk.subarray(part.length);
    }
    this.#chunks.splice(0, used, gathered);
    return gathered;
  }
}
