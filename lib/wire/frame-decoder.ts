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
  /** The header that has been accepted, and the length of its body. */
  #header: Uint8Array | undefined;
  #expected = 0;

  /** Bytes that have come and were not given out yet. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Whether the stream stands at the end of a frame. */
  get atBoundary(): boolean {
    return this.#buffered === 0 && this.#header === undefined;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#buffered += chunk.length;
    if (chunk.length < SMALL) this.#append(chunk);
    else this.#chunks.push(chunk);
  }

  /** The next frame, or undefined until all of it has come. `accept` is asked once a frame. */
  next(accept: AcceptHeader): Frame | undefined {
    if (this.#header === undefined) {
      if (this.#buffered < HEADER_LENGTH) return undefined;
      const header = this.#take(HEADER_LENGTH);
      this.#expected = accept(header);
      this.#header = header;
    }
    if (this.#buffered < this.#expected) return undefined;
    const frame = { header: this.#header, body: this.#take(this.#expected) };
    this.#header = undefined;
    return frame;
  }

  /** Joins small chunks in a buffer that doubles: kept each by itself, one byte would take half a KiB. */
  #append(chunk: Uint8Array): void {
    const last = this.#chunks.at(-1);
    const joined = last?.buffer === this.#tail.buffer ? (last as Uint8Array) : EMPTY;
    const length = joined.length + chunk.length;
    if (this.#tail.length - this.#tailUsed < chunk.length) {
      this.#tail = new Uint8Array(Math.max(SMALL, 2 * length));
      this.#tail.set(joined);
      this.#tailUsed = joined.length;
    }
    this.#tail.set(chunk, this.#tailUsed);
    this.#tailUsed += chunk.length;
    if (joined.length > 0) this.#chunks.pop();
    this.#chunks.push(this.#tail.subarray(this.#tailUsed - length, this.#tailUsed));
  }

  /** Removes `length` bytes, which must have come; without a copy if they are in one chunk. */
  #take(length: number): Uint8Array {
    this.#buffered -= length;
    const [first] = this.#chunks;
    if (first !== undefined && first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    if (first !== undefined && first.length === length) {
      this.#chunks.shift();
      return first;
    }
    return this.#gather(length);
  }

  #gather(length: number): Uint8Array {
    const gathered = new Uint8Array(length);
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
    this.#chunks.splice(0, used);
    return gathered;
  }
}
