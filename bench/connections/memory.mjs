// @ts-check
/** What a process holds in memory once it has collected its garbage; it needs `--expose-gc`. */
import { setImmediate } from 'node:timers/promises';

/** @typedef {{ rss: number, heap: number }} Stock bytes; `heap`: V8's heap and what hangs on it outside */

// What one collection finds may only be given back in the next, and by callbacks after it.
const COLLECTIONS = 4;

/** @returns {Promise<Stock>} */
export async function takeStock() {
  for (let i = 0; i < COLLECTIONS; ++i) {
    await setImmediate();
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
