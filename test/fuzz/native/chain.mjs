// @ts-check
/** A request whose later calls take what its earlier ones make: FIPS 203 and 204 say what comes out. */
import { ALGORITHMS } from './model.mjs';

/** A key pair, and a use of each half of it. */
export class Chain {
  /** Two of each KEM: what was encapsulated, and what was decapsulated. @type {Uint8Array[]} */
  #secrets;
  /** The elements of the request after `done`. @type {(number | Uint8Array)[]} */
  elements;

  /** @param {import('./choices.mjs').Choices} choices */
  constructor(choices) {
    const row = choices.below(4);
    const { family, longestContext, ...lengths } = /** @type {(typeof ALGORITHMS)[number]} */ (ALGORITHMS[row]);
    const [pk, sk, ct, sig] = [lengths.pk, lengths.sk, lengths.ct, lengths.sig].map((length) => bytes(length ?? 0));
    const [message, context] = [bytes(choices.below(300)), bytes(Math.min(longestContext, choices.byte()))];
    this.#secrets = [bytes(lengths.ss ?? 0), bytes(lengths.ss ?? 0)];
    const [sent, received] = this.#secrets;
    const calls =
      family === 'kem'
        ? [
            [0, row, pk, sk],
            [1, row, ct, sent, pk],
            [2, row, received, sk, ct],
          ]
        : [
            [4, row, pk, sk],
            [5, row, sig, sk, message, context],
            [6, row, pk, message, sig, context],
          ];
    this.elements = /** @type {(number | Uint8Array)[]} */ (calls.flat());
  }

  /** Whether both sides of a KEM have the same secret. */
  isRight() {
    const [sent, received] = this.#secrets;
    return Buffer.compare(sent ?? bytes(0), received ?? bytes(1)) === 0;
  }
}

/** @param {number} length */
function bytes(length) {
  return new Uint8Array(length);
}
