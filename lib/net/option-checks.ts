/** What the values of options must be. Each check gives the value, or throws PQ_ERR_INVALID_OPTION. */
import type { Duplex } from 'node:stream';
import { pqError } from '../errors.js';

/** The longest time that Node's timers take, in milliseconds. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The error of a wrong option. */
export function invalid(message: string): Error {
  return pqError('PQ_ERR_INVALID_OPTION', message);
}

export function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`${name} must be a whole number from ${least} to ${most}`);
}

/** Milliseconds. */
export function timeSpan(name: string, value: number, least = 1): number {
  if (Number.isInteger(value) && value >= least && value <= LONGEST_TIMEOUT) return value;
  throw invalid(`${name} must be a whole number of milliseconds from ${least} to ${LONGEST_TIMEOUT}`);
}

export function trueOrFalse(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(`${name} must be true or false`);
}

/** Whether something can carry a connection. */
export function isDuplex(value: unknown): value is Duplex {
  const methods = ['on', 'once', 'write', 'cork', 'uncork', 'end', 'isPaused', 'pause', 'resume', 'destroy'];
  const stream = value as Record<string, unknown> | null | undefined;
  return typeof stream === 'object' && stream !== null && methods.every((name) => typeof stream[name] === 'function');
}
