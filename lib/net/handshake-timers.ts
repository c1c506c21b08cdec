/**
 * The two time limits of a handshake: for all of it, and for the peer's silence. It is the transport that keeps the
 * process alive, not these.
 */
import { pqError } from '../errors.js';
import { LONGEST_TIMEOUT } from './option-checks.js';

export interface TimeLimits {
  readonly handshakeTimeout: number;
  readonly frameTimeout: number;
}

/**
 * Both are times on the clock, and one timer looks after them: a turn of the peer begins and ends several times in a
 * handshake, and to set a timer costs more than to note the time.
 */
export class HandshakeTimers {
  readonly #limits: TimeLimits;
  readonly #fail: (error: Error) => void;
  readonly #end: number;
  /** When the peer will have been silent for too long; Infinity while it is not its turn. */
  #silentUntil = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #heard = false;

  /** Starts the limit for the whole handshake. */
  constructor(limits: TimeLimits, fail: (error: Error) => void) {
    this.#limits = limits;
    this.#fail = fail;
    const now = performance.now();
    this.#end = now + limits.handshakeTimeout;
    this.#wait(now);
  }

  /** Starts the limit for silence: the transport is there, or the peer's turn begins. */
  listen(): void {
    this.#silentUntil = performance.now() + this.#limits.frameTimeout;
  }

  /** The peer has sent something. */
  hear(): void {
    this.#heard = true;
    this.listen();
  }

  /** Suspends the limit for silence: we are the ones who work. */
  pause(): void {
    this.#silentUntil = Number.POSITIVE_INFINITY;
  }

  /** Ends both. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Looks again when a limit is reached, and within `frameTimeout`: a turn that begins meanwhile ends no sooner. */
  #wait(now: number): void {
    const next = Math.min(this.#end, this.#silentUntil, now + this.#limits.frameTimeout);
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.ceil(next - now), LONGEST_TIMEOUT)).unref();
  }

  #look(): void {
    const now = performance.now();
    if (now >= this.#end) this.#expire(this.#limits.handshakeTimeout, 'the handshake took');
    else if (now >= this.#silentUntil) this.#expire(this.#limits.frameTimeout, 'the peer was silent for');
    else this.#wait(now);
  }

  #expire(limit: number, what: string): void {
    const nothing = this.#heard ? '' : '; the peer has sent nothing';
    this.#fail(pqError('PQ_ERR_TIMEOUT', `${what} more than ${limit} ms${nothing}`));
  }
}
