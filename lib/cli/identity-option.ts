/** Who a command is, by its options. */
import { readFile } from 'node:fs/promises';
import { type HardenedOptions, type Identity, readIdentity } from '../index.js';
import { CliError, EXIT_CODES } from './report.js';

export interface IdentityChoices {
  /** Files with secret keys. */
  readonly identity?: readonly string[] | undefined;
  /** A file whose first line is the passphrase of all that have one. */
  readonly 'passphrase-file'?: string | undefined;
}

/** @throws CliError if there is no file, or one can't be read; PqError for what is wrong in one */
export async function readIdentities(choices: IdentityChoices): Promise<HardenedOptions['identity']> {
  const { identity: files = [], 'passphrase-file': passphraseFile } = choices;
  if (files.length === 0) {
    const hint = 'name the file with our secret key: identity, or --identity on the command line';
    throw new CliError('there is no identity', hint, EXIT_CODES.usage);
  }
  const passphrase = passphraseFile === undefined ? undefined : await firstLine(passphraseFile);
  try {
    const identities = await Promise.all(files.map((file) => readable(file, () => readIdentity(file, { passphrase }))));
    return identities as [Identity, ...Identity[]];
  } finally {
    passphrase?.fill(0);
  }
}

/** Bytes, which can be wiped. */
async function firstLine(file: string): Promise<Buffer> {
  const bytes = await readable(file, () => readFile(file));
  const end = bytes.indexOf('\n');
  const line = Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end));
  bytes.fill(0);
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

const CARRIAGE_RETURN = 13;

async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new CliError(`${file} can't be read: ${code}`, 'name a file that exists and that you may read');
  }
}
