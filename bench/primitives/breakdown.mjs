// @ts-check
/** Where the time goes that an inline KEM call takes over liboqs: each part by itself, or between two variants. */
import { setImmediate } from 'node:timers/promises';
import { Secret } from 'pqsock/oqs';
import { KEM_ALGORITHMS } from '../../dist/crypto/suites.js';
import { addon } from '../../dist/native/load.js';
import { formatTable } from '../table.mjs';
import { inline } from './contenders/timing.mjs';
import { makeMaterials, OPERATIONS } from './material.mjs';
import { measure } from './rounds.mjs';
import { passes } from './tasks.mjs';

/**
 * @typedef {import('./contenders/liboqs.mjs').Liboqs} Liboqs
 * @typedef {import('./material.mjs').KemMaterial} KemMaterial
 * @typedef {import('./rounds.mjs').Task} Task
 */

/** @typedef {{ name: string, parts: [part: string, microseconds: number][] }} Breakdown */

// As in native/algorithms.cc, by which KEM calls clear the stack.
const STACK_BYTES = 40 * 1024;

// As many secrets in a slice as real calls make: with more, it is the garbage collector that is measured.
const MOST_ALLOCATIONS = 3000;

const UNKNOWN_ALGORITHM = 99;

/**
 * @param {{ filter: string, seconds: number, liboqs: Liboqs, report: Parameters<typeof measure>[2] }} options
 * @returns {Promise<Breakdown[]>}
 */
export async function measureBreakdown({ filter, seconds, liboqs, report }) {
  const tasks = [];
  for (const material of makeMaterials()) {
    if (material.kind !== 'kem') continue;
    const operations = OPERATIONS.kem.filter((operation) => passes(filter, material.algorithm, operation));
    if (operations.length > 0) await liboqs.use(material);
    for (const operation of operations) tasks.push(...variants(material, operation, liboqs));
  }
  if (tasks.length === 0) return [];
  const { results } = await measure(tasks, seconds, report);
  const medians = new Map([...results].map(([{ group, contender }, { median }]) => [`${group} ${contender}`, median]));
  const groups = [...new Set(tasks.map(({ group }) => group))];
  return groups.map((group) => toBreakdown(group, (name) => medians.get(`${group} ${name}`) ?? 0));
}

/**
 * The call in all its variants, down to the parts that can be had by themselves.
 *
 * @param {KemMaterial} material
 * @param {(typeof OPERATIONS.kem)[number]} operation
 * @param {Liboqs} liboqs
 * @returns {Task[]}
 */
function variants(material, operation, liboqs) {
  const { kem, algorithm } = material;
  const { native, args, bufferLength, secretLength, sync } = callOf(material, operation);
  const { number } = KEM_ALGORITHMS[algorithm];
  const tooShort = [...args.slice(0, -1), args.at(-1)?.subarray(1)];
  const call = /** @type {(...args: unknown[]) => number} */ (addon[native]);
  const { publicKey } = material;
  const shortKey = publicKey.subarray(1);
  const task = (
    /** @type {string} */ contender,
    /** @type {() => unknown} */ once,
    most = Number.MAX_SAFE_INTEGER,
  ) => ({
    group: `${kem.algorithm} ${operation}`,
    contender,
    run: inline(once),
    most,
  });
  return [
    { ...task('liboqs', () => {}), run: liboqs.run(operation, algorithm) },
    { ...task('clear', () => {}), run: liboqs.run('clear', String(STACK_BYTES)) },
    task('sync', sync),
    task('bare', () => call(number, ...args)),
    task('unknown', () => call(UNKNOWN_ALGORITHM, ...args)),
    task('unread', () => call(number, ...tooShort)),
    task('checked', () => addon.kemCheckPublicKey(number, publicKey)),
    task('unchecked', () => addon.kemCheckPublicKey(number, shortKey)),
    task('buffer', () => Buffer.allocUnsafe(bufferLength), MOST_ALLOCATIONS),
    task('secret', () => Secret.allocate(secretLength), MOST_ALLOCATIONS),
    task('bytes', () => new Uint8Array(new ArrayBuffer(secretLength)), MOST_ALLOCATIONS),
    task('disposed', () => Secret.allocate(secretLength).dispose(), MOST_ALLOCATIONS),
    { ...task('sustained', () => {}), run: sustained(sync), every: 8, least: 4000 },
  ];
}

/**
 * Many calls, and turns of the event loop between them, in which forgotten secrets are wiped.
 *
 * @param {() => unknown} call
 * @returns {Task['run']}
 */
function sustained(call) {
  return async (calls) => {
    const start = process.hrtime.bigint();
    for (let i = 1; i <= calls; ++i) {
      call();
      if (i % 500 === 0) await setImmediate();
    }
    return { nanoseconds: Number(process.hrtime.bigint() - start) };
  };
}

/**
 * What a call is made of: the addon's function, its arguments made beforehand, and what the whole call allocates.
 *
 * @param {KemMaterial} material
 * @param {(typeof OPERATIONS.kem)[number]} operation
 */
function callOf({ kem, publicKey, secretKey, ciphertext }, operation) {
  const { publicKeyLength, secretKeyLength, ciphertextLength, sharedSecretLength } = kem;
  const outOf = (/** @type {number} */ length) => new Uint8Array(new ArrayBuffer(length));
  switch (operation) {
    case 'keypair':
      return {
        native: /** @type {const} */ ('kemKeypair'),
        args: [outOf(publicKeyLength), outOf(secretKeyLength)],
        bufferLength: publicKeyLength,
        secretLength: secretKeyLength,
        sync: () => kem.keypairSync(),
      };
    case 'encapsulate':
      return {
        native: /** @type {const} */ ('kemEncapsulate'),
        args: [outOf(ciphertextLength), outOf(sharedSecretLength), publicKey],
        bufferLength: ciphertextLength,
        secretLength: sharedSecretLength,
        sync: () => kem.encapsulateSync(publicKey),
      };
    case 'decapsulate':
      return {
        native: /** @type {const} */ ('kemDecapsulate'),
        args: [outOf(sharedSecretLength), Secret.bytesOf(secretKey), ciphertext],
        bufferLength: 0,
        secretLength: sharedSecretLength,
        sync: () => kem.decapsulateSync(secretKey, ciphertext),
      };
  }
}

/**
 * @param {string} name
 * @param {(variant: string) => number} at
 * @returns {Breakdown}
 */
function toBreakdown(name, at) {
  const isEncapsulate = name.endsWith('encapsulate');
  const buffer = name.endsWith('decapsulate') ? 0 : at('buffer');
  const modulus = isEncapsulate ? at('checked') - at('unchecked') : 0;
  const native = at('clear') + modulus + at('unread');
  return {
    name,
    parts: [
      ['liboqs in C', at('liboqs')],
      ['inline call', at('sync')],
      ['inline call − C', at('sync') - at('liboqs')],
      ['· bare addon call − C', at('bare') - at('liboqs')],
      ['·· Node-API call', at('unknown')],
      ['·· reading the arguments', at('unread') - at('unknown')],
      ['·· modulus check', modulus],
      ['·· clearing the stack', at('clear')],
      ['·· rest: caches, malloc', at('bare') - at('liboqs') - native],
      ['· Buffer for the result', buffer],
      ['· Secret', at('secret')],
      ['·· of it its bytes', at('bytes')],
      ['· rest: Operation, arguments', at('sync') - at('bare') - buffer - at('secret')],
      ['(later: dispose())', at('disposed') - at('secret')],
      ['(later: wiping what was forgotten)', at('sustained') - at('sync')],
    ],
  };
}

/** @param {Breakdown[]} breakdowns */
export function formatBreakdown(breakdowns) {
  const parts = breakdowns[0]?.parts.map(([part]) => part) ?? [];
  return formatTable(
    'Where the time of an inline KEM call goes, in µs',
    ['', ...breakdowns.map(({ name }) => name)],
    parts.map((part, i) => [part, ...breakdowns.map(({ parts }) => (parts[i]?.[1] ?? 0).toFixed(2))]),
  );
}
