// @ts-check
/**
 * Prepares the liboqs that is compiled: found, proven file by file, copied, corrected. The place
 * where it was found is never changed. `node deps/liboqs-source.mjs <destination>`.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { applyPatch } from './apply-patch.mjs';
import { findSource, sourceNamed } from './find-source.mjs';
import { readManifest, readProven } from './manifest.mjs';
import { placeTree, stampOf } from './place-tree.mjs';
import { isMain, runMain } from './run-main.mjs';

/**
 * @typedef {{ destination: string, log: (line: string) => void }} Preparation destination: a folder
 *   that is empty, does not exist, or was made by an earlier call
 */

/**
 * Leaves the pinned and corrected source in `destination`. Does nothing if it is there already.
 *
 * @param {Preparation} preparation
 * @returns {Promise<void>}
 * @throws {import('./source-error.mjs').SourceError} with a `hint`, if there is no source, or it is
 *   not the pinned one, or a patch does not apply
 */
export async function prepareLiboqs({ destination, log }) {
  await prepare(resolve(destination), log, readPatches());
}

/**
 * Leaves the pinned source in `destination` as it is upstream, without the corrections: what the npm
 * package carries beside the patches, so that an installed package builds as a clone does.
 *
 * @param {Preparation} preparation
 * @returns {Promise<void>}
 * @throws {import('./source-error.mjs').SourceError} as `prepareLiboqs`
 */
export async function copyLiboqs({ destination, log }) {
  await prepare(resolve(destination), log, []);
}

/**
 * @param {string} destination
 * @param {(line: string) => void} log
 * @param {{ name: string, text: string }[]} patches
 */
async function prepare(destination, log, patches) {
  const { version } = JSON.parse(readFileSync(join(DEPS, 'liboqs.json'), 'utf8'));
  const stamp = stampFor(patches);
  // A tree that the caller names must be one, even when nothing is left to do with it.
  sourceNamed(process.env);
  if (stampOf(destination) === stamp) {
    log(`liboqs ${version}: up to date in ${destination}`);
    return;
  }
  const source = await findSource({ deps: DEPS, version, env: process.env });
  log(`liboqs ${version}: from ${source.how}`);
  const files = readProven(source, readManifest(MANIFEST));
  for (const { name, text } of patches) applyPatch(files, name, text);
  placeTree(destination, stamp, files);
  log(`liboqs ${version}: ${files.size} files, ${patches.length} patches, in ${destination}`);
}

function readPatches() {
  const folder = join(DEPS, 'patches');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/**
 * The result follows from the manifest and the patches alone, so they are what the stamp names.
 *
 * @param {{ name: string, text: string }[]} patches
 */
function stampFor(patches) {
  const hash = createHash('sha256').update(readFileSync(MANIFEST));
  for (const { name, text } of patches) hash.update(`\0${name}\0${text}`);
  return hash.digest('hex');
}

const DEPS = import.meta.dirname;
const MANIFEST = join(DEPS, 'liboqs.manifest');

if (isMain(import.meta.url)) {
  await runMain('node deps/liboqs-source.mjs <destination>', (destination) =>
    prepareLiboqs({ destination, log: console.log }),
  );
}
