// @ts-check
/** Arguments of the addon as an input of the fuzzer chooses them, and a watch over the memory behind them. */
import { types } from 'node:util';
import { calls } from '../../sanitizers/calls.mjs';
import { goneOrShared, otherTypes, resizable, shrunk } from '../../sanitizers/wrong-values.mjs';
import { ALGORITHMS, detached } from './model.mjs';

/** @typedef {import('./model.mjs').Kind} Kind @typedef {import('./choices.mjs').Choices} Choices */

/** Makes arguments, keeps those it has made, and knows what their memory has to hold. */
export class Values {
  /** @type {Map<ArrayBuffer, Uint8Array>} */
  #memory = new Map();
  /** @type {unknown[]} */
  #made = [];
  #choices;

  /** @param {Choices} choices */
  constructor(choices) {
    this.#choices = choices;
  }

  /**
   * An argument of this kind, mostly a right one. `isGenuine` says that an operation on it can't but succeed.
   *
   * @param {Kind} kind
   * @param {number} row the algorithm's
   * @returns {{ value: unknown, isGenuine: boolean }}
   */
  argument(kind, row) {
    const right = GENUINE[row % ALGORITHMS.length]?.[kind] ?? new Uint8Array(40);
    const way = this.#choices.below(WAYS.length * 2); // half of them are plain
    const { value, isGenuine } = WAYS[way]?.(right, this.#choices, this.#made) ?? {
      value: copy(right),
      isGenuine: true,
    };
    this.#made.push(value);
    if (types.isUint8Array(value) && value.buffer instanceof ArrayBuffer && !this.#memory.has(value.buffer)) {
      this.#memory.set(value.buffer, copy(bytesOf(value.buffer)));
    }
    return { value, isGenuine };
  }

  /**
   * Whether all memory is as it was, but for the views that may have been written.
   *
   * @param {unknown[]} written
   */
  areUntouched(written) {
    for (const [buffer, before] of this.#memory) {
      for (const view of written) {
        if (types.isUint8Array(view) && view.buffer === buffer && view.byteLength > 0)
          before.set(view, view.byteOffset);
      }
      if (Buffer.compare(bytesOf(buffer), before.subarray(0, buffer.byteLength)) !== 0) return false;
    }
    return true;
  }

  /**
   * Takes the memory of a value away, or changes what is in it.
   *
   * @param {unknown} value
   * @returns {'gone' | 'smaller' | 'written' | 'untouched'}
   */
  spoil(value) {
    if (!types.isUint8Array(value) || !(value.buffer instanceof ArrayBuffer)) return 'untouched';
    const { buffer } = value;
    if (value.byteLength === 0) return 'untouched'; // gone, or outside of its buffer
    if (this.#choices.happens(128)) {
      value.fill(this.#choices.byte());
      this.#memory.set(buffer, copy(bytesOf(buffer)));
      return 'written';
    }
    if (/** @type {any} */ (buffer).resizable === true) {
      const length = value.byteLength;
      /** @type {any} */ (buffer).resize(this.#choices.below(buffer.byteLength + 1));
      return value.byteLength === length ? 'untouched' : 'smaller';
    }
    structuredClone(buffer, { transfer: [buffer] });
    detached.add(buffer);
    return 'gone';
  }
}

/** @typedef {{ value: unknown, isGenuine: boolean }} Made */

/** @type {((right: Uint8Array, choices: Choices, made: unknown[]) => Made)[]} */
const WAYS = [
  (right, choices) => {
    const offset = choices.below(70);
    const around = new Uint8Array(offset + right.length + choices.below(70)).fill(0xcc);
    around.set(right, offset);
    return { value: around.subarray(offset, offset + right.length), isGenuine: true };
  },
  (right, choices) => {
    const buffer = resizable(Math.max(1, right.length));
    const value =
      choices.happens(128) && right.length > 0 ? new Uint8Array(buffer) : new Uint8Array(buffer, 0, right.length);
    value.set(right);
    return { value, isGenuine: true };
  },
  (right) => ({ value: Buffer.from(copy(right).buffer), isGenuine: true }),
  (right, choices, made) => {
    const fitting = made.filter((value) => types.isUint8Array(value) && value.byteLength === right.length);
    return { value: fitting.length === 0 ? copy(right) : choices.of(fitting), isGenuine: false };
  },
  (right, choices) => {
    const { length } = right;
    const other = choices.of([0, 1, length - 1, length + 1, 2 * length, 31, 255, 256, 65_536, choices.below(6000)]);
    const value = new Uint8Array(Math.max(0, other));
    value.set(right.subarray(0, value.length));
    return { value, isGenuine: false };
  },
  (right, choices) => ({ value: choices.of(typesFor(right.length)), isGenuine: false }),
  (right, choices) => ({ value: choices.of(goneFor(right.length)), isGenuine: false }),
  (right, choices) => ({ value: choices.of(shrunk(Math.max(2, right.length))), isGenuine: false }),
  (right, choices) => {
    const value = copy(right);
    for (let i = 0; i < 4; i += 1) value[choices.below(value.length + 1)] = choices.byte();
    return { value, isGenuine: false };
  },
];

const NOTHING = new Uint8Array(0);

/** By the algorithm: a key pair, a ciphertext for it, a signature of it over the message, an empty context; a handshake. */
const GENUINE = genuineValues();

/**
 * What is in a buffer; nothing if it is detached.
 *
 * @param {ArrayBuffer} buffer
 */
function bytesOf(buffer) {
  return buffer.byteLength === 0 ? NOTHING : new Uint8Array(buffer);
}

// Nothing can be done with these, so that one of each is enough.
const typesFor = onceFor(otherTypes);
const goneFor = onceFor((length) => {
  const values = goneOrShared(length);
  for (const { buffer } of values) if (buffer.byteLength === 0) detached.add(buffer);
  return values;
});

/**
 * @template T
 * @param {(length: number) => T} make
 * @returns {(length: number) => T}
 */
function onceFor(make) {
  /** @type {Map<number, T>} */
  const known = new Map();
  return (length) => {
    const value = known.get(length) ?? make(length);
    known.set(length, value);
    return value;
  };
}

/** @param {Uint8Array} bytes */
function copy(bytes) {
  return new Uint8Array(bytes);
}

function genuineValues() {
  const all = calls();
  return ALGORITHMS.map(({ family }, row) => {
    const argsOf = (/** @type {string} */ name) =>
      all.find(({ operation, algorithm }) => operation === name && algorithm === row)?.args ?? [];
    const [, sk, ct] = argsOf('kemDecapsulate');
    const [, sigSk] = argsOf('sigSign');
    const [sigPk, any, sig, context] = argsOf('sigVerify');
    /** @type {Partial<Record<Kind, Uint8Array | undefined>>} */
    const kem = { pk: argsOf('kemCheckPublicKey')[0], sk, ct, ss: new Uint8Array(32) };
    const [serverFrames, secrets, ownSk, peerPk, toAnswer] = argsOf('handshakeAnswer');
    const [clientFrames, , , start] = argsOf('handshakeOffer');
    const [, , kemSk, toAccept] = argsOf('handshakeAccept');
    const [room] = argsOf('handshakeAnswerJointly');
    const keys = { sk: ownSk, pk: peerPk, kemSk };
    if (family === 'suite') return { ...keys, clientFrames, serverFrames, room, secrets, start, toAnswer, toAccept };
    return family === 'kem' ? kem : { pk: sigPk, sk: sigSk, seed: new Uint8Array(32), sig, claim: sig, any, context };
  });
}
