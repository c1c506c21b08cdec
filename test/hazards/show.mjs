// @ts-check
/** Shows a value in every way in which a program might, without mercy: hidden properties, getters, whole buffers. */
import buffer from 'node:buffer';
import { format, inspect } from 'node:util';

buffer.INSPECT_MAX_BYTES = Number.POSITIVE_INFINITY;

const ALL = {
  showHidden: true,
  depth: Number.POSITIVE_INFINITY,
  maxArrayLength: Number.POSITIVE_INFINITY,
  maxStringLength: Number.POSITIVE_INFINITY,
  getters: true,
};

/**
 * @param {string} what
 * @param {unknown} value
 */
export function show(what, value) {
  process.stdout.write(`--- ${what}\n`);
  console.log(value);
  console.dir(value, ALL); // without custom inspection
  for (const text of [inspect(value, ALL), format('%s %o %O', value, value, value), json(value)]) {
    process.stdout.write(`${text}\n`);
  }
}

/**
 * In the way that shows the most, for what comes often.
 *
 * @param {string} what
 * @param {unknown} value
 */
export function showOnce(what, value) {
  process.stdout.write(`--- ${what}\n${inspect(value, { ...ALL, customInspect: false })}\n`);
}

/**
 * An error with its stack and everything that it came from.
 *
 * @param {string} what
 * @param {any} error
 */
export function showError(what, error) {
  show(what, error);
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    process.stdout.write(`${cause.message}\n${cause.stack}\n${String(cause)}\n`);
  }
}

/**
 * What an error is known by.
 *
 * @param {any} error
 * @returns {string}
 */
export function outcomeOf(error) {
  return error.alert === undefined ? (error.code ?? error.message) : `alert ${error.alert}`;
}

/** @param {unknown} value */
function json(value) {
  try {
    return JSON.stringify(value, undefined, 1);
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}
