/**
 * An operation of an algorithm that has been asked for and not yet run. It runs inline or off the event loop, alone
 * or as one of several in one request; the result is the same.
 */
import { types } from 'node:util';
import { pqError } from '../errors.js';
import { OPERATION_NUMBERS, type OperationName, type SubmitRequest } from '../native/addon.js';
import { addon } from '../native/load.js';
import { STATUS, type Status, unpackStatus } from '../native/status.js';
import { Secret } from './secret.js';

/** An argument: what it is called in the API, and its bytes. Outputs are allocated by whoever asks. */
export interface Argument {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The Secret that is made, where one is. */
  readonly made?: Secret;
}

/** One call of the addon. */
export interface NativeCall {
  readonly operation: OperationName;
  readonly algorithm: { readonly name: string; readonly number: number };
  /** Outputs first, then inputs, in the order of native/. */
  readonly arguments: readonly Argument[];
}

const { isUint8Array } = types;

/** What a caller may hand over as bytes. */
export type BytesLike = Uint8Array | Secret;

/** Hears what came of something: what went wrong, or else the result. */
export type Done<T> = (error?: unknown, result?: T) => void;

/** Calls that run one after the other and stop at the first that fails. */
export class Operation<T> {
  readonly #calls: readonly NativeCall[];
  readonly #finish: (verified: boolean) => T;

  /** @param finish makes the result; `verified` is false if a signature was wrong, and the calls after it never ran */
  constructor(calls: readonly NativeCall[], finish: (verified: boolean) => T) {
    this.#calls = calls;
    this.#finish = finish;
  }

  /** Runs off the event loop. The inputs have been copied when this returns. */
  run(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.begin((error, result) => (error === undefined ? resolve(result as T) : reject(error)));
    });
  }

  /** The same, without a promise. `done` is called later, never before this returns. */
  begin(done: Done<T>): void {
    const ended = (packed: number): void => {
      let result: T;
      try {
        result = this.#result(unpackStatus(packed));
      } catch (error) {
        done(error);
        return;
      }
      done(undefined, result);
    };
    const request: SubmitRequest = [ended];
    for (const { operation, algorithm, arguments: args } of this.#calls) {
      request.push(OPERATION_NUMBERS[operation], algorithm.number);
      for (const { bytes } of args) request.push(bytes);
    }
    const refused = addon.submit(request);
    if (refused !== STATUS.ok) process.nextTick(ended, refused);
  }

  /** Runs inline: the event loop stands still meanwhile. */
  runSync(): T {
    for (const call of this.#calls) {
      const packed = addon[call.operation](call.algorithm.number, ...call.arguments.map(({ bytes }) => bytes));
      // The addon sees each call alone: which one of the request it is, is known here.
      if (packed !== STATUS.ok) return this.#result({ ...unpackStatus(packed), call: this.#calls.indexOf(call) });
    }
    return this.#finish(true);
  }

  /** Wipes the secrets that it has made, when nobody wants its result any more, and those that map() made of them. */
  discard(result?: T): void {
    for (const { made } of this.#calls.flatMap((call) => call.arguments)) made?.dispose();
    const results = result instanceof Uint8Array ? [] : [result, ...Object.values(result ?? {})];
    for (const made of results) if (Secret.isSecret(made)) made.dispose();
  }

  /** Runs `next` after this one, in one request. `next` may use what this one makes: it is there by then. */
  followedBy<U>(next: (made: T) => Operation<U>): Operation<{ first: T; second: U }> {
    const made = this.#finish(true);
    const second = next(made);
    return new Operation([...this.#calls, ...second.#calls], (verified) => ({
      first: made,
      second: second.#finish(verified),
    }));
  }

  /** Runs `verification` first; if the signature is wrong, this one doesn't run and the result is undefined. */
  provided(verification: Operation<boolean>): Operation<T | undefined> {
    return new Operation([...verification.#calls, ...this.#calls], (verified) =>
      verified ? this.#finish(true) : undefined,
    );
  }

  /** The same calls, and `change` applied to what they make, once they have run. */
  map<U>(change: (made: T) => U): Operation<U> {
    return new Operation(this.#calls, (verified) => change(this.#finish(verified)));
  }

  #result(status: Status): T {
    if (status.code === STATUS.ok) return this.#finish(true);
    if (status.code === STATUS.notVerified) return this.#finish(false);
    throw errorOf(status, this.#calls[status.call] as NativeCall);
  }
}

/**
 * The bytes of an input. Its length and its memory are checked by the addon, but for an empty view of a buffer that
 * was made smaller, which looks like an empty message there.
 *
 * @throws PQ_ERR_INVALID_ARGUMENT, PQ_ERR_DETACHED_BUFFER, PQ_ERR_SECRET_DISPOSED
 */
export function input(name: string, value: BytesLike): Argument {
  if (Secret.isSecret(value)) return { name, bytes: Secret.bytesOf(value) };
  // Not instanceof: a Proxy or an heir of the prototype has no bytes, and would throw an error of another kind below.
  if (!isUint8Array(value)) throw pqError('PQ_ERR_INVALID_ARGUMENT', `${name} must be a Uint8Array or a Secret`);
  if (value.byteLength === 0 && (value.buffer as { resizable?: boolean }).resizable === true) {
    throw pqError('PQ_ERR_DETACHED_BUFFER', `${name} is an empty view of a resizable buffer: copy its bytes first`);
  }
  return { name, bytes: value };
}

/** An input that is put together only when the operation begins. It is copied then: its memory may be used again. */
export function lateInput(name: string, gather: () => Uint8Array): Argument {
  return {
    name,
    get bytes() {
      return gather();
    },
  };
}

/** A place for a result. */
export function output(name: string, made: Uint8Array | Secret): Argument {
  return made instanceof Secret ? { name, bytes: Secret.bytesOf(made), made } : { name, bytes: made };
}

/** What is thrown for a status that isn't ok. */
export function errorOf(
  { code, argument }: Status,
  call: Pick<NativeCall, 'algorithm' | 'arguments'> & { readonly operation: string },
): Error {
  const { name, bytes } = call.arguments[argument] ?? { name: 'the argument', bytes: undefined };
  const algorithm = call.algorithm.name;
  switch (code) {
    case STATUS.wrongType:
      return pqError('PQ_ERR_INVALID_ARGUMENT', `${name} must be a Uint8Array or a Secret`);
    case STATUS.wrongLength:
      return pqError('PQ_ERR_INVALID_LENGTH', `${name} of ${bytes?.length} bytes: not what ${algorithm} has`);
    case STATUS.detached:
      return pqError('PQ_ERR_DETACHED_BUFFER', `${name} is a view of a detached buffer`);
    case STATUS.shared:
      return pqError('PQ_ERR_SHARED_BUFFER', `${name} is shared with other threads: copy its bytes first`);
    case STATUS.contextUnsupported:
      return pqError('PQ_ERR_CONTEXT_UNSUPPORTED', `${algorithm} has no context`);
    case STATUS.badPublicKey:
      return pqError(
        'PQ_ERR_INVALID_PUBLIC_KEY',
        `${name} is no ${algorithm} public key: a coefficient is 3329 or more`,
      );
    case STATUS.badSecretKey:
      return pqError(
        'PQ_ERR_INVALID_SECRET_KEY',
        `${name} is no ${algorithm} secret key: its parts contradict each other`,
      );
    case STATUS.queueFull:
      return pqError('PQ_ERR_QUEUE_FULL', 'too many operations wait for a thread: await some of them first');
    case STATUS.outOfMemory:
      return pqError('PQ_ERR_OUT_OF_MEMORY', `no memory or no thread for an operation of ${algorithm}`);
    default:
      return pqError('PQ_ERR_NATIVE', `${call.operation} of ${algorithm} failed with status ${code}`);
  }
}
