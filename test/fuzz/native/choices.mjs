// @ts-check
/** The bytes of an input of the fuzzer, read as choices; after the last byte each choice is the first. */
export class Choices {
  #bytes;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  get areLeft() {
    return this.#at < this.#bytes.length;
  }

  byte() {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** @param {number} count a whole number below it; at most 65536 */
  below(count) {
    const value = count > 256 ? this.byte() * 256 + this.byte() : this.byte();
    return value % count;
  }

  /** @param {number} chances of 256 */
  happens(chances) {
    return this.byte() >= 256 - chances;
  }

  /**
   * @template T
   * @param {readonly T[]} values
   * @returns {T}
   */
  of(values) {
    return /** @type {T} */ (values[this.below(values.length)]);
  }
}
