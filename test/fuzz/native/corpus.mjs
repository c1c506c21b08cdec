// @ts-check
/**
 * The kept inputs of a target: `corpus/TARGET.txt` has one a line, in base64, and `crashes/TARGET-*` what once was a
 * finding. libFuzzer wants a folder of files.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
export const CRASHES = join(HERE, 'crashes');
const CORPUS = join(HERE, 'corpus');

/**
 * Puts the kept inputs of a target into a folder, and nothing else.
 *
 * @param {string} target
 * @param {string} folder
 */
export function unpackCorpus(target, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lines = existsSync(fileOf(target)) ? readFileSync(fileOf(target), 'utf8').trim().split('\n') : [];
  const inputs = lines.map((line) => Buffer.from(line, 'base64'));
  for (const name of findingsOf(target)) inputs.push(readFileSync(join(CRASHES, name)));
  for (const input of inputs) writeFileSync(join(folder, nameOf(input)), input);
}

/**
 * Keeps the inputs of a folder as the corpus of a target.
 *
 * @param {string} target
 * @param {string} folder
 * @returns {number} how many they are
 */
export function packCorpus(target, folder) {
  const names = readdirSync(folder).sort();
  const lines = names.map((name) => readFileSync(join(folder, name)).toString('base64'));
  mkdirSync(CORPUS, { recursive: true });
  writeFileSync(fileOf(target), `${lines.filter((line) => line !== '').join('\n')}\n`);
  return names.length;
}

/**
 * The files in crashes/ that a target once failed on.
 *
 * @param {string} target
 */
export function findingsOf(target) {
  return existsSync(CRASHES) ? readdirSync(CRASHES).filter((name) => name.startsWith(`${target}-`)) : [];
}

/** @param {string} target */
function fileOf(target) {
  return join(CORPUS, `${target}.txt`);
}

/** @param {Buffer} input */
function nameOf(input) {
  return createHash('sha1').update(input).digest('hex');
}
