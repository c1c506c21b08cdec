// @ts-check
/**
 * The manifest: the git blob hash and the path of every file of liboqs that the build needs. Reading
 * a source through it proves each file; a file that is not listed is never read.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobHash } from './git-hash.mjs';
import { SourceError } from './source-error.mjs';

/**
 * @typedef {{ hash: string, path: string }} ManifestLine path relative to the liboqs root, with `/`
 * @typedef {{ folder: string, how: string, remedy: string }} Source a tree, its name for people, and
 *   what to do if it turns out to be wrong
 */

/**
 * @param {string} file
 * @returns {ManifestLine[]}
 */
export function readManifest(file) {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line, index) => {
      const [, hash, path] = LINE.exec(line) ?? [];
      if (!hash || !path || path.split('/').includes('..')) {
        throw new SourceError(`${file}:${index + 1} is not a manifest line`, 'restore it from git');
      }
      return { hash, path };
    });
}

/**
 * Reads every listed file once, so that the bytes that were hashed are the bytes that are used.
 *
 * @param {Source} source
 * @param {ManifestLine[]} manifest
 * @returns {Map<string, Buffer>} contents by path
 */
export function readProven(source, manifest) {
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  const missing = [];
  const changed = [];
  let lineEndings = true;
  for (const { hash, path } of manifest) {
    const bytes = readIfFile(join(source.folder, path));
    if (!bytes) {
      missing.push(path);
    } else if (blobHash(bytes) === hash) {
      files.set(path, bytes);
    } else {
      changed.push(path);
      lineEndings &&= blobHash(withoutCarriageReturns(bytes)) === hash;
    }
  }
  if (missing.length + changed.length > 0) {
    const faults = [...describe('missing', missing), ...describe('not the pinned file', changed)];
    throw new SourceError(
      `${source.how} is not the pinned liboqs: ${faults.join('; ')}`,
      changed.length > 0 && lineEndings
        ? 'only line endings differ: check liboqs out again with git config core.autocrlf false'
        : source.remedy,
    );
  }
  return files;
}

/** @param {string} path */
function readIfFile(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}

/** @param {Buffer} bytes */
function withoutCarriageReturns(bytes) {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

/**
 * @param {string} fault
 * @param {string[]} paths
 * @returns {string[]}
 */
function describe(fault, paths) {
  if (paths.length === 0) return [];
  const rest = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  return [`${fault}: ${paths.slice(0, NAMED).join(', ')}${rest}`];
}

const LINE = /^([0-9a-f]{40}) {2}([^/\\\s][^\\\s]*)$/;
/** Files named in an error before the rest is only counted. */
const NAMED = 5;
