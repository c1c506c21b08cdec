/** Who we are and whom we trust, by the options that all commands with connections have. */
import { createServer, type HardenedOptions, type PqError, type SuiteName } from '../index.js';
import { type IdentityChoices, readIdentities } from './identity-option.js';
import type { KeptPassphrases } from './passphrase-option.js';
import { CliError, EXIT_CODES } from './report.js';
import { type ChosenTrust, type TrustChoices, trustOf } from './trust-option.js';

export interface CredentialChoices extends IdentityChoices, TrustChoices {
  readonly suite?: readonly string[] | undefined;
}

export interface ChosenCredentials extends Pick<ChosenTrust, 'isStillTrusted'> {
  readonly credentials: Pick<HardenedOptions, 'identity' | 'trust' | 'suites'>;
}

/**
 * Checked as a whole: a connection that is made with them fails for other reasons.
 *
 * @param side our role, and what it is called in the list of a server's clients
 * @param onBroken told of a file that can't be used any more, so that nobody is accepted
 * @throws CliError, with a usage's exit code for what was chosen wrongly; PqError for what is wrong in a file
 */
export async function credentialsOf(
  side: { readonly role: 'server' | 'client'; readonly tunnel: string },
  choices: CredentialChoices,
  onBroken: (error: Error) => void,
  kept: KeptPassphrases,
): Promise<ChosenCredentials> {
  try {
    const { policy: trust, isStillTrusted } = trustOf(side, choices, onBroken);
    const identity = await readIdentities(choices, kept);
    const credentials = { identity, trust, suites: choices.suite as [SuiteName] | undefined };
    createServer(credentials); // also a client's: it checks them all, and there is nothing to be closed
    if (side.role === 'client') checkOneEach(identity);
    return { credentials, isStillTrusted };
  } catch (error) {
    const { code, message } = error as PqError;
    if (code !== 'PQ_ERR_INVALID_OPTION') throw error;
    throw new CliError(message, 'see what --help says', EXIT_CODES.usage); // of who has chosen the option
  }
}

/** Only a server shows several keys of an algorithm. */
function checkOneEach(identity: HardenedOptions['identity']): void {
  const algorithms = [identity].flat().map(({ algorithm }) => algorithm);
  const twice = algorithms.find((algorithm, i) => algorithms.indexOf(algorithm) < i);
  if (twice === undefined) return;
  const what = `there are two keys with ${twice}: only a server shows several of an algorithm, while its key is changed`;
  throw new CliError(what, 'name the one that the server knows', EXIT_CODES.usage);
}
