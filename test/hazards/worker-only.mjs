// @ts-check
/**
 * Only workers load the addon, one after the other, and each ends while the pool is in the middle of its operations:
 * Node then unloads what nobody uses any more. The last worker waits for its own. The argument says how they end.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

if (isMainThread) {
  for (const last of [false, false, true]) await runWorker({ end: process.argv[2], last });
  process.stdout.write('finished');
} else {
  const { startEachOperation, startLongOperations } = await import('./work.mjs');
  if (workerData.last) await Promise.all(startEachOperation());
  else endAmid(startLongOperations());
}

/** @param {{ end: string | undefined, last: boolean }} task */
async function runWorker(task) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: task });
  worker.on('message', () => worker.terminate());
  const [code] = await once(worker, 'exit');
  if (task.last && code !== 0) throw new Error(`the last worker ended with ${code}`);
}

/** @param {Promise<void>[]} operations */
function endAmid(operations) {
  if (workerData.end === 'exit') process.exit(operations.length);
  if (workerData.end === 'throw') throw new Error('the worker ends');
  parentPort?.postMessage('terminate me');
}
