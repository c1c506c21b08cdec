// @ts-check
/** Fuzz target: environments that end while their requests are under way, in every way in which a worker can end. */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Choices } from './choices.mjs';
import { Program, Thrown } from './program.mjs';

const MOST_PROGRAMS = 3;

/**
 * Starts a worker which runs the input as programs, and ends it.
 *
 * @param {Uint8Array} bytes
 * @param {(text: string) => void} fail
 */
export async function runTeardown(bytes, fail) {
  const way = WAYS[(bytes[0] ?? 0) % WAYS.length];
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: bytes });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const isUnderWay = new Promise((resolve) => worker.once('message', resolve));
  /** @type {unknown} */
  let thrown;
  worker.on('error', (error) => {
    thrown = error;
  });
  if (way === 'terminated') {
    await Promise.race([isUnderWay, exited]);
    await worker.terminate();
  }
  await exited;
  // The class of an error is lost on its way between threads.
  if (thrown !== undefined && /** @type {Error} */ (thrown).message !== Thrown.TEXT)
    fail(`a worker has thrown ${thrown}`);
}

/** How a worker ends: with its event loop, of itself, by what it throws, or by the main thread's doing. */
const WAYS = /** @type {const} */ (['to its end', 'exit', 'throw', 'terminated', 'terminated']);

/** @param {Uint8Array} bytes */
async function work(bytes) {
  const choices = new Choices(bytes);
  const way = WAYS[choices.byte() % WAYS.length];
  const at = choices.below(MOST_PROGRAMS);
  const length = Math.ceil(bytes.length / MOST_PROGRAMS);
  for (let i = 0; i < MOST_PROGRAMS; i += 1) {
    const program = new Program(bytes.subarray(1 + i * length, 1 + (i + 1) * length), failWorker);
    const ended = program.run();
    if (i === at) endNow(way);
    await ended;
  }
}

/** @param {(typeof WAYS)[number] | undefined} way */
function endNow(way) {
  if (way === 'exit') process.exit();
  if (way === 'throw') throw new Thrown();
  if (way === 'terminated') parentPort?.postMessage('under way');
}

/** @param {string} text */
function failWorker(text) {
  throw new Error(text);
}

if (!isMainThread) await work(workerData);
