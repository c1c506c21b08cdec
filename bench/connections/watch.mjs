// @ts-check
/** How late a process comes to its work: its event loop, and libuv's pool of threads. */
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { quantile } from '../statistics.mjs';

/**
 * All in milliseconds.
 *
 * @typedef {object} Lateness
 * @property {number} delayP50 of the event loop: how much later than after 1 ms it comes to a timer of 1 ms
 * @property {number} delayP99
 * @property {number} delayMax
 * @property {number} fileP50 to read a small file: four tasks for libuv's pool, one after the other
 * @property {number} fileP99
 * @property {number} nameP50 to look up `localhost`: one task, which is slower
 * @property {number} nameP99
 */

/** Milliseconds between two runs of the timer, at the least: Node's finest. */
const RESOLUTION = 1;

/** Milliseconds between two files: a probe, not a load. */
const PAUSE = 3;

/**
 * @param {{ seconds: number }} order
 * @returns {Promise<Lateness>}
 */
export async function watch({ seconds }) {
  const end = performance.now() + seconds * 1000;
  /** @type {Record<'file' | 'name', number[]>} */
  const took = { file: [], name: [] };
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  histogram.enable();
  do {
    took.file.push(await timed(() => readFile(new URL(import.meta.url))));
    took.name.push(await timed(() => lookup('localhost')));
    await setTimeout(PAUSE);
  } while (performance.now() < end);
  histogram.disable();
  const delay = (/** @type {number} */ nanoseconds) => Math.max(nanoseconds / 1e6 - RESOLUTION, 0);
  const [file, name] = [took.file.toSorted((a, b) => a - b), took.name.toSorted((a, b) => a - b)];
  return {
    delayP50: delay(histogram.percentile(50)),
    delayP99: delay(histogram.percentile(99)),
    delayMax: delay(histogram.max),
    fileP50: quantile(file, 0.5),
    fileP99: quantile(file, 0.99),
    nameP50: quantile(name, 0.5),
    nameP99: quantile(name, 0.99),
  };
}

/** @param {() => Promise<unknown>} task */
async function timed(task) {
  const start = performance.now();
  await task();
  return performance.now() - start;
}
