/**
 * Keys in files: a private one that only its owner can read, whole or not there at all. On Windows nothing is known of
 * who can read a file: its folder must see to that.
 */
import { constants, promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ascii } from '../bytes.js';
import { randomBytes } from '../crypto/random.js';
import { Secret } from '../crypto/secret.js';
import { PqError, pqError, quoted } from '../errors.js';
import { Identity, type ReadOptions, type WriteOptions } from './identity.js';
import { type DescribeOptions, describeKey, type KeyDescription } from './key-description.js';
import { LONGEST_PEM } from './pem.js';
import type { Profile } from './profile.js';
import { type PublicKey, publicKeyFromPem, publicKeyToPem } from './public-key.js';

/**
 * Reads an identity that {@link writeIdentity}, node:crypto or others have written. Errors begin with the file's name.
 *
 * @throws PQ_ERR_KEY_FILE if it is no file, is too long, or others than its owner can read it; what
 *   {@link Identity.fromPem} throws; errors of the system
 */
export async function readIdentity<P extends Profile = 'hardened'>(
  path: string,
  options: ReadOptions<P> = {},
): Promise<Identity<P>> {
  const pem = await readKeyFile(path, (mode) => {
    if (isExposed(mode))
      throw unusable(path, `others than its owner can read or write it (mode ${modeText(mode)}): run chmod 600 on it`);
  });
  try {
    return await naming(path, () => Identity.fromPem(pem, options));
  } finally {
    pem.dispose();
  }
}

/**
 * Writes an identity into a new file that only its owner can read.
 *
 * @throws PQ_ERR_KEY_FILE_EXISTS if there is such a file, which stays as it is; what {@link Identity.toPem} throws;
 *   errors of the system
 */
export async function writeIdentity(
  path: string,
  identity: Identity<Profile>,
  options: WriteOptions = {},
): Promise<void> {
  const pem = await identity.toPem(options);
  try {
    await writeNewFile(path, Secret.bytesOf(pem), OWNER_ONLY);
  } finally {
    pem.dispose();
  }
}

/**
 * Reads a public key that {@link writePublicKey}, node:crypto or others have written.
 *
 * @throws PQ_ERR_KEY_FILE if it is no file or too long; what {@link publicKeyFromPem} throws; errors of the system
 */
export async function readPublicKey(path: string): Promise<PublicKey> {
  const pem = await readKeyFile(path);
  return naming(path, async () => publicKeyFromPem(pem));
}

/** What can be said of a file with a key. */
export interface KeyFileDescription extends KeyDescription {
  /** Of the file. */
  readonly bytes: number;
  /** Its permissions, four octal digits: `0600`. On Windows they say nothing. */
  readonly mode: string;
  /** Whether others than its owner can do something with a secret key, so that {@link readIdentity} refuses it. */
  readonly exposed: boolean;
}

/**
 * Describes the key in a file as {@link describeKey} does, whoever can read it. Errors begin with the file's name.
 *
 * @throws PQ_ERR_KEY_FILE if it is no file or too long; what {@link describeKey} throws; errors of the system
 */
export async function describeKeyFile(path: string, options: DescribeOptions = {}): Promise<KeyFileDescription> {
  let mode = 0;
  const text = await readKeyFile(path, (found) => {
    mode = found;
  });
  try {
    const description = await naming(path, () => describeKey(text, options));
    const exposed = description.kind === 'secret' && isExposed(mode);
    return { ...description, bytes: text.length, mode: modeText(mode), exposed };
  } finally {
    text.dispose();
  }
}

/**
 * Writes a public key, or that of an identity, into a new file.
 *
 * @throws PQ_ERR_KEY_FILE_EXISTS if there is such a file, which stays as it is; what {@link publicKeyToPem} throws;
 *   errors of the system
 */
export async function writePublicKey(path: string, key: Pick<PublicKey, 'algorithm' | 'publicKey'>): Promise<void> {
  await writeNewFile(path, ascii(publicKeyToPem(key)), FOR_ALL);
}

/** @param look is told the mode before anything is read, and may throw */
async function readKeyFile(path: string, look: (mode: number) => void = () => {}): Promise<Secret> {
  const file = await fs.open(path, READ);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw unusable(path, 'it is no file');
    look(stat.mode & PERMISSIONS);
    return await readAll(file, path);
  } finally {
    await file.close();
  }
}

/** The length is what is read, and not what was said before: a file may grow meanwhile. */
async function readAll(file: fs.FileHandle, path: string): Promise<Secret> {
  const memory = Secret.allocate(LONGEST_PEM + 1);
  try {
    const bytes = Secret.bytesOf(memory);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = (await file.read(bytes, length, bytes.length - length, null)).bytesRead;
    }
    if (length > LONGEST_PEM) throw unusable(path, `it is longer than ${LONGEST_PEM} bytes: no key is`);
    return Secret.from(bytes.subarray(0, length));
  } finally {
    memory.dispose();
  }
}

/** A file with another name first, which then gets this one, too, unless there is one already. */
async function writeNewFile(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${Buffer.from(randomBytes(8)).toString('hex')}`);
  const file = await fs.open(temporary, 'wx', mode);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw pqError(
      'PQ_ERR_KEY_FILE_EXISTS',
      `${quoted(path)} exists: nothing was written. Move it away, or take another name`,
    );
  } finally {
    await fs.rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

/** So that the new name outlasts a power cut, too. Windows knows no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await fs.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Errors of ours about what is in the file begin with its name. */
async function naming<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof PqError) || error.code === 'PQ_ERR_ALERT') throw error;
    throw pqError(error.code, `${quoted(path)}: ${error.message}`);
  }
}

function isExposed(mode: number): boolean {
  return (mode & FOREIGN_ACCESS) !== 0 && process.platform !== 'win32';
}

function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function unusable(path: string, why: string): Error {
  return pqError('PQ_ERR_KEY_FILE', `${quoted(path)} is not read: ${why}`);
}

/** Nothing is waited for: a pipe has no end, and is no file of ours. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const OWNER_ONLY = 0o600;
const FOR_ALL = 0o644;
const PERMISSIONS = 0o777;
/** Anything at all by group or others. */
const FOREIGN_ACCESS = 0o077;
