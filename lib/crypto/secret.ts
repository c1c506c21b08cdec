/**
 * A secret byte string that wipes itself and never shows itself. Its bytes are outside V8's moving heap from the
 * first write: the garbage collector never copies them.
 */
import { createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { types } from 'node:util';
import { pqError } from '../errors.js';

const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Wipes the bytes of a Secret that was forgotten instead of disposed of. */
const forgotten = new FinalizationRegistry((bytes: Uint8Array) => bytes.fill(0));

export class Secret {
  /** A symbol in a field can't be cloned: structuredClone and postMessage refuse the whole object. */
  readonly uncloneable: symbol = UNCLONEABLE;
  readonly #bytes: Uint8Array;
  #disposed = false;

  /** @param length how many bytes, all zero until {@link fill} */
  private constructor(length: number) {
    this.#bytes = new Uint8Array(new ArrayBuffer(length));
    forgotten.register(this, this.#bytes, this);
  }

  /**
   * Copies bytes into a new Secret. The caller's copy stays as it is: wipe it.
   *
   * @throws PQ_ERR_INVALID_ARGUMENT if it isn't a Uint8Array
   */
  static from(bytes: Uint8Array): Secret {
    if (!types.isUint8Array(bytes)) {
      throw pqError('PQ_ERR_INVALID_ARGUMENT', 'a Secret is made from a Uint8Array');
    }
    const secret = new Secret(bytes.length);
    secret.#bytes.set(bytes);
    return secret;
  }

  /** Whether it is one, and not something that merely has the same prototype. */
  static isSecret(value: unknown): value is Secret {
    return typeof value === 'object' && value !== null && #bytes in value;
  }

  /** For this package: a Secret whose bytes are filled in by whoever asked for it. */
  static allocate(length: number): Secret {
    return new Secret(length);
  }

  /** How many bytes it has, also after it was disposed of. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Whether its bytes have been wiped. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /**
   * A copy of the bytes, which nobody wipes but the caller.
   *
   * @throws PQ_ERR_SECRET_DISPOSED
   */
  export(): Buffer {
    const bytes = this.#readable();
    const copy = Buffer.from(new ArrayBuffer(bytes.length));
    copy.set(bytes);
    return copy;
  }

  /**
   * The secret as a key for node:crypto, which keeps its own copy of the bytes.
   *
   * @throws PQ_ERR_SECRET_DISPOSED
   */
  toKeyObject(): KeyObject {
    return createSecretKey(this.#readable());
  }

  /**
   * Whether two secrets are the same, in constant time for equal lengths.
   *
   * @throws PQ_ERR_INVALID_ARGUMENT if the other isn't a Secret; PQ_ERR_SECRET_DISPOSED
   */
  equals(other: Secret): boolean {
    if (!Secret.isSecret(other)) throw pqError('PQ_ERR_INVALID_ARGUMENT', 'a Secret is compared with another Secret');
    const [mine, others] = [this.#readable(), other.#readable()];
    return mine.length === others.length && timingSafeEqual(mine, others);
  }

  /** Wipes the bytes. More than once does nothing more. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#bytes.fill(0);
    forgotten.unregister(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `[Secret ${this.length}]`;
  }

  /** @throws PQ_ERR_SECRET_EXPOSED always: JSON is no place for a secret */
  toJSON(): never {
    throw pqError('PQ_ERR_SECRET_EXPOSED', 'a Secret is not put into JSON: use export() if that is what you mean');
  }

  [inspect](): string {
    return this.toString();
  }

  /** For this package: the bytes themselves, without a copy. Not to be kept. */
  static bytesOf(secret: Secret): Uint8Array {
    return secret.#readable();
  }

  #readable(): Uint8Array {
    if (this.#disposed) throw pqError('PQ_ERR_SECRET_DISPOSED', `${this} was disposed of: its bytes are gone`);
    return this.#bytes;
  }
}

const UNCLONEABLE = Symbol('a Secret');
