/** Puts another file in the place of one, so that a reader sees the one or the other, whole, also after a power cut. */
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from '../crypto/random.js';

/** What is kept of the file that was there. */
export interface KeptStat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * @param before undefined if there is no file yet: the new one is for its owner alone then
 * @param mayReplace asked once everything but the replacement is done
 * @returns whether it was replaced
 */
export function replaceFile(
  path: string,
  bytes: Uint8Array,
  before: KeptStat | undefined,
  mayReplace: () => boolean,
): boolean {
  const temporary = join(dirname(path), `.${basename(path)}.${Buffer.from(randomBytes(8)).toString('hex')}`);
  let replaced = false;
  try {
    writeDurably(temporary, bytes, before);
    if (!mayReplace()) return false;
    renameSync(temporary, path);
    replaced = true;
  } finally {
    if (!replaced) rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
  return true;
}

function writeDurably(path: string, bytes: Uint8Array, before: KeptStat | undefined): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(fd, bytes);
    if (before !== undefined) {
      if (process.getuid?.() === 0) fchownSync(fd, before.uid, before.gid); // only root could, and would change it
      fchmodSync(fd, before.mode & 0o777);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** So that the new name outlasts a power cut, too. Windows knows no such thing. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
