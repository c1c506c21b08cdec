/** Reads a file whose lines decide about trust: one that only its owner can write, and of a length that was looked at. */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { KeptStat } from './replace-file.js';
import { checkFileSize, trustFileError } from './trust-lines.js';

/** What was in a file, and by what to know that it still is. */
export interface FileContent {
  readonly bytes: Buffer;
  /** Differs when the file does, if that is not too recent. */
  readonly stamp: string;
  /** Whether a later change would have another stamp: clocks of file systems go by steps of up to two seconds. */
  readonly settled: boolean;
  /** undefined if there is no file. */
  readonly stat: KeptStat | undefined;
}

/** What is read where there is no file. */
export const NO_FILE: FileContent = { bytes: Buffer.alloc(0), stamp: 'none', settled: true, stat: undefined };

/**
 * @param now milliseconds since 1970
 * @returns undefined if there is none
 * @throws PQ_ERR_TRUST_FILE if it is no file, is too long, or others than its owner can write it; errors of the system
 */
export function readTrustFile(path: string, now: number): FileContent | undefined {
  const fd = open(path);
  if (fd === undefined) return undefined;
  try {
    const stat = fstatSync(fd, { bigint: true });
    const [size, mode] = [Number(stat.size), Number(stat.mode)];
    if (!stat.isFile()) throw trustFileError(path, undefined, 'it is no file');
    if ((mode & FOREIGN_WRITE) !== 0 && process.platform !== 'win32') {
      throw trustFileError(path, undefined, `others than its owner can write it: chmod go-w ${path}`);
    }
    checkFileSize(size, path);
    return {
      bytes: readAll(fd, size, path),
      stamp: stampText(stat),
      settled: now - Number(stat.mtimeMs) > CLOCK_STEP && now - Number(stat.ctimeMs) > CLOCK_STEP,
      stat: { mode, uid: Number(stat.uid), gid: Number(stat.gid) },
    };
  } finally {
    closeSync(fd);
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readAll(fd: number, size: number, path: string): Buffer {
  const bytes = Buffer.alloc(size + 1); // a byte more, to see that it has grown
  let length = 0;
  for (let count = -1; count !== 0 && length <= size; length += count) {
    count = readSync(fd, bytes, length, bytes.length - length, null);
  }
  if (length === size) return bytes.subarray(0, size);
  throw trustFileError(path, undefined, 'it is being changed: write another file and rename it');
}

/** The stamp that the file would have if it were read now. */
export function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? NO_FILE.stamp : stampText(stat);
}

function stampText({ dev, ino, size, mode, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mode, mtimeNs, ctimeNs].join();
}

/** Nothing is waited for: a pipe has no end, and is no file of ours. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Writable by group or others. */
const FOREIGN_WRITE = 0o022;

/** Longer than the steps of any file system's clock. */
const CLOCK_STEP = 2_500;
