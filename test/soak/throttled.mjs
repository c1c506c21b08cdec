// @ts-check
/** A transport that goes silent, or nearly so. */
import { Duplex } from 'node:stream';

/**
 * @typedef {object} Throttle
 * @property {number} bytes that are sent at once
 * @property {number} [every] milliseconds after which one byte more is sent, again and again; never if it isn't given
 */

/** What is written to it goes out only so far; what the peer sends comes in. It never ends its side of the socket. */
export class Throttled extends Duplex {
  #socket;
  #left;
  #behind = Buffer.alloc(0);
  /** @type {NodeJS.Timeout | undefined} */
  #drip;

  /**
   * @param {import('node:net').Socket} socket
   * @param {Throttle} throttle
   */
  constructor(socket, { bytes, every }) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#left = bytes;
    if (every !== undefined) this.#drip = setInterval(() => this.#send(1), every);
    socket.on('data', (chunk) => this.push(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', () => {}); // its end is what matters
    socket.on('close', () => this.destroy());
  }

  /** @override */
  _read() {}

  /**
   * @override
   * @param {Buffer} chunk
   * @param {BufferEncoding} _
   * @param {() => void} callback
   */
  _write(chunk, _, callback) {
    this.#behind = Buffer.concat([this.#behind, chunk]);
    const now = Math.min(this.#left, this.#behind.length);
    this.#left -= now;
    this.#send(now);
    callback();
  }

  /**
   * @override
   * @param {Error | null} error
   * @param {(error: Error | null) => void} callback
   */
  _destroy(error, callback) {
    clearInterval(this.#drip);
    callback(error);
  }

  /** @param {number} bytes */
  #send(bytes) {
    if (bytes > 0 && this.#socket.writable) this.#socket.write(this.#behind.subarray(0, bytes));
    this.#behind = this.#behind.subarray(bytes);
  }
}
