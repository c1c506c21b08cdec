// @ts-check
/** A lock between the processes of one machine, which one that was killed does not keep. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** How often the lock is looked at, in milliseconds. */
const PAUSE = 200;

/**
 * Does something while no other process does anything under the same lock; waits for its turn.
 *
 * @template T
 * @param {string} lock a file that is there as long as the lock is held; it has the holder's process id
 * @param {() => T} action synchronous
 * @returns {T}
 */
export function oneAtATime(lock, action) {
  const own = `${lock}-${process.pid}`;
  // Whole before it has the lock's name: a lock without its holder would be nobody's.
  writeFileSync(own, `${process.pid}`);
  try {
    while (!take(own, lock)) {
      removeLeftBehind(lock, `${own}-old`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  } finally {
    rmSync(own, { force: true });
  }
  try {
    return action();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * @param {string} own
 * @param {string} lock
 */
function take(own, lock) {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Only one of those who see that the holder is gone gets the file away. Somebody else may have the lock by then: it is
 * put back.
 *
 * @param {string} lock
 * @param {string} aside
 */
function removeLeftBehind(lock, aside) {
  const holder = holderOf(lock);
  if (holder === undefined || isAlive(holder)) return;
  try {
    renameSync(lock, aside);
  } catch {
    return; // another has done it
  }
  if (holderOf(aside) !== holder) take(aside, lock);
  rmSync(aside, { force: true });
}

/** @param {string} file */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
