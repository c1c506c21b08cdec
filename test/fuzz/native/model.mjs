// @ts-check
/** What the addon must say of a call, from JavaScript's point of view: the border of native/ written a second time. */
import { types } from 'node:util';
import { STATUS } from '../../../dist/native/status.js';

/**
 * An operation, by its number: the kinds of its arguments, outputs first.
 *
 * @typedef {'pk' | 'sk' | 'seed' | 'ct' | 'ss' | 'sig' | 'kemSk' | 'clientFrames' | 'serverFrames' | 'room'
 *   | 'secrets'} FixedKind
 * @typedef {FixedKind | 'context' | 'any' | 'claim' | 'start' | 'toAnswer' | 'toAccept'} Kind: a claim is what is said
 *   to be a signature, of any length; the last three are transcripts, the first of them of any length
 * @typedef {'kem' | 'sig' | 'suite'} Family
 * @typedef {{ name: keyof typeof import('../../../dist/native/addon.js').OPERATION_NUMBERS, family: Family,
 *   outputs: number, kinds: Kind[], counter: number }} OperationModel
 * @typedef {{ operation: unknown, algorithm: unknown, args: unknown[] }} ModelCall
 */

/** @type {OperationModel[]} */
export const OPERATIONS = [
  { name: 'kemKeypair', family: 'kem', outputs: 2, kinds: ['pk', 'sk'], counter: 0 },
  { name: 'kemEncapsulate', family: 'kem', outputs: 2, kinds: ['ct', 'ss', 'pk'], counter: 3 },
  { name: 'kemDecapsulate', family: 'kem', outputs: 1, kinds: ['ss', 'sk', 'ct'], counter: 4 },
  { name: 'kemCheckPublicKey', family: 'kem', outputs: 0, kinds: ['pk'], counter: Number.NaN },
  { name: 'sigKeypair', family: 'sig', outputs: 2, kinds: ['pk', 'sk'], counter: 0 },
  { name: 'sigSign', family: 'sig', outputs: 1, kinds: ['sig', 'sk', 'any', 'context'], counter: 1 },
  { name: 'sigVerify', family: 'sig', outputs: 0, kinds: ['pk', 'any', 'claim', 'context'], counter: 2 },
  { name: 'sigVerifyPeer', family: 'sig', outputs: 0, kinds: ['pk', 'any', 'claim', 'context'], counter: 2 },
  {
    name: 'handshakeAnswer',
    family: 'suite',
    outputs: 2,
    kinds: ['serverFrames', 'secrets', 'sk', 'pk', 'toAnswer'],
    counter: Number.NaN,
  },
  {
    name: 'handshakeOffer',
    family: 'suite',
    outputs: 2,
    kinds: ['clientFrames', 'kemSk', 'sk', 'start'],
    counter: Number.NaN,
  },
  {
    name: 'handshakeAccept',
    family: 'suite',
    outputs: 1,
    kinds: ['secrets', 'pk', 'kemSk', 'toAccept'],
    counter: Number.NaN,
  },
  { name: 'sigKeypairFrom', family: 'sig', outputs: 2, kinds: ['pk', 'sk', 'seed'], counter: 0 },
  { name: 'sigPublicKey', family: 'sig', outputs: 1, kinds: ['pk', 'sk'], counter: Number.NaN },
  {
    name: 'handshakeAnswerJointly',
    family: 'suite',
    outputs: 2,
    kinds: ['room', 'secrets', 'sk', 'pk', 'toAnswer'],
    counter: Number.NaN,
  },
];

const ofSuite = { family: /** @type {const} */ ('suite'), pk: 2592, kemSk: 3168, secrets: 408, longestContext: 0 };

/** @type {(Partial<Record<Kind, number>> & { family: Family, longestContext: number })[]} */
export const ALGORITHMS = [
  { family: 'kem', pk: 1568, sk: 3168, ct: 1568, ss: 32, longestContext: 0 },
  { family: 'kem', pk: 1568, sk: 3168, ct: 1568, ss: 32, longestContext: 0 },
  { family: 'sig', pk: 2592, sk: 4864, seed: 32, sig: 4595, longestContext: 0 },
  { family: 'sig', pk: 2592, sk: 4896, seed: 32, sig: 4627, longestContext: 255 },
  { ...ofSuite, sk: 4864, clientFrames: 6171, serverFrames: 6240, room: 6501 },
  { ...ofSuite, sk: 4896, clientFrames: 6203, serverFrames: 6272, room: 6533 },
];

/** Of a request: native/jobs.cc. */
export const MOST_CALLS = 4;
export const MOST_ELEMENTS = 29;

/** The buffers that the fuzz target has detached: JavaScript of Node 20 can't ask. */
export const detached = new WeakSet();

/**
 * The status that a call must be refused with before any work, without its `call`; undefined if it must be taken.
 *
 * @param {ModelCall} call
 * @returns {{ code: number, argument: number } | undefined}
 */
export function refusal({ operation: number, algorithm: row, args }) {
  const operation = OPERATIONS[/** @type {number} */ (typeof number === 'number' ? number : -1)];
  const algorithm = ALGORITHMS[/** @type {number} */ (typeof row === 'number' ? row : -1)];
  if (operation === undefined || algorithm === undefined || operation.family !== algorithm.family) {
    return { code: STATUS.unknownAlgorithm, argument: 0 };
  }
  for (const check of [refusedMemory, refusedLength]) {
    for (const [argument, kind] of operation.kinds.entries()) {
      const code = check(args[argument], kind, algorithm);
      if (code !== STATUS.ok) return { code, argument };
    }
  }
  return undefined;
}

/**
 * How the addon must refuse a request with these elements; undefined if it must take it.
 *
 * @param {unknown[]} elements
 * @param {number} length
 */
export function refusalOfRequest(elements, length) {
  const refused = (/** @type {number} */ call) => ({ code: STATUS.wrongType, argument: 0, call });
  if (length > MOST_ELEMENTS || length < 2) return refused(0);
  let at = 1;
  let call = 0;
  for (; at < length && call < MOST_CALLS; call += 1) {
    const [operation, algorithm] = [elements[at], at + 1 < length ? elements[at + 1] : undefined];
    const kinds = OPERATIONS[/** @type {number} */ (typeof operation === 'number' ? operation : -1)]?.kinds ?? [];
    const args = kinds.map((_, i) => (at + 2 + i < length ? elements[at + 2 + i] : undefined));
    const expected = refusal({ operation, algorithm, args });
    if (expected !== undefined) return { ...expected, call };
    at += 2 + kinds.length;
  }
  return at < length ? refused(call - 1) : undefined;
}

/** @param {unknown} value */
function refusedMemory(value) {
  if (!types.isUint8Array(value)) return STATUS.wrongType;
  if (types.isSharedArrayBuffer(value.buffer)) return STATUS.shared;
  return detached.has(value.buffer) ? STATUS.detached : STATUS.ok;
}

/**
 * @param {unknown} value
 * @param {Kind} kind
 * @param {(typeof ALGORITHMS)[number]} algorithm
 */
function refusedLength(value, kind, algorithm) {
  // Not `length`: once compiled, V8 of Node 20 may give that of a buffer which has been detached since.
  const { byteLength: length } = /** @type {Uint8Array} */ (value);
  if (kind === 'any' || kind === 'claim' || kind === 'start') return STATUS.ok;
  if (kind === 'toAnswer' || kind === 'toAccept') {
    return length >= (algorithm.serverFrames ?? 0) ? STATUS.ok : STATUS.wrongLength;
  }
  if (kind !== 'context') return length === algorithm[kind] ? STATUS.ok : STATUS.wrongLength;
  if (length > 255) return STATUS.wrongLength;
  return length > algorithm.longestContext ? STATUS.contextUnsupported : STATUS.ok;
}
