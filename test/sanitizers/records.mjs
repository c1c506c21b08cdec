// @ts-check
/** Records sealed and opened by the addon as it is called, in every right and every wrong way. */
import { randomBytes, randomInt } from 'node:crypto';
import { addon } from '../../dist/native/load.js';
import { goneOrShared, otherLengths, otherTypes, shrunk } from './wrong-values.mjs';

const DATA = 1;
const OVERHEAD = 4 + 16;
const PLAINTEXT_MAX = 65_537;
const NOT_VERIFIED = 1;
const NUMBERS = [-1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, Number.NaN, '1', 1n, null, undefined, {}];

const { sealRecords = never, openRecords = never } = /** @type {Record<string, any>} */ (addon);

/** A run of some size: what is sealed is opened again, whole and cut anywhere, in place and not. */
export function useRecords() {
  const keyAndIv = randomBytes(44);
  const content = new Uint8Array(randomBytes(randomInt(2) === 0 ? randomInt(300) : randomInt(200_000)));
  const size = content.length < 300 ? 1 + randomInt(100) : 1000 + randomInt(64_537);
  const padding = randomInt(2) === 0 ? 1 : 1 + randomInt(PLAINTEXT_MAX);
  const sealed = new Uint8Array(sealedLength(content.length, size, padding));
  const sealing = [sealed, keyAndIv, content, 7, DATA, size, padding];
  expect(sealRecords(...sealing), 0);
  refuseWrong(sealRecords, sealing.with(0, new Uint8Array(sealed.length)));

  const results = new Uint32Array(5);
  const opening = [new Uint8Array(sealed.length), keyAndIv, sealed, 7, DATA, 2 ** 24, results];
  refuseWrong(openRecords, opening);
  expect(openRecords(...opening), 0);
  if (results[2] !== content.length) throw new Error(`${results[2]} of ${content.length} bytes were opened`);
  for (let i = 0; i < 20; i += 1) {
    const part = sealed.slice(randomInt(3), sealed.length - randomInt(sealed.length));
    if (i % 4 === 0 && part.length > 0) part.fill(randomInt(256), randomInt(part.length));
    const into = i % 2 === 0 ? part : new Uint8Array(randomInt(sealed.length));
    expect(openRecords(into, keyAndIv, part, 7, DATA, randomInt(100), results), 0, NOT_VERIFIED);
  }
  expect(openRecords(...opening.with(0, sealed)), 0);
}

/**
 * @param {(...args: unknown[]) => number} call
 * @param {unknown[]} args that are right
 */
function refuseWrong(call, args) {
  for (const at of [0, 1, 2]) {
    for (const value of [...otherTypes(44), ...goneOrShared(44)]) expectRefused(call(...args.with(at, value)));
    for (const value of shrunk(44)) call(...args.with(at, value));
  }
  for (const value of otherLengths(44)) expectRefused(call(...args.with(1, value)));
  for (let at = 3; at < args.length; at += 1) {
    for (const value of NUMBERS) expectRefused(call(...args.with(at, value)));
    expectRefused(call(...args.slice(0, at)));
  }
  const [output, , input] = /** @type {[Uint8Array, unknown, Uint8Array]} */ (args);
  if (input.length === 0) return;
  const memory = new Uint8Array(output.length + input.length);
  for (const at of [1, Math.floor(output.length / 2), output.length - 1]) {
    const overlapping = args.with(0, memory.subarray(0, output.length)).with(2, memory.subarray(at, at + input.length));
    expectRefused(call(...overlapping));
  }
}

/**
 * @param {number} content
 * @param {number} size
 * @param {number} padding
 */
function sealedLength(content, size, padding) {
  const padded = (/** @type {number} */ length) =>
    Math.min(Math.ceil((length + 1) / padding) * padding, PLAINTEXT_MAX) + OVERHEAD;
  const whole = Math.max(Math.ceil(content / size) - 1, 0);
  return whole * padded(size) + padded(content - whole * size);
}

/**
 * @param {number} status
 * @param {number[]} expected
 */
function expect(status, ...expected) {
  if (!expected.includes(status & 0xff)) throw new Error(`status ${status} instead of ${expected}`);
}

/** @param {number} status */
function expectRefused(status) {
  if (status === 0 || (status & 0xff) === NOT_VERIFIED) throw new Error(`wrong arguments gave ${status}`);
}

/** @returns {never} */
function never() {
  throw new Error('this Node has no AES-GCM for the addon');
}
