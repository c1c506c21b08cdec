// @ts-check
/**
 * A copy of the built record layer whose private members can be seen, so that a search can look at a side's whole state
 * and go on from it more than once. Nothing else is changed, but for a planted weakening; records go through node:crypto,
 * as where the addon knows no AES-GCM.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** @typedef {{ file: string, from: string, to: string }} Change a text of the built code that is there once */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const RECORD = ['hardened-channel', 'inbound', 'outbound', 'rekey', 'traffic-keys', 'master-secret'];
const OPENED = [...RECORD.map((name) => `record/${name}.js`), 'crypto/secret.js'];

/** Copies made so far; they are under build/, where imports of packages are found. */
/** @type {string[]} */
const copies = [];

/**
 * The modules of a copy.
 *
 * @param {readonly Change[]} changes
 * @returns {Promise<{ HardenedChannel: any, Secret: any }>}
 */
export async function openCode(changes = []) {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, 'build', 'model-'));
  copies.push(copy);
  cpSync(join(ROOT, 'dist'), copy, { recursive: true, filter: (path) => !path.endsWith('.map') });
  writeFileSync(join(copy, 'native/load.js'), 'export const addon = {};');
  for (const file of OPENED) edit(join(copy, file), open);
  for (const { file, from, to } of changes) edit(join(copy, file), (code) => replaceOnce(code, file, from, to));
  const load = (/** @type {string} */ file) => import(pathToFileURL(join(copy, file)).href);
  const { HardenedChannel } = await load('record/hardened-channel.js');
  const { Secret } = await load('crypto/secret.js');
  return { HardenedChannel, Secret };
}

/** Removes the copies. */
export function removeCopies() {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true, force: true });
}

/**
 * `#name` becomes `$name`.
 *
 * @param {string} code
 */
function open(code) {
  return code.replace(/#(\w+) in /g, "'$$$1' in ").replace(/#(?=[a-z])/g, '$');
}

/**
 * @param {string} path
 * @param {(code: string) => string} change
 */
function edit(path, change) {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/**
 * @param {string} code
 * @param {string} file
 * @param {string} from
 * @param {string} to
 */
function replaceOnce(code, file, from, to) {
  const parts = code.split(open(from));
  if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times, and once is expected: ${from}`);
  return parts.join(open(to));
}
