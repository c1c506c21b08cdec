// @ts-check
/**
 * Abandons handshakes that are put off, behind requests that take long: in a worker that is terminated (`terminate`),
 * or ends by itself (`leave`), while others of the main thread wait for the same signature; or by process.exit
 * (`exit`). Prints what came of the others as JSON.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { HandshakeRequests } from './handshake-requests.mjs';

const COUNT = 10;

/** Where the body of ServerAuth begins; and where the depth of a batch stands in it. PROTOCOL.md, "Batches". */
const AUTH = 4 + 1568 + 4;
const DEPTH = AUTH + 1 + 32 + 4 + 32;

const [, , addonFile = workerData.addonFile, ending = workerData.ending] = isMainThread ? process.argv : [];
const addon = createRequire(import.meta.url)(addonFile);
const requests = new HandshakeRequests(addon);

if (!isMainThread) await abandon(workerData.secretKey);
else if (ending === 'exit') await abandon(requests.sigKeypair().secretKey);
else await outlive();

/** Ends while the pool is at the first of the last long ones: what was to be signed is put off behind them. */
async function abandon(/** @type {Uint8Array} */ secretKey) {
  if (isMainThread) addon.configurePool(1, 10_000);
  const transcripts = Array.from({ length: COUNT }, () => requests.transcript());
  let answered = 0;
  for (let i = 0; i < 4; i += 1) requests.occupyLong(); // until all that follows is there
  for (const transcript of transcripts) {
    requests.answer(secretKey, transcript).then(() => {
      answered += 1;
    });
  }
  const begun = requests.occupy();
  for (let i = 0; i < 2; i += 1) requests.occupyLong();
  await begun;
  await nextTurn();
  parentPort?.postMessage(answered);
  if (ending === 'exit') process.stdout.write(JSON.stringify({ answered }), () => process.exit(7));
  if (ending === 'leave') process.exit();
}

async function outlive() {
  addon.configurePool(1, 10_000);
  const { secretKey } = requests.sigKeypair();
  const transcripts = Array.from({ length: COUNT }, () => requests.transcript());
  const before = requests.signaturesMade() + COUNT; // the clients' in the worker
  addon.watchFreedMemory(secretKey.subarray(32, 64)); // K, FIPS 204 §7.2
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { addonFile, ending, secretKey } });
  const ended = once(worker, 'exit');
  const [answered] = await once(worker, 'message');
  const others = transcripts.map((transcript) => requests.answer(secretKey, transcript));
  if (ending === 'terminate') await worker.terminate();
  await ended;
  const done = await Promise.all(others);
  await requests.occupy(); // after it nothing is left of the worker's
  const { blocks, found } = addon.freedMemory();
  process.stdout.write(
    JSON.stringify({
      answered,
      statuses: done.map(({ status }) => status),
      depths: [...new Set(done.map(({ frames }) => (frames[AUTH] === 1 ? frames[DEPTH] : 'alone')))],
      signatures: requests.signaturesMade() - before,
      freed: { some: blocks > 0, found },
    }),
  );
}
