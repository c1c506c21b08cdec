// @ts-check
/** What a process holds: memory, handles, and timers, also those that don't keep it alive. */
import { createHook } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';

/**
 * @typedef {object} Reading
 * @property {number} rss bytes
 * @property {number} heap bytes of V8's heap and what hangs on it outside, garbage collected
 * @property {number} handles what Node counts as active, and timers
 * @property {Record<string, number>} held the same by kind
 */

/** In milliseconds. */
const SAMPLE_EVERY = 50;

/** A timer that was unref'd is in none of Node's lists; its making and its end are told to hooks. */
const timers = new Set();
createHook({
  init: (id, type) => void (type === 'Timeout' && timers.add(id)),
  destroy: (id) => void timers.delete(id),
}).enable();

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, SAMPLE_EVERY).unref();

/** The most bytes of RSS since this was asked last. */
export function peakRss() {
  const most = Math.max(peak, process.memoryUsage.rss());
  peak = 0;
  return most;
}

/** @returns {Promise<Reading>} */
export async function read() {
  for (let i = 0; i < 4; i += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  /** @type {Record<string, number>} */
  const held = { Timeout: timers.size };
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== 'Timeout' && kind !== 'Immediate') held[kind] = (held[kind] ?? 0) + 1;
  }
  const handles = Object.values(held).reduce((sum, count) => sum + count, 0);
  return { rss, heap: heapUsed + external, handles, held };
}
