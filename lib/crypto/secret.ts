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

/** Bytes that nobody sees by accident, and that are wiped by `dispose`, or when they are collected. */
export class Secret {
  /** A symbol in a field can't be cloned: structuredClone and postMessage refuse the whole object. */
  readonly uncloneable: symbol = UNCLONEABLE;
  readonly #bytes: Uint8Array;
  /** What it is a part of. It is held on to, so that it is not taken for forgotten. */
  readonly #whole: Secret | undefined;
  /** How many parts there are that have not been disposed of. */
  #parts = 0;
  #disposed = false;

  private constructor(bytes: Uint8Array, whole?: Secret) {
    this.#bytes = bytes;
    this.#whole = whole;
    if (whole === undefined) forgotten.register(this, bytes, this);
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
    const secret = new Secret(new Uint8Array(new ArrayBuffer(bytes.length)));
    secret.#bytes.set(bytes);
    return secret;
  }

  /** Whether it is one, and not something that merely has the same prototype. */
  static isSecret(value: unknown): value is Secret {
    return typeof value === 'object' && value !== null && #bytes in value;
  }

  /** For this package: a Secret whose bytes are filled in by whoever asked for it. */
  static allocate(length: number): Secret {
    return new Secret(new Uint8Array(new ArrayBuffer(length)));
  }

  /**
   * For this package: its parts in the order of the lengths, which are all of it; without a copy. Each is to be
   * disposed of, and the whole not to be used any more.
   */
  static divide(whole: Secret, lengths: readonly number[]): Secret[] {
    const bytes = whole.#readable();
    whole.#parts = lengths.length;
    let at = 0;
    return lengths.map((length) => {
      at += length;
      return new Secret(bytes.subarray(at - length, at), whole);
    });
  }

  /** How many bytes it has, also after it was disposed of. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Whether its bytes have been wiped. */
  get disposed(): boolean {
    return this.#disposed || this.#whole?.disposed === true;
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
    if (this.#whole === undefined) forgotten.unregister(this);
    else this.#whole.#losePart();
  }

  /** So that `using` wipes it. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** `[Secret 32]`: how many bytes it has. */
  toString(): string {
    return `[Secret ${this.length}]`;
  }

  /** @throws PQ_ERR_SECRET_EXPOSED always: JSON is no place for a secret */
  toJSON(): never {
    throw pqError('PQ_ERR_SECRET_EXPOSED', 'a Secret is not put into JSON: use export() if that is what you mean');
  }

  /** What console.log and util.inspect show: as toString. */
  [inspect](): string {
    return this.toString();
  }

  /** For this package: the bytes themselves, without a copy. Not to be kept. */
  static bytesOf(secret: Secret): Uint8Array {
    return secret.#readable();
  }

  #losePart(): void {
    this.#parts -= 1;
    if (this.#parts === 0) this.dispose();
  }

  #readable(): Uint8Array {
    if (this.disposed) throw pqError('PQ_ERR_SECRET_DISPOSED', `${this} was disposed of: its bytes are gone`);
    return this.#bytes;
  }
}

const UNCLONEABLE = Symbol('a Secret');
