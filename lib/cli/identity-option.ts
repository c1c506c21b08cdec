/** Who a command is, by its options. */
import { type HardenedOptions, type Identity, type PqError, readIdentity, type Secret } from '../index.js';
import { readable } from './named-file.js';
import { firstLine, type KeptPassphrases } from './passphrase-option.js';
import { CliError, EXIT_CODES } from './report.js';

export interface IdentityChoices {
  /** Files with secret keys. */
  readonly identity?: readonly string[] | undefined;
  /** Files whose first line is a passphrase: one for all keys, or one for each of them in their order. */
  readonly 'passphrase-file'?: readonly string[] | undefined;
  /** A descriptor with the passphrase of all keys. */
  readonly 'passphrase-fd'?: number | undefined;
}

/**
 * @param kept has the passphrases that can be had but once, and asks for those that nobody has given
 * @throws CliError if there is no file, or one can't be read; PqError for what is wrong in one
 */
export async function readIdentities(
  choices: IdentityChoices,
  kept: KeptPassphrases,
): Promise<NonNullable<HardenedOptions['identity']>> {
  const { identity: files = [], 'passphrase-file': passphraseFiles = [], 'passphrase-fd': descriptor } = choices;
  if (files.length === 0) {
    const hint = 'name the file with our secret key: identity, or --identity on the command line';
    throw new CliError('there is no identity', hint, EXIT_CODES.usage);
  }
  if (descriptor !== undefined && passphraseFiles.length > 0) {
    throw new CliError('there is a passphrase in two places', 'leave one of the options out', EXIT_CODES.usage);
  }
  if (passphraseFiles.length > 1 && passphraseFiles.length !== files.length) {
    const what = `there are ${passphraseFiles.length} passphrase files for ${files.length} keys`;
    throw new CliError(what, 'name one for all of the keys, or one for each, in the same order', EXIT_CODES.usage);
  }
  const passphrases = await Promise.all(passphraseFiles.map(firstLine));
  const given = descriptor === undefined ? passphrases : [await kept.fromDescriptor(descriptor)];
  try {
    const reading = files.map((file, i) => readable(file, () => readAsking(file, given[i] ?? given[0], kept)));
    return (await Promise.all(reading)) as [Identity, ...Identity[]];
  } finally {
    for (const passphrase of passphrases) passphrase.dispose();
  }
}

async function readAsking(file: string, passphrase: Secret | undefined, kept: KeptPassphrases): Promise<Identity> {
  try {
    return await readIdentity(file, { passphrase });
  } catch (error) {
    if ((error as PqError).code !== 'PQ_ERR_PASSPHRASE_NEEDED') throw error;
    const typed = await kept.of(file);
    if (typed === undefined) throw error;
    return readIdentity(file, { passphrase: typed });
  }
}
