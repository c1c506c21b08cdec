// @ts-check
/** Looks at the memory of Secrets from outside; needs --expose-gc. Prints what it saw as JSON. */
import { memoryUsage } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { Kem, Secret } from '../../dist/oqs.js';

const ROUNDS = 100;

/** A view of the bytes, without the Secret that they belong to. */
function bytesOfForgotten() {
  const { secretKey } = new Kem('ML-KEM-1024').keypairSync();
  return Secret.bytesOf(secretKey);
}

/** A part, without the Secret that it is a part of. */
function partOfForgotten() {
  const { secretKey } = new Kem('ML-KEM-1024').keypairSync();
  return Secret.divide(secretKey, [1000, secretKey.length - 1000])[0];
}

/** @param {Uint8Array} bytes */
function isWiped(bytes) {
  return bytes.every((byte) => byte === 0);
}

/**
 * How many bytes of ArrayBuffers are alive for ten thousand things of 32 bytes.
 *
 * @param {() => object} make
 */
function memoryOf(make) {
  globalThis.gc?.();
  const before = memoryUsage().arrayBuffers;
  const kept = Array.from({ length: 10_000 }, make);
  globalThis.gc?.();
  return kept.length === 0 ? 0 : memoryUsage().arrayBuffers - before;
}

const held = new Kem('ML-KEM-1024').keypairSync().secretKey;
const heldPart = partOfForgotten();
const forgotten = bytesOfForgotten();
const wholeAtFirst = !isWiped(forgotten);
for (let i = 0; i < ROUNDS && !isWiped(forgotten); i += 1) {
  globalThis.gc?.();
  await setImmediate();
}
const seen = {
  wholeWhileHeld: wholeAtFirst && !isWiped(Secret.bytesOf(held)),
  partWhileHeld: heldPart !== undefined && !isWiped(Secret.bytesOf(heldPart)),
  wipedWhenForgotten: isWiped(forgotten),
  ofPlainArrays: memoryOf(() => new Uint8Array(32)),
  ofSecrets: memoryOf(() => Secret.allocate(32)),
};
process.stdout.write(JSON.stringify(seen));
