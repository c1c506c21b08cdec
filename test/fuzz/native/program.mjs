// @ts-check
/** An input of the fuzzer as a program: calls and requests to the addon, and what JavaScript may do meanwhile. */
import { isMainThread } from 'node:worker_threads';
import { addon } from '../../../dist/native/load.js';
import { STATUS, unpackStatus } from '../../../dist/native/status.js';
import { otherTypes } from '../../sanitizers/wrong-values.mjs';
import { Chain } from './chain.mjs';
import { Choices } from './choices.mjs';
import { MOST_CALLS, MOST_ELEMENTS, OPERATIONS, refusal, refusalOfRequest } from './model.mjs';
import { Values } from './values.mjs';

/** @typedef {import('./model.mjs').ModelCall & { isGenuine: boolean }} Call */

const MOST_STEPS = 12;
/** What an operation that was begun may answer, if its values are not all genuine. */
const ANSWERS = new Set([STATUS.ok, STATUS.notVerified, STATUS.badPublicKey, STATUS.badSecretKey]);

/** An error that the program throws on purpose: it must come out again as it is. */
export class Thrown extends Error {
  static TEXT = 'thrown on purpose';

  constructor() {
    super(Thrown.TEXT);
  }
}

/** One run of a program. */
export class Program {
  #choices;
  #values;
  #fail;
  /** Requests that were taken, and whose `done` has not been called. @type {Set<Promise<void>>} */
  #pending = new Set();
  /** How often something may have been changed while a request was read. */
  #disturbances = 0;
  /** How often memory was taken away. That of one request may be another's as well. */
  #lost = 0;
  /** Errors thrown by `done` which `uncaughtException` has still to bring. */
  uncaught = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {(text: string) => void} fail
   */
  constructor(bytes, fail) {
    this.#choices = new Choices(bytes);
    this.#values = new Values(this.#choices);
    this.#fail = fail;
  }

  /** Does all steps, and waits for every request. */
  async run() {
    const steps = [this.#inline, this.#submit, this.#submitWithGetters, this.#chain, this.#others];
    for (let i = 0; i < MOST_STEPS && this.#choices.areLeft; i += 1) {
      const step = this.#choices.below(steps.length * 2);
      if (step < steps.length) steps[step]?.call(this);
      else await (steps[step - steps.length] ?? this.#inline).call(this);
      if (this.#choices.happens(40)) await Promise.all(this.#pending);
    }
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    this.#expectUntouched([], 'something was written between the calls');
  }

  #inline() {
    const call = this.#call();
    const name = OPERATIONS[/** @type {number} */ (call.operation)]?.name;
    if (name === undefined || typeof call.operation !== 'number') return;
    const before = counts();
    const status = unpackStatus(
      addon[name](/** @type {number} */ (call.algorithm), .../** @type {any[]} */ (call.args)),
    );
    const expected = refusal(call);
    this.#expectStatus(status, expected && { ...expected, call: 0 }, call.isGenuine);
    const isCounted =
      expected === undefined && ![STATUS.badPublicKey, STATUS.badSecretKey].includes(/** @type {any} */ (status.code));
    const counter = OPERATIONS[/** @type {number} */ (call.operation)]?.counter;
    if (
      isMainThread && // a worker's counts are those of its forerunners as well
      this.#pending.size === 0 &&
      !Number.isNaN(counter) &&
      (counts()[counter ?? 0] ?? 0) - (before[counter ?? 0] ?? 0) !== Number(isCounted)
    ) {
      this.#fail(`${name} was not counted as it must be`);
    }
    this.#expectUntouched(expected === undefined ? outputsOf(call) : [], `${name} wrote where it must not`);
  }

  #submit() {
    const requested = this.#calls();
    const request = [
      undefined,
      ...requested.flatMap(({ operation, algorithm, args }) => [operation, algorithm, ...args]),
    ];
    if (this.#choices.happens(20)) request.length = this.#choices.below(MOST_ELEMENTS + 5);
    if (this.#choices.happens(10)) request.push(...request);
    this.#send(request, requested, () => refusalOfRequest(request, request.length));
  }

  /** Elements that do something when they are read: the request is judged by how things are after the last. */
  #submitWithGetters() {
    const requested = this.#calls();
    const request = [
      undefined,
      ...requested.flatMap(({ operation, algorithm, args }) => [operation, algorithm, ...args]),
    ];
    const seen = [...request];
    const length = request.length;
    const state = { isTaken: false, isSpoilt: false };
    /** @type {Thrown | undefined} */
    let thrown;
    for (let getters = 1 + this.#choices.below(3); getters > 0; getters -= 1) {
      const at = 1 + this.#choices.below(length - 1);
      const value = seen[at];
      const action = this.#choices.below(6);
      const get = () => {
        if (state.isTaken) return this.#readLater(value, action, state);
        this.#disturbances += 1;
        if (action === 0) this.#spoil(this.#choices.of(seen));
        if (action === 1) {
          thrown = new Thrown();
          throw thrown;
        }
        if (action === 2 && this.#choices.areLeft) this.#inline();
        if (action === 3 && this.#choices.areLeft) this.#submit();
        if (action === 4) globalThis.gc?.();
        if (action === 5) {
          state.isSpoilt = true;
          request.length = Math.min(request.length, 1 + this.#choices.below(length));
          seen.fill(undefined, Math.max(at + 1, request.length), length);
        }
        return value;
      };
      Object.defineProperty(request, at, { get, configurable: true });
    }
    try {
      this.#send(request, requested, () => refusalOfRequest(seen, length), state);
    } catch (error) {
      if (error !== thrown) throw error;
    }
  }

  /**
   * What a getter does when the addon looks for the outputs again.
   *
   * @param {unknown} value
   * @param {number} action
   * @param {{ isSpoilt: boolean }} state
   */
  #readLater(value, action, state) {
    if (action === 1) {
      state.isSpoilt = true;
      this.uncaught += 1;
      throw new Thrown();
    }
    if (action === 4) globalThis.gc?.();
    return value;
  }

  #chain() {
    this.#wait((resolve) => {
      const chain = new Chain(this.#choices);
      const done = (/** @type {number} */ status) => {
        if (status !== STATUS.ok || !chain.isRight()) this.#fail(`a chain of calls gave ${status}, or other secrets`);
        resolve();
      };
      const status = addon.submit(/** @type {any} */ ([done, ...chain.elements]));
      if (status !== STATUS.ok) this.#fail(`a chain of calls was refused with ${status}`);
    });
  }

  /** What is no operation. */
  #others() {
    const choices = this.#choices;
    const value = choices.of([
      ...otherTypes(5),
      ...ODD_NUMBERS,
      new Float64Array(choices.below(9)),
      new Float64Array(0),
    ]);
    /** @type {any} */
    const functions = addon;
    const actions = [
      () => functions.operationCounts(value),
      () => functions.submit(value),
      () => functions.submit(),
      () => functions.configurePool(choices.of([1, 2, 3, 4, ...ODD_NUMBERS]), choices.of([16_384, 2 ** 32 - 1])),
      () => functions.configurePool(choices.of(otherTypes(2)), 16_384),
      () => globalThis.gc?.(),
    ];
    try {
      choices.of(actions)();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    }
    addon.configurePool(4, 16_384);
  }

  /**
   * Submits a request, expects what the model says, and spoils it while it is under way.
   *
   * @param {unknown[]} request
   * @param {Call[]} requested
   * @param {() => { code: number, argument: number, call: number } | undefined} expectation
   * @param {{ isTaken: boolean, isSpoilt: boolean }} state
   */
  #send(request, requested, expectation, state = { isTaken: false, isSpoilt: false }) {
    this.#wait((resolve) => {
      const throws = this.#choices.happens(12);
      let isGenuine = requested.every((call) => call.isGenuine);
      const disturbances = this.#disturbances;
      const lost = this.#lost;
      const done = (/** @type {number} */ packed) => {
        const status = unpackStatus(packed);
        const outputs = requested.flatMap((call) => outputsOf(call));
        const isAnswer = ANSWERS.has(/** @type {any} */ (status.code));
        const isSpoilt = state.isSpoilt || this.#lost !== lost;
        if (!isAnswer && !(isSpoilt && status.code === STATUS.detached)) this.#fail(`a request gave ${packed}`);
        if (isGenuine && !isSpoilt && status.code !== STATUS.ok) this.#fail(`a genuine request gave ${packed}`);
        const written = status.code === STATUS.ok || status.code === STATUS.detached;
        this.#expectUntouched(written ? outputs : [], 'a request wrote where it must not');
        resolve();
        if (this.#choices.areLeft && this.#choices.happens(30)) this.#submit();
        if (throws) {
          this.uncaught += 1;
          throw new Thrown();
        }
      };
      request[0] = done;
      const status = unpackStatus(addon.submit(/** @type {any} */ (request)));
      const expected = expectation();
      if (this.#disturbances !== disturbances) isGenuine = false;
      if (expected !== undefined || status.code !== STATUS.ok) {
        this.#expectStatus(status, expected, true);
        return resolve();
      }
      state.isTaken = true;
      while (this.#choices.happens(60)) {
        const call = this.#choices.of(requested);
        const at = this.#choices.below(call.args.length + 1);
        this.#spoil(call.args[at]);
      }
      if (this.#choices.happens(20)) {
        state.isSpoilt = true;
        const at = 1 + this.#choices.below(request.length);
        Object.defineProperty(request, at, {
          value: this.#choices.of(otherTypes(4)),
          configurable: true,
          writable: true,
        });
      }
    });
  }

  /** @param {unknown} value */
  #spoil(value) {
    if (['gone', 'smaller'].includes(this.#values.spoil(value))) this.#lost += 1;
  }

  /** @param {(resolve: () => void) => void} start */
  #wait(start) {
    let isDone = false;
    /** @type {() => void} */
    let resolve = () => undefined;
    const ended = new Promise((/** @type {(value?: undefined) => void} */ settle) => {
      resolve = () => {
        if (isDone) this.#fail('done was called twice, or after a refusal');
        isDone = true;
        settle();
      };
    });
    start(resolve);
    if (isDone) return;
    const waiting = ended.then(() => void this.#pending.delete(waiting));
    this.#pending.add(waiting);
  }

  #calls() {
    return Array.from({ length: 1 + this.#choices.below(MOST_CALLS) }, () => this.#call());
  }

  /** @returns {Call} */
  #call() {
    const choices = this.#choices;
    const operation = choices.below(OPERATIONS.length);
    const { family, kinds } = /** @type {(typeof OPERATIONS)[number]} */ (OPERATIONS[operation]);
    const row = FIRST_ROWS[family] + choices.below(2);
    const made = kinds.map((kind) => this.#values.argument(kind, row));
    const args = made.map(({ value }) => value);
    const isOdd = choices.happens(12);
    const algorithm = isOdd ? choices.of(NO_ALGORITHMS) : row;
    if (choices.happens(8)) args.length = choices.below(args.length);
    return {
      operation: choices.happens(4) ? choices.of(NO_ALGORITHMS) : operation,
      algorithm,
      args,
      isGenuine: made.every((argument) => argument.isGenuine) && !isOdd,
    };
  }

  /**
   * @param {import('../../../dist/native/status.js').Status} status
   * @param {{ code: number, argument: number, call: number } | undefined} expected
   * @param {boolean} isGenuine
   */
  #expectStatus(status, expected, isGenuine) {
    const said = JSON.stringify(status);
    if (expected !== undefined) {
      const { code, argument, call } = expected;
      if (status.code !== code || status.argument !== argument || status.call !== call) {
        this.#fail(`the addon says ${said}, the model ${JSON.stringify(expected)}`);
      }
    } else if (isGenuine ? status.code !== STATUS.ok : !ANSWERS.has(/** @type {any} */ (status.code))) {
      this.#fail(`the addon says ${said} of a call that the model takes`);
    }
  }

  /**
   * @param {unknown[]} written
   * @param {string} text
   */
  #expectUntouched(written, text) {
    if (!this.#values.areUntouched(written)) this.#fail(text);
  }
}

const FIRST_ROWS = { kem: 0, sig: 2, suite: 4 };
/** @type {unknown[]} */
const NO_ALGORITHMS = [
  ...[6, 17, 255, 256, 2 ** 32, -1, 0.5, Number.NaN, -0],
  ...['0', null, undefined, 0n, {}, [], true, Symbol('0')],
];
const ODD_NUMBERS = [0, -0, 0.5, 2 ** 32 + 1, Number.NaN, '2', null];

/** @param {Call} call */
function outputsOf({ operation, args }) {
  return args.slice(0, OPERATIONS[/** @type {number} */ (operation)]?.outputs ?? 0);
}

function counts() {
  const into = new Float64Array(5);
  addon.operationCounts(into);
  return into;
}
