/** What a caller may hand over by mistake or by malice in the place of bytes. */
import { MessageChannel } from 'node:worker_threads';
import { Secret } from '../../lib/oqs.js';

/** A value with what it is; `code` is what its refusal says. */
export interface Wrong {
  readonly what: string;
  readonly value: never;
  readonly code: string;
}

/** Values that are no Uint8Array and no Secret, as like bytes of this length as they can be. */
export function notBytes(length: number): Wrong[] {
  const bytes = new Uint8Array(length);
  const values: Record<string, unknown> = {
    null: null,
    'a number': length,
    'not a number': Number.NaN,
    'a bigint': BigInt(length),
    'a boolean': true,
    'a symbol': Symbol('bytes'),
    'a string': 'x'.repeat(length),
    'an empty string': '',
    'an array': [...bytes],
    'an empty array': [],
    'an array-like object': { length, byteLength: length, buffer: bytes.buffer },
    'an object whose length throws': {
      get byteLength() {
        throw new Error('read');
      },
    },
    'a function': () => bytes,
    'a promise of bytes': Promise.resolve(bytes),
    'an ArrayBuffer': bytes.buffer,
    'a SharedArrayBuffer': new SharedArrayBuffer(length),
    'a DataView': new DataView(bytes.buffer),
    'an Int8Array': new Int8Array(length),
    'a Uint8ClampedArray': new Uint8ClampedArray(length),
    'a Uint16Array': new Uint16Array(length),
    'a Float64Array': new Float64Array(length),
    'a BigUint64Array': new BigUint64Array(length),
    'a proxy of a Uint8Array': new Proxy(bytes, {}),
    'an heir of Uint8Array.prototype': Object.create(Uint8Array.prototype),
    'a proxy of a Secret': new Proxy(Secret.from(bytes), {}),
    'an heir of Secret.prototype': Object.create(Secret.prototype),
  };
  return Object.entries(values).map(([what, value]) => ({
    what,
    value: value as never,
    code: 'PQ_ERR_INVALID_ARGUMENT',
  }));
}

/** Uint8Arrays that had these bytes once, or whose bytes others may write. */
export function strangeMemory(bytes: Uint8Array): Wrong[] {
  const gone = 'PQ_ERR_DETACHED_BUFFER';
  const shared = 'PQ_ERR_SHARED_BUFFER';
  const values: [string, Uint8Array, string][] = [
    ['a view of a buffer that was cloned away', cloneAway(Uint8Array.from(bytes)), gone],
    ['a view of a buffer that was posted away', postAway(Uint8Array.from(bytes)), gone],
    ['an empty view of a buffer that was cloned away', cloneAway(new Uint8Array(new ArrayBuffer(8), 8)), gone],
    ['a view of shared memory', sharedCopy(bytes), shared],
    ['an empty view of shared memory', new Uint8Array(new SharedArrayBuffer(0)), shared],
    ['a view that no longer fits in its buffer', shrunk(bytes, bytes.length), gone],
    ['a length-tracking view whose start is outside its buffer', shrunkBelowStart(bytes), gone],
    ['an empty length-tracking view', shrunk(bytes, undefined, 0), gone],
  ];
  return values.map(([what, value, code]) => ({ what, value: value as never, code }));
}

/** Detaches the memory of the bytes, which must have a buffer of their own. */
export function cloneAway(bytes: Uint8Array): Uint8Array {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
  return bytes;
}

function postAway(bytes: Uint8Array): Uint8Array {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
  port1.close();
  port2.close();
  return bytes;
}

/** The same bytes in memory that other threads may write. */
export function sharedCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** An ArrayBuffer that can be made smaller; TypeScript's library for ES2023 doesn't know it. */
export type Resizable = ArrayBuffer & { resize(length: number): void };

/** The same bytes at the start of a buffer that can be made smaller. */
export function resizableCopy(bytes: Uint8Array): Resizable {
  const Buffer = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => Resizable;
  const buffer = new Buffer(bytes.length, { maxByteLength: bytes.length });
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

// Without a length the view tracks its buffer.
function shrunk(bytes: Uint8Array, viewLength: number | undefined, newLength = bytes.length - 1): Uint8Array {
  const buffer = resizableCopy(bytes);
  const view = viewLength === undefined ? new Uint8Array(buffer) : new Uint8Array(buffer, 0, viewLength);
  buffer.resize(newLength);
  return view;
}

function shrunkBelowStart(bytes: Uint8Array): Uint8Array {
  const buffer = resizableCopy(bytes);
  const view = new Uint8Array(buffer, bytes.length - 1);
  buffer.resize(bytes.length - 2);
  return view;
}
