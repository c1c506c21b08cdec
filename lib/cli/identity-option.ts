/** Who a command is, by its options. */
import { type HardenedOptions, type Identity, type PqError, readIdentity, type Secret } from '../index.js';
import { readable } from './named-file.js';
import { type AskedPassphrases, firstLine } from './passphrase-option.js';
import { CliError, EXIT_CODES } from './report.js';

export interface IdentityChoices {
  /** Files with secret keys. */
  readonly identity?: readonly string[] | undefined;
  /** A file whose first line is the passphrase of all that have one. */
  readonly 'passphrase-file'?: string | undefined;
}

/**
 * @param asked for the passphrases of encrypted files, if no file has them
 * @throws CliError if there is no file, or one can't be read; PqError for what is wrong in one
 */
export async function readIdentities(
  choices: IdentityChoices,
  asked: AskedPassphrases,
): Promise<HardenedOptions['identity']> {
  const { identity: files = [], 'passphrase-file': passphraseFile } = choices;
  if (files.length === 0) {
    const hint = 'name the file with our secret key: identity, or --identity on the command line';
    throw new CliError('there is no identity', hint, EXIT_CODES.usage);
  }
  const passphrase = passphraseFile === undefined ? undefined : await firstLine(passphraseFile);
  try {
    const reading = files.map((file) => readable(file, () => readAsking(file, passphrase, asked)));
    return (await Promise.all(reading)) as [Identity, ...Identity[]];
  } finally {
    passphrase?.dispose();
  }
}

async function readAsking(file: string, passphrase: Secret | undefined, asked: AskedPassphrases): Promise<Identity> {
  try {
    return await readIdentity(file, { passphrase });
  } catch (error) {
    if ((error as PqError).code !== 'PQ_ERR_PASSPHRASE_NEEDED') throw error;
    const typed = await asked.of(file);
    if (typed === undefined) throw error;
    return readIdentity(file, { passphrase: typed });
  }
}
