/**
 * The two time limits of a handshake: for all of it, and for the peer's silence. It is the transport that keeps the
 * process alive, not these.
 */
import { pqError } from '../errors.js';

export interface TimeLimits {
  readonly handshakeTimeout: number;
  readonly frameTimeout: number;
}

export class HandshakeTimers {
  readonly #limits: TimeLimits;
  readonly #fail: (error: Error) => void;
  readonly #whole: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;
  #heard = false;

  /** Starts the limit for the whole handshake. */
  constructor(limits: TimeLimits, fail: (error: Error) => void) {
    this.#limits = limits;
    this.#fail = fail;
    this.#whole = setTimeout(
      () => this.#expire(limits.handshakeTimeout, 'the handshake took'),
      limits.handshakeTimeout,
    ).unref();
  }

  /** Starts the limit for silence: the transport is there, or the peer's turn begins. */
  listen(): void {
    clearTimeout(this.#silence);
    const { frameTimeout } = this.#limits;
    this.#silence = setTimeout(() => this.#expire(frameTimeout, 'the peer was silent for'), frameTimeout).unref();
  }

  /** The peer has sent something. */
  hear(): void {
    this.#heard = true;
    this.listen();
  }

  /** Suspends the limit for silence: we are the ones who work. */
  pause(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  /** Ends both. */
  stop(): void {
    clearTimeout(this.#whole);
    this.pause();
  }

  #expire(limit: number, what: string): void {
    const nothing = this.#heard ? '' : '; the peer has sent nothing';
    this.#fail(pqError('PQ_ERR_TIMEOUT', `${what} more than ${limit} ms${nothing}`));
  }
}
