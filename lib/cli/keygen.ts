/** `pqsock keygen`: a new identity, in a file that only its owner can read. */
import { rm } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  fingerprintWords,
  Identity,
  type PqError,
  type Profile,
  type Secret,
  type SigName,
  writeIdentity,
  writePublicKey,
} from '../index.js';
import { askPassphrase, canAsk } from './ask-passphrase.js';
import { writable } from './named-file.js';
import { addPassphraseOptions, givenPassphrase, isOnStdin, type PassphraseChoices } from './passphrase-option.js';
import { CliError, EXIT_CODES } from './report.js';

interface KeygenOptions extends PassphraseChoices {
  readonly out: string;
  readonly public?: string;
  readonly algorithm: SigName;
  readonly profile: Profile;
  readonly passphrase?: true;
  readonly json?: true;
}

const EXAMPLES = `
examples:
  pqsock keygen                                          into identity.pem
  pqsock keygen --out server.pem --public server.pub     the public key in a file of its own, too
  pqsock keygen --out server.pem --passphrase            encrypted; the passphrase is asked for
  pqsock keygen --out server.pem --passphrase-file FILE  the same, in a script
  pqsock keygen --algorithm ML-DSA-87                    for the algorithms of FIPS 203 and 204
  pqsock keygen --json | jq -r .fingerprint              what others put into their lists

exit codes: 0 there is a new key; 2 the command line is wrong; 3 a file can't be read or written, or exists;
  1 anything else, 130 and 143 interrupted: there is none`;

export function addKeygen(program: Command): void {
  const keygen = program.command('keygen');
  keygen.description('make a key pair, and say its fingerprint, also in words that people can compare');
  keygen.option('--out <file>', 'the secret key; a file that is there stays as it is', 'identity.pem');
  keygen.option('--public <file>', 'the public key, in a file of its own');
  keygen.addOption(new Option('--algorithm <name>').choices(['Dilithium5', 'ML-DSA-87']).default('Dilithium5'));
  const profile = new Option('--profile <name>', 'the protocol that the key is for').choices(['hardened', 'seed']);
  keygen.addOption(profile.default('hardened'));
  keygen.option('--passphrase', 'encrypt the secret key, and ask for its passphrase on the terminal');
  addPassphraseOptions(keygen);
  keygen.option('--json', 'one JSON object instead of text');
  keygen.addHelpText('after', EXAMPLES);
  keygen.action(runKeygen);
}

async function runKeygen(options: KeygenOptions): Promise<void> {
  const { out, public: publicFile, algorithm, profile, json } = options;
  checkChoices(options);
  const passphrase = await chosenPassphrase(options);
  const identity = await Identity.generate({ algorithm, profile });
  try {
    await writeFiles(identity, options, passphrase);
  } finally {
    passphrase?.dispose();
    identity.dispose();
  }
  const { fingerprint } = identity;
  const words = fingerprintWords(fingerprint);
  if (json === true) {
    const encrypted = passphrase !== undefined;
    const said = { file: out, publicFile, algorithm, profile, encrypted, fingerprint, words };
    process.stdout.write(`${JSON.stringify(said)}\n`);
    return;
  }
  process.stdout.write(`secret key   ${out}${passphrase === undefined ? '' : ', encrypted'}\n`);
  if (publicFile !== undefined) process.stdout.write(`public key   ${publicFile}\n`);
  process.stdout.write(`fingerprint  ${fingerprint}\nwords        ${words.join(' ')}\n`);
}

function checkChoices(options: KeygenOptions): void {
  const { out, public: publicFile, algorithm, profile, passphrase, passphraseFile, passphraseFd } = options;
  if (profile === 'seed' && algorithm !== 'Dilithium5') {
    throw new CliError('the seed profile is for Dilithium5', 'leave out --algorithm, or --profile', EXIT_CODES.usage);
  }
  if (out === '-' || publicFile === '-') {
    throw new CliError('keys are written to files alone', 'name one; ./- if it is called so', EXIT_CODES.usage);
  }
  if ([passphrase, passphraseFile, passphraseFd].filter((place) => place !== undefined).length > 1) {
    throw new CliError('there is a passphrase in two places', 'leave one of the options out', EXIT_CODES.usage);
  }
}

/** Asked for twice: with one that was typed wrongly, the key would be lost. */
async function chosenPassphrase(options: KeygenOptions): Promise<Secret | undefined> {
  const asking = options.passphrase === true || (isOnStdin(options) && canAsk());
  if (!asking) return givenPassphrase(options);
  if (!canAsk()) {
    const hint = 'use --passphrase-file, or --passphrase-fd';
    throw new CliError("the passphrase can't be asked for: stdin is no terminal", hint, EXIT_CODES.usage);
  }
  const passphrase = await askPassphrase(`passphrase of ${options.out}: `);
  const again = await askPassphrase('the same again: ');
  const same = passphrase.equals(again);
  again.dispose();
  if (same) return passphrase;
  passphrase.dispose();
  throw new CliError('the passphrases are not the same', 'nothing was written: try again');
}

/** Both, or none. */
async function writeFiles(
  identity: Identity<Profile>,
  { out, public: publicFile }: KeygenOptions,
  passphrase: Secret | undefined,
): Promise<void> {
  if (publicFile !== undefined) await writeNew(publicFile, () => writePublicKey(publicFile, identity));
  try {
    await writeNew(out, () => writeIdentity(out, identity, { passphrase }));
  } catch (error) {
    if (publicFile !== undefined) await rm(publicFile);
    throw error;
  }
}

async function writeNew(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await writable(file, write);
  } catch (error) {
    if ((error as PqError).code !== 'PQ_ERR_KEY_FILE_EXISTS') throw error;
    throw new CliError(`${file} exists: nothing was written`, 'name another file, or move it away', EXIT_CODES.file);
  }
}
