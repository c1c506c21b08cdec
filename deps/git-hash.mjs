// @ts-check
/**
 * Git's names for contents: SHA-1 of blobs and trees, computed from plain files, without git.
 *
 * SHA-1 because the pin is a git commit. What stands against a collision made on purpose is that both
 * sides are fixed: the hashes are those of a tree that was public before this project existed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SourceError } from './source-error.mjs';

/**
 * @param {Uint8Array} bytes a file's contents
 * @returns {string} 40 hex digits, as `git hash-object`
 */
export function blobHash(bytes) {
  return objectHash('blob', bytes).toString('hex');
}

/**
 * Every file counts as mode 100644. The pin's trees hold no executable file and no symbolic link, so
 * this is exact for them, and an executable bit that an archive or a file system lost or invented
 * changes nothing.
 *
 * @param {string} folder
 * @returns {string} 40 hex digits, as `git write-tree` for the folder's contents
 */
export function treeHash(folder) {
  return treeBytes(folder).toString('hex');
}

/**
 * @param {string} folder
 * @returns {Buffer}
 */
function treeBytes(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // Git sorts a folder as if its name ended in a slash.
      return { key: `${entry.name}/`, head: `40000 ${entry.name}\0`, hash: treeBytes(path) };
    }
    if (!entry.isFile()) {
      throw new SourceError(
        `${path} is neither a file nor a folder`,
        'unpack the source again, from git or from the crate',
      );
    }
    return {
      key: entry.name,
      head: `100644 ${entry.name}\0`,
      hash: objectHash('blob', readFileSync(path)),
    };
  });
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  return objectHash('tree', Buffer.concat(entries.flatMap((e) => [Buffer.from(e.head), e.hash])));
}

/**
 * @param {'blob' | 'tree'} type
 * @param {Uint8Array} body
 */
function objectHash(type, body) {
  return createHash('sha1').update(`${type} ${body.length}\0`).update(body).digest();
}
