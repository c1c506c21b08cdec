// @ts-check
/**
 * Prints how deep each operation goes below the frame that calls it, beside what native/algorithms.cc has cleared.
 * run.mjs starts it, with the addon of the tests.
 */
import { readFileSync } from 'node:fs';
import { OPERATION_NUMBERS } from '../../dist/native/addon.js';
import { addon } from '../../dist/native/load.js';
import { calls } from './calls.mjs';

const PAINT = 0xa5; // test/native/stack_depth.cc
const ROUNDS = 20; // signing takes another way through its code each time
const KIB = 1024;

/** @type {any} */
const testAddon = addon;
if (process.env['PQSOCK_REFERENCE_CODE'] === '1') testAddon.hideCpuFeatures(true);

const cleared = clearedBytes();
const NAMES = ['Kyber1024', 'ML-KEM-1024', 'Dilithium5', 'ML-DSA-87'];
/** @type {Record<string, { 'bytes used': number, 'and a half': number, stack_bytes: number | string, enough: string }>} */
const rows = {};
for (const { operation, algorithm, args } of calls()) {
  if (operation === 'kemCheckPublicKey') continue; // looks at public bytes, and keeps nothing
  if (operation.startsWith('handshake')) continue; // what it is made of has cleared the most of it: see wiping.test.ts
  const depths = Array.from({ length: ROUNDS }, () =>
    depthOf(testAddon.stackAfterRun(OPERATION_NUMBERS[operation], algorithm, ...args)),
  );
  const used = Math.max(...depths);
  const wanted = Math.ceil((used * 3) / 2);
  const has = cleared[algorithm]?.[operation.includes('Keypair') ? 'keypair' : 'others'] ?? Number.NaN;
  const clears = !operation.startsWith('sigVerify'); // all that it has is public
  rows[`${operation} of ${NAMES[algorithm]}`] = {
    'bytes used': used,
    'and a half': wanted,
    stack_bytes: clears ? has : 'not cleared',
    enough: !clears || has >= wanted ? 'yes' : 'NO',
  };
}
console.table(rows);
if (Object.values(rows).some(({ enough }) => enough === 'NO')) process.exitCode = 1;

/** @param {Buffer} stack */
function depthOf(stack) {
  return stack.length - stack.findIndex((byte) => byte !== PAINT);
}

/** The stack that is cleared after making a key pair and after other operations, for each row of the table. */
function clearedBytes() {
  const text = readFileSync(new URL('../../native/algorithms.cc', import.meta.url), 'utf8');
  return [...text.matchAll(/(\d+) \* KiB(?:,\s*(\d+) \* KiB)?/g)].map(([, keypair, others = keypair]) => ({
    keypair: Number(keypair) * KIB,
    others: Number(others) * KIB,
  }));
}
