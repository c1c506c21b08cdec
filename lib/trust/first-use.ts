/** A policy's answer about a peer that it does not know yet and accepts: it makes a note of it. */
import { pqError } from '../errors.js';

/** A policy’s answer about a peer that it does not know yet and accepts: it makes a note of it. */
export class FirstUse {
  /** See the constructor. */
  readonly learn: () => void | Promise<void>;

  /**
   * @param learn called once the peer has proven that it holds the key, and before the connection is open; if it fails,
   *   the peer is refused
   * @throws PQ_ERR_INVALID_ARGUMENT if it is no function
   */
  constructor(learn: () => void | Promise<void>) {
    if (typeof learn !== 'function') throw pqError('PQ_ERR_INVALID_ARGUMENT', 'what learns a peer must be a function');
    this.learn = learn;
  }
}
