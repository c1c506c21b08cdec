// @ts-check
/** Three workers do four rounds of every operation; the main thread prints the counts before and after as JSON. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { Kem, operationCounts, Sig } from '../../dist/oqs.js';

const WORKERS = 3;
const ROUNDS = 4;

if (isMainThread) {
  const before = operationCounts();
  const workers = Array.from({ length: WORKERS }, () => new Worker(fileURLToPath(import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  process.stdout.write(JSON.stringify({ before, after: operationCounts() }));
} else {
  for (let i = 0; i < ROUNDS; i += 1) await doEachOperation(i % 2);
}

/** @param {number} generation 0 for the algorithms of round 3, 1 for those of FIPS 203 and 204 */
async function doEachOperation(generation) {
  const kem = new Kem(generation === 0 ? 'Kyber1024' : 'ML-KEM-1024');
  const sig = new Sig(generation === 0 ? 'Dilithium5' : 'ML-DSA-87');
  const message = Buffer.from('a message');
  const pair = await kem.keypair();
  const { ciphertext } = kem.encapsulateSync(pair.publicKey);
  await kem.decapsulate(pair.secretKey, ciphertext);
  const identity = sig.keypairSync();
  const signature = await sig.sign(message, identity.secretKey);
  sig.verifySync(message, signature, identity.publicKey);
}
