/** What a connection has received, into memory that the application uses again and again: the option `onread`. */
import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { pqError } from '../errors.js';
import type { CountBytes, Inlet } from './inlet.js';
import { invalid } from './option-checks.js';

/** As in net.connect. Such a socket has no 'data' to read; its end comes as usual. */
export interface OnRead {
  /**
   * Where data is put; 64 KiB and more spare a copy. Behind the data it may hold anything. Not of a SharedArrayBuffer:
   * what was not authentic must not be seen before it is wiped.
   */
  readonly buffer: Uint8Array;
  /** Called each time that data is there, with the number of bytes. `false` is as `socket.pause()`: see `resume`. */
  readonly callback: (bytesWritten: number, buffer: Uint8Array) => unknown;
}

/** @throws PQ_ERR_INVALID_OPTION */
export function checkOnRead(onread: OnRead | undefined): void {
  if (onread === undefined) return;
  if (typeof onread !== 'object' || onread === null) throw invalid('onread must be an object: { buffer, callback }');
  const { buffer, callback } = onread;
  if (!types.isUint8Array(buffer) || buffer.length === 0 || types.isSharedArrayBuffer(buffer.buffer)) {
    throw invalid('onread.buffer must be a Uint8Array of a byte or more, and not of a SharedArrayBuffer');
  }
  if (typeof callback !== 'function') throw invalid('onread.callback must be a function');
}

export class BufferInlet implements Inlet {
  readonly #buffer: Uint8Array;
  readonly #callback: OnRead['callback'];
  readonly #stream: Readable;
  readonly #count: CountBytes;
  /** Data in the buffer, or in memory of its own if it had no room there; null for the end. */
  readonly #incoming: (Uint8Array | null)[] = [];
  full = false;

  /** @param stream gets the end alone */
  constructor(stream: Readable, count: CountBytes, { buffer, callback }: OnRead) {
    this.#stream = stream;
    this.#count = count;
    this.#buffer = buffer;
    this.#callback = callback;
  }

  get waiting(): boolean {
    return this.#incoming.length > 0 && !this.full;
  }

  /** The buffer, while nothing is in it. */
  space(_bytes: Uint8Array, least: number): Uint8Array | undefined {
    if (this.full || this.#incoming.length > 0) return undefined;
    if (this.#buffer.length === 0) throw lostBuffer();
    return least > this.#buffer.length ? Buffer.allocUnsafeSlow(least) : this.#buffer;
  }

  data(plaintext: Uint8Array): void {
    this.#incoming.push(plaintext);
  }

  end(): void {
    this.#incoming.push(null);
  }

  deliver(): void {
    for (let next = this.#incoming.shift(); next !== undefined; next = this.#incoming.shift()) {
      if (next === null) {
        this.#stream.push(null);
        this.#stream.read(0); // nobody else reads, and 'end' comes only to who does
        return;
      }
      if (this.#buffer.length === 0) throw lostBuffer();
      const part = next.subarray(0, this.#buffer.length);
      if (part.length < next.length) this.#incoming.unshift(next.subarray(part.length));
      if (!this.#holds(next)) this.#buffer.set(part);
      this.#count(part.length);
      if (this.#callback(part.length, this.#buffer) === false) this.full = true;
      if (this.full) return;
    }
  }

  reopen(): void {}

  /** Whether these bytes are where they belong already. Others may have memory in common with the buffer. */
  #holds({ buffer, byteOffset }: Uint8Array): boolean {
    return buffer === this.#buffer.buffer && byteOffset === this.#buffer.byteOffset;
  }

  pause(): boolean {
    this.full = true;
    return true;
  }

  resume(): boolean {
    const { full } = this;
    this.full = false;
    return full;
  }
}

function lostBuffer(): Error {
  return pqError('PQ_ERR_DETACHED_BUFFER', 'onread.buffer has lost its memory: it was transferred to somebody else');
}
