// @ts-check
/** Values for the place of an argument that is a Uint8Array of some length. */

/**
 * Uint8Arrays whose length is not the argument's.
 *
 * @param {number} length
 * @returns {Uint8Array[]}
 */
export function otherLengths(length) {
  const lengths = [0, 1, length - 1, length + 1, 2 * length + 1, 1 << 16];
  return lengths.filter((other) => other >= 0 && other !== length).map((other) => new Uint8Array(other));
}

/**
 * What is no Uint8Array.
 *
 * @param {number} length
 * @returns {unknown[]}
 */
export function otherTypes(length) {
  const bytes = new Uint8Array(length);
  const arrays = [Int8Array, Uint8ClampedArray, Uint16Array, Uint32Array, Float32Array, Float64Array];
  return [
    ...[undefined, null, true, 0, length, -1, Number.NaN, 1n, '', 'x'.repeat(length), Symbol('bytes')],
    ...[{}, { length }, [], [...bytes], () => bytes, new Proxy(bytes, {}), Object.create(Uint8Array.prototype)],
    ...[bytes.buffer, new SharedArrayBuffer(length), new DataView(bytes.buffer), new BigUint64Array(length)],
    ...arrays.map((Type) => new Type(length)),
  ];
}

/**
 * Uint8Arrays whose memory is gone or shared.
 *
 * @param {number} length
 * @returns {Uint8Array[]}
 */
export function goneOrShared(length) {
  const detached = new Uint8Array(length);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const wasm = new /** @type {any} */ (globalThis).WebAssembly.Memory({ initial: 1 });
  const grown = new Uint8Array(wasm.buffer, 0, length);
  wasm.grow(1);
  return [detached, grown, new Uint8Array(new SharedArrayBuffer(length)), shared(length)];
}

/**
 * Views of resizable buffers that were made smaller: of no length for JavaScript, and some as long as they are.
 *
 * @param {number} length at least 2
 * @returns {Uint8Array[]}
 */
export function shrunk(length) {
  const outside = resizable(length);
  const views = [new Uint8Array(outside, 0, length), new Uint8Array(outside, length - 1), new Uint8Array(outside, 1)];
  outside.resize(length - 2);
  const empty = resizable(length);
  views.push(new Uint8Array(empty), new Uint8Array(empty, 0, length));
  empty.resize(0);
  return views;
}

/**
 * @param {number} length
 * @returns {ArrayBuffer & { resize(length: number): void }}
 */
export function resizable(length) {
  const Resizable = /** @type {any} */ (ArrayBuffer);
  return new Resizable(length, { maxByteLength: 2 * length });
}

/** @param {number} length */
function shared(length) {
  const Growable = /** @type {any} */ (SharedArrayBuffer);
  return new Uint8Array(new Growable(length, { maxByteLength: 2 * length }));
}
