/** What a connection has received, on its way to the application, and the memory for it. */

import type { Readable } from 'node:stream';

/** Told of the bytes of each piece, before it is handed over. */
export type CountBytes = (bytes: number) => void;

/** Data that waits to be told, and where the next data goes. */
export interface Inlet {
  /** Whether the application has more than it should: nothing is read meanwhile. */
  readonly full: boolean;
  /** Whether something waits for {@link deliver}. */
  readonly waiting: boolean;
  /** Memory for the data in these bytes, of at least so many bytes; undefined if it takes none before `deliver`. */
  space(bytes: Uint8Array, least: number): Uint8Array | undefined;
  data(plaintext: Uint8Array): void;
  end(): void;
  /** Hands over what waits. Whatever the application throws comes out; what it has not got then still waits. */
  deliver(): void;
  /** The stream asks for more. */
  reopen(): void;
  /** The application's `pause` and `resume`, as far as they are not the stream's; answer whether that changes something. */
  pause(): boolean;
  resume(): boolean;
}

/** Less is little: memory that Node's small buffers share will do for it, rather than that it holds on to a block. */
const SMALL = 1024;

/** Into a stream, in memory that nobody else has. */
export class StreamInlet implements Inlet {
  readonly #stream: Readable;
  readonly #count: CountBytes;
  readonly #mayChange: (bytes: Uint8Array) => boolean;
  readonly #incoming: (Uint8Array | null)[] = [];
  full = false;

  /** @param mayChange whether records may be opened where they stand */
  constructor(stream: Readable, count: CountBytes, mayChange: (bytes: Uint8Array) => boolean) {
    this.#stream = stream;
    this.#count = count;
    this.#mayChange = mayChange;
  }

  get waiting(): boolean {
    return this.#incoming.length > 0;
  }

  space(bytes: Uint8Array): Uint8Array {
    if (this.#mayChange(bytes)) return bytes;
    return bytes.length < SMALL ? Buffer.allocUnsafe(bytes.length) : Buffer.allocUnsafeSlow(bytes.length);
  }

  data(plaintext: Uint8Array): void {
    this.#incoming.push(withoutRest(plaintext));
  }

  end(): void {
    this.#incoming.push(null);
  }

  deliver(): void {
    for (let plaintext = this.#incoming.shift(); plaintext !== undefined; plaintext = this.#incoming.shift()) {
      this.#count(plaintext?.length ?? 0);
      // The end is never full: nobody asks for more then, and whatever the peer still sends is refused, not left unread.
      this.full = !this.#stream.push(plaintext) && plaintext !== null;
    }
  }

  reopen(): void {
    this.full = false;
  }

  pause(): boolean {
    return false;
  }

  resume(): boolean {
    return false;
  }
}

/**
 * What is little is copied, so that a byte which waits for the application doesn't hold on to a big block: one that is
 * larger than the memory that Node's small buffers share.
 */
function withoutRest(plaintext: Uint8Array): Uint8Array {
  const { length, buffer } = plaintext;
  const wasteful = buffer.byteLength > 2 * Buffer.poolSize && (length < SMALL || 2 * length < buffer.byteLength);
  return wasteful ? Buffer.from(plaintext) : plaintext;
}
