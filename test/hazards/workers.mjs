// @ts-check
/**
 * Several workers at once. `finish`: each does its work to the end. `terminate`: in each of 20 rounds all are
 * terminated while they work; afterwards the main thread works as ever.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startEachOperation } from './work.mjs';

const FILE = fileURLToPath(import.meta.url);
const WORKERS = 3;
const ROUNDS = 20;

if (isMainThread) await (process.argv[2] === 'finish' ? finish() : terminate());
else await work(workerData);

async function finish() {
  const workers = Array.from({ length: WORKERS }, () => new Worker(FILE, { workerData: 10 }));
  await Promise.all([...startEachOperation(), ...workers.map((worker) => once(worker, 'exit'))]);
  process.stdout.write('finished');
}

async function terminate() {
  for (let round = 0; round < ROUNDS; round += 1) {
    const workers = Array.from({ length: WORKERS }, () => new Worker(FILE, { workerData: 1_000_000 }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  await Promise.all(startEachOperation());
  process.stdout.write('finished');
}

/** @param {number} rounds */
async function work(rounds) {
  for (let round = 0; round < rounds; round += 1) {
    const operations = [...startEachOperation(), ...startEachOperation()];
    if (round === 1) parentPort?.postMessage('working');
    await Promise.all(operations);
  }
}
