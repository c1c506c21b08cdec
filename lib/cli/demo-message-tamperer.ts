/** The man in the middle's hand: passes messages on, but for one, which he changes. */
import { Transform, type TransformCallback } from 'node:stream';

/** What is sent instead of a message, which has its header; null ends the stream. */
export type ChangeMessage = (message: Buffer) => readonly (Buffer | null)[];

/** In both profiles a message begins with four bytes, and the last three of them are the length of its rest. */
const HEADER_LENGTH = 4;
const LENGTH_MASK = 0xff_ffff;

export class MessageTamperer extends Transform {
  readonly #number: number;
  readonly #change: ChangeMessage;
  #held: Buffer = Buffer.alloc(0);
  #seen = 0;
  #ended = false;

  /** @param number which message is changed; they are counted from 0 */
  constructor(number: number, change: ChangeMessage) {
    super();
    this.#number = number;
    this.#change = change;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      const parts = this.#seen === this.#number ? this.#change(message) : [message];
      this.#seen += 1;
      for (const part of parts) this.#pass(part);
    }
    callback();
  }

  #next(): Buffer | undefined {
    if (this.#held.length < HEADER_LENGTH) return undefined;
    const length = HEADER_LENGTH + (this.#held.readUInt32BE() & LENGTH_MASK);
    if (this.#held.length < length) return undefined;
    const message = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return message;
  }

  #pass(part: Buffer | null): void {
    if (!this.#ended) this.push(part);
    this.#ended ||= part === null;
  }
}
