/** Opens a connection, and tries again while the far end is away: later and later, up to a limit. */
import { setTimeout as delayed } from 'node:timers/promises';
import { isTransient } from './transient.js';

export interface DialOptions {
  /** Milliseconds after which nothing more is tried, and what is under way is given up. */
  readonly limit: number;
  /** Ends it at any time; the error is the signal's reason. */
  readonly signal: AbortSignal;
  /** Told of each failure after which it is tried again, in so many milliseconds. */
  readonly onRetry?: (error: Error, delay: number) => void;
  /** From 0 to below 1; spreads those that wait for the same far end. */
  readonly random?: () => number;
  /** Waits so many milliseconds; rejects when the signal is aborted. */
  readonly pause?: (delay: number, signal: AbortSignal) => Promise<void>;
}

/** Milliseconds before the second attempt; twice as many before each that follows, up to the longest. */
const FIRST_DELAY = 50;
const LONGEST_DELAY = 2_000;

/**
 * @param attempt opens a connection, and gives up, leaving nothing behind, when its signal is aborted
 * @throws the last failure
 */
export async function dial<T>(attempt: (signal: AbortSignal) => Promise<T>, options: DialOptions): Promise<T> {
  const { limit, signal, onRetry, random = Math.random, pause = sleep } = options;
  const ending = new AbortController();
  const cancel = (): void => ending.abort(signal.reason);
  const expire = (): void => ending.abort(timedOut(limit));
  const timer = setTimeout(expire, limit);
  signal.addEventListener('abort', cancel);
  let last: Error | undefined;
  try {
    signal.throwIfAborted();
    for (let longest = FIRST_DELAY; ; longest = Math.min(2 * longest, LONGEST_DELAY)) {
      try {
        return await attempt(ending.signal);
      } catch (error) {
        if (ending.signal.aborted || !isTransient(error)) throw error;
        last = error as Error;
      }
      const delay = Math.ceil(longest * (0.5 + random() / 2));
      onRetry?.(last, delay);
      await pause(delay, ending.signal);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw ending.signal.aborted ? (last ?? ending.signal.reason) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

async function sleep(delay: number, signal: AbortSignal): Promise<void> {
  await delayed(delay, undefined, { signal });
}

function timedOut(limit: number): Error {
  return Object.assign(new Error(`the far end did not answer within ${limit} ms`), { code: 'ETIMEDOUT' });
}
