// @ts-check
/**
 * Writes a tree of files so that the destination is either whole or as it was: the files are written
 * to a folder beside it, which then takes its name. It never replaces a folder that it did not make.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SourceError } from './source-error.mjs';

/**
 * @param {string} destination an absolute path
 * @param {string} stamp what `stampOf` answers from now on
 * @param {Map<string, Buffer>} files contents by path
 */
export function placeTree(destination, stamp, files) {
  if (stampOf(destination) === undefined && !isEmpty(destination)) {
    throw new SourceError(`${destination} holds something else`, 'name a folder that is empty or does not exist');
  }
  mkdirSync(dirname(destination), { recursive: true });
  const fresh = mkdtempSync(join(dirname(destination), `${basename(destination)}.new-`));
  try {
    for (const [path, bytes] of files) {
      const file = join(fresh, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    writeFileSync(join(fresh, STAMP), `${stamp}\n`);
    rmSync(destination, { recursive: true, force: true });
    renameSync(fresh, destination);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another build that did the same work first is as good.
    if (stampOf(destination) !== stamp) throw error;
  }
}

/**
 * @param {string} destination
 * @returns {string | undefined} the stamp of a tree placed before, if there is one
 */
export function stampOf(destination) {
  try {
    return readFileSync(join(destination, STAMP), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** @param {string} folder */
function isEmpty(folder) {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return true;
    throw error;
  }
}

const STAMP = '.pqsock-stamp';
