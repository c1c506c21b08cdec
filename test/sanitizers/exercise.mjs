// @ts-check
/**
 * Uses the addon, built with sanitizers, in every right and every wrong way; run.mjs starts it. Prints one line for
 * each group. What is not as it must be is thrown; what the sanitizers find ends the process.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { OPERATION_NUMBERS } from '../../dist/native/addon.js';
import { addon } from '../../dist/native/load.js';
import { Kem, Sig } from '../../dist/oqs.js';
import { calls, expectBothForms, inline, submitted, withArgument } from './calls.mjs';
import { useRecords } from './records.mjs';
import { goneOrShared, otherLengths, otherTypes, resizable, shrunk } from './wrong-values.mjs';

/** @typedef {import('./calls.mjs').Call} Call */

const ROUNDS = 150; // of each operation and algorithm, in both forms, and as many through the package
const FREE_LENGTHS = [0, 1, 2, 31, 111, 127, 128, 135, 136, 137, 255, 256, 4594, 4595, 4596, 4626, 4628, 6239, 100_000];
const LEAST_TRANSCRIPTS = [6240, 6272]; // by the suite: as long as the server's frames

/** @type {Record<string, () => unknown>} */
const GROUPS = {
  'right operations': () => repeat(ROUNDS, () => forEachCall((call) => expectBothForms(call, 'done'))),
  'the package': () => repeat(ROUNDS, usePackage),
  'messages, contexts and signatures of many lengths': () => forEachArgument(manyLengths),
  'arguments of other types': () => forEachArgument((call, at, length) => refuseAll(call, at, otherTypes(length))),
  'arguments of other lengths': () =>
    forEachArgument(async (call, at, length) => {
      if (!call.free.includes(at)) await refuseAll(call, at, otherLengths(length));
    }),
  'detached and shared memory': () => forEachArgument((call, at, length) => refuseAll(call, at, goneOrShared(length))),
  'resizable memory that was made smaller': () => forEachArgument(madeSmaller),
  'missing arguments': () =>
    forEachArgument((call, at) => expectBothForms({ ...call, args: call.args.slice(0, at) }, 'refused')),
  'numbers that are no algorithm': () => forEachCall(noAlgorithm),
  'memory given away by a getter of the request': () => forEachArgument(givenAwayByGetter),
  'memory given away while the request is under way': () => forEachCall(givenAwayUnderWay),
  'counts for arrays of other types': countIntoOthers,
  'bounds of the pool': boundsOfPool,
  'keys prepared and let go of, and peers kept and dropped, under way': () => repeat(ROUNDS / 5, preparedKeys),
  'records, whole, in pieces, changed and with wrong arguments': () => repeat(ROUNDS / 5, useRecords),
  'workers terminated amid their operations': () => repeat(5, terminateWorkers),
};

if (process.env['PQSOCK_REFERENCE_CODE'] === '1') {
  if (/** @type {any} */ (addon).hideCpuFeatures(true)) throw new Error('liboqs still sees AVX2');
}
if (isMainThread) await runGroups();
else await workForEver();

async function runGroups() {
  for (const [name, group] of Object.entries(GROUPS)) {
    const start = performance.now();
    await group();
    process.stdout.write(`ok: ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
  }
}

async function workForEver() {
  for (let round = 0; ; round += 1) {
    const operations = calls().map(submitted);
    if (round === 1) parentPort?.postMessage('working');
    await Promise.all(operations);
  }
}

async function usePackage() {
  for (const kem of Kem.algorithms.map((name) => new Kem(name))) {
    const { publicKey, secretKey } = await kem.keypair();
    const { ciphertext, sharedSecret } = await kem.encapsulate(publicKey);
    const secrets = [await kem.decapsulate(secretKey, ciphertext), kem.decapsulateSync(secretKey, ciphertext)];
    if (!secrets.every((secret) => secret.equals(sharedSecret))) throw new Error(`${kem.algorithm}: other secrets`);
  }
  for (const sig of Sig.algorithms.map((name) => new Sig(name))) {
    const { publicKey, secretKey } = await sig.keypair();
    const signature = await sig.sign(publicKey, secretKey);
    const right = [await sig.verify(publicKey, signature, publicKey), sig.verifySync(publicKey, signature, publicKey)];
    const wrong = await sig.verify(signature, signature, publicKey);
    if (!right.every((verified) => verified) || wrong) throw new Error(`${sig.algorithm}: the answers are wrong`);
  }
}

/**
 * @param {Call} call
 * @param {number} at
 */
async function manyLengths(call, at) {
  if (!call.free.includes(at)) return;
  const isContext = at === 3 && call.operation.startsWith('sig');
  const least = call.operation.startsWith('handshake') && call.operation !== 'handshakeOffer';
  for (const length of FREE_LENGTHS) {
    const isTooLong = isContext && length > (call.algorithm === 3 ? 255 : 0);
    const isTooShort = least && length < (LEAST_TRANSCRIPTS[call.algorithm - 4] ?? 0);
    const expected = isTooLong || isTooShort ? 'refused' : 'done';
    await expectBothForms(withArgument(call, at, new Uint8Array(length)), expected);
  }
}

/**
 * For the addon a view that is outside its buffer is empty: right for a message, and refused by the package.
 *
 * @param {Call} call
 * @param {number} at
 * @param {number} length
 */
async function madeSmaller(call, at, length) {
  for (const value of shrunk(length)) {
    await expectBothForms(withArgument(call, at, value), call.free.includes(at) ? 'done or refused' : 'refused');
  }
}

/** @param {Call} call */
async function noAlgorithm(call) {
  const own = [0, 2, 4].find((row) => row === call.algorithm || row + 1 === call.algorithm) ?? 0;
  const others = [0, 1, 2, 3, 4, 5].filter((row) => row !== own && row !== own + 1);
  for (const algorithm of [...others, 6, 255, 2 ** 31, 2 ** 32, -1, 0.5, Number.NaN, '0', null, undefined, {}]) {
    await expectBothForms({ ...call, algorithm: /** @type {number} */ (algorithm) }, 'refused');
  }
}

/**
 * The last element of the request is a getter that takes away the memory of an argument before it.
 *
 * @param {Call} call
 * @param {number} at
 * @param {number} length
 */
function givenAwayByGetter(call, at, length) {
  for (const giveAway of [shrink, transfer]) {
    const buffer = giveAway === shrink ? resizable(length) : new ArrayBuffer(length);
    /** @type {any[]} */
    const request = [() => undefined, OPERATION_NUMBERS[call.operation], call.algorithm, ...call.args];
    request[3 + at] = new Uint8Array(buffer);
    const last = request[request.length - 1];
    const get = () => {
      giveAway(buffer);
      // What was moved is freed by the first, on a thread that the second waits for.
      for (let i = 0; i < 2; i += 1) globalThis.gc?.();
      return last;
    };
    Object.defineProperty(request, request.length - 1, { get });
    addon.submit(/** @type {any} */ (request));
  }
}

/** @param {Call} call */
async function givenAwayUnderWay(call) {
  const buffers = call.args.map((bytes, at) => copyInto(at % 2 === 0 ? resizable : newBuffer, bytes));
  const status = submitted({ ...call, args: buffers.map((buffer) => new Uint8Array(buffer)) });
  for (const [at, buffer] of buffers.entries()) (at % 2 === 0 ? shrink : transfer)(buffer);
  globalThis.gc?.();
  const isDone = (await status) === 0;
  if (isDone !== (call.outputs === 0)) throw new Error(`${call.operation}: lost outputs, or lost inputs, were missed`);
}

function countIntoOthers() {
  const arrays = [
    new Uint8Array(5),
    new Float32Array(5),
    new Float64Array(4),
    new BigUint64Array(5),
    new Float64Array(0),
  ];
  for (const value of [...arrays, ...otherTypes(5), ...goneOrShared(5)]) {
    addon.operationCounts(/** @type {any} */ (value));
  }
}

async function boundsOfPool() {
  addon.configurePool(1, 1);
  const statuses = await Promise.all(Array.from({ length: 20 }, () => calls().map(submitted)).flat());
  if (!statuses.includes(0)) throw new Error('nothing was done');
  addon.configurePool(4, 16_384);
  await Promise.all(calls().map(submitted));
}

/** The same keys at once as those of peers, who come and go, and prepared, amid operations on all threads. */
async function preparedKeys() {
  const made = calls().filter(({ operation }) => operation.startsWith('sigVerify') || operation === 'sigSign');
  const underWay = [];
  for (let i = 0; i < 8; i += 1) {
    addon.configurePeers(i % 3, 4);
    for (const call of made) {
      const key = /** @type {Uint8Array} */ (call.args[call.outputs]);
      const prepared = addon.prepareKey(call.algorithm, key);
      if (typeof prepared === 'number') throw new Error(`prepareKey gave ${prepared}`);
      underWay.push(submitted(call), submitted(call));
      if (i % 2 === 0) inline(call);
      addon.releaseKey(prepared);
      if (i % 4 === 0) addon.releaseKey(prepared);
      for (const wrong of [...otherTypes(2592), ...goneOrShared(2592), ...otherLengths(2592)]) {
        const status = addon.prepareKey(call.algorithm, /** @type {any} */ (wrong));
        if (typeof status !== 'number') throw new Error('prepareKey took what is no key');
      }
    }
  }
  const statuses = new Set(await Promise.all(underWay));
  if ([...statuses].some((status) => status !== 0)) throw new Error(`statuses ${[...statuses]}`);
  for (const wrong of otherTypes(4)) {
    addon.releaseKey(/** @type {any} */ (wrong));
    addon.configurePeers(/** @type {any} */ (wrong), 1);
    addon.matrixCounts(/** @type {any} */ (wrong));
  }
  addon.configurePeers(0, 0);
}

async function terminateWorkers() {
  const workers = Array.from({ length: 3 }, () => new Worker(fileURLToPath(import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  await Promise.all(workers.map((worker) => worker.terminate()));
}

/** @param {(call: Call) => unknown} action */
async function forEachCall(action) {
  for (const call of calls()) await action(call);
}

/** @param {(call: Call, at: number, length: number) => unknown} action the length is 2 at least */
async function forEachArgument(action) {
  await forEachCall(async (call) => {
    for (const [at, bytes] of call.args.entries()) await action(call, at, Math.max(2, bytes.length));
  });
}

/**
 * @param {Call} call
 * @param {number} at
 * @param {unknown[]} values
 */
async function refuseAll(call, at, values) {
  for (const value of values) await expectBothForms(withArgument(call, at, value), 'refused');
}

/**
 * @param {number} times
 * @param {() => unknown} action
 */
async function repeat(times, action) {
  for (let i = 0; i < times; i += 1) await action();
}

/** @param {ArrayBuffer} buffer */
function transfer(buffer) {
  structuredClone(buffer, { transfer: [buffer] });
}

/** @param {ArrayBuffer} buffer */
function shrink(buffer) {
  /** @type {any} */ (buffer).resize(0);
}

/** @param {number} length */
function newBuffer(length) {
  return new ArrayBuffer(length);
}

/**
 * @param {(length: number) => ArrayBuffer} make
 * @param {Uint8Array} bytes
 */
function copyInto(make, bytes) {
  const buffer = make(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
