/** A signature key that was made ready once for all that is done with it. */
import type { PreparedMatrix } from '../native/addon.js';
import { addon } from '../native/load.js';
import { unpackStatus } from '../native/status.js';
import { type BytesLike, errorOf, input } from './operation.js';
import type { SigAlgorithm } from './suites.js';

/**
 * While it lives, whoever signs or verifies with the key in this process is faster. It holds what follows from the
 * first 32 bytes of the key, which are public: 57,344 bytes outside V8's heap. One that is forgotten is collected.
 */
export class PreparedKey {
  readonly #matrix: PreparedMatrix;

  private constructor(matrix: PreparedMatrix) {
    this.#matrix = matrix;
  }

  /**
   * For this package: {@link Sig.prepare} is the way to one.
   *
   * @throws PQ_ERR_INVALID_ARGUMENT, PQ_ERR_INVALID_LENGTH, PQ_ERR_DETACHED_BUFFER, PQ_ERR_SHARED_BUFFER,
   *   PQ_ERR_SECRET_DISPOSED, PQ_ERR_OUT_OF_MEMORY
   */
  static of(algorithm: SigAlgorithm, key: BytesLike): PreparedKey {
    const argument = input('key', key);
    const prepared = addon.prepareKey(algorithm.number, argument.bytes);
    if (typeof prepared === 'object') return new PreparedKey(prepared);
    throw errorOf(unpackStatus(prepared), { operation: 'prepareKey', algorithm, arguments: [argument] });
  }

  /** Lets go of it: the key works as before, and slower. More than once does nothing more. */
  dispose(): void {
    addon.releaseKey(this.#matrix);
  }

  /** So that `using` does it. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
