/** A lock between processes: a file beside the one that is to be changed, which only one of them can make. */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { randomBytes } from '../crypto/random.js';
import { LOCK_STALE, LOCK_WAIT } from '../limits.js';
import { trustFileError } from './trust-lines.js';

/** Whether the lock is still held; asked before what can't be taken back. */
export type StillLocked = () => boolean;

/**
 * Does something while nobody else changes a file, and waits for its turn. A lock that is too old was left behind by a
 * process that ended: it is removed. Should its holder have slept instead, it sees that the lock is gone and begins
 * again: process ids would say less, as containers that share a folder don't share these.
 *
 * @param action synchronous, so that the lock is held as shortly as can be; undefined to begin again
 * @param wait milliseconds
 * @throws PQ_ERR_TRUST_FILE if others hold the lock for too long; what the action throws
 */
export async function withFileLock<T>(
  file: string,
  action: (stillLocked: StillLocked) => T | undefined,
  wait: number = LOCK_WAIT,
): Promise<T> {
  const lock = `${file}.lock`;
  const token = `${process.pid} ${Buffer.from(randomBytes(16)).toString('hex')}\n`;
  const deadline = performance.now() + wait;
  for (;;) {
    if (create(lock, token)) {
      const isOurs = () => read(lock) === token;
      try {
        const result = action(isOurs);
        if (result !== undefined) return result;
      } finally {
        if (isOurs()) rmSync(lock, { force: true });
      }
    }
    removeStale(lock);
    if (performance.now() >= deadline) {
      const [holder = 'nobody knows which'] = (read(lock) ?? '').split(' ');
      throw trustFileError(file, undefined, `process ${holder} is changing it: if there is none, remove ${lock}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * LONGEST_PAUSE));
  }
}

/** One at a time removes: what was a lock left behind may be a new one a moment later. */
function removeStale(lock: string): void {
  const guard = `${lock}.stale`;
  if (!isStale(lock)) return;
  if (isStale(guard)) rmSync(guard, { force: true });
  if (!create(guard, '')) return;
  try {
    if (isStale(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function isStale(path: string): boolean {
  const mtime = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return mtime !== undefined && Date.now() - mtime > LOCK_STALE;
}

/** Whether there was none. */
function create(path: string, text: string): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600);
    try {
      writeSync(fd, text);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Milliseconds between two looks at a lock. */
const LONGEST_PAUSE = 20;
