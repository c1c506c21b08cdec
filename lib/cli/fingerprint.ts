/** `pqsock fingerprint`: what others put into their lists, of key files. */
import type { Command } from 'commander';
import {
  describeKeyFile,
  fingerprintWords,
  type Profile,
  type PublicKey,
  publicKeyFromPem,
  type Secret,
} from '../index.js';
import { exitCodeOf } from './exit-code.js';
import { exposedKey } from './exposed-key.js';
import { readable } from './named-file.js';
import {
  addPassphraseOptions,
  givenPassphrase,
  isOnStdin,
  KeptPassphrases,
  type PassphraseChoices,
} from './passphrase-option.js';
import { CliError, EXIT_CODES, reportError } from './report.js';

interface FingerprintOptions extends PassphraseChoices {
  readonly words?: true;
  readonly json?: true;
}

/** Of a secret key file, what may be said. */
interface KeyDescription extends Pick<PublicKey, 'algorithm' | 'fingerprint'> {
  readonly kind: 'secret' | 'public';
  readonly profile?: Profile | undefined;
}

const EXAMPLES = `
examples:
  pqsock fingerprint server.pem                       of a secret key; an encrypted one's passphrase is asked for
  pqsock fingerprint --words server.pub               also in words, to compare them on the telephone
  pqsock fingerprint ann.pub bob.pub >> clients.txt   of several: lines for --authorized-keys
  ssh db.example cat server.pub | pqsock fingerprint -

exit codes: 0 all went well; 2 the command line is wrong; 3 a key could not be read`;

export function addFingerprint(program: Command): void {
  const fingerprint = program.command('fingerprint <files...>');
  fingerprint.description('say the fingerprints of keys, secret or public, in files; - is a public key on stdin');
  fingerprint.option('--words', 'also in words that people can compare');
  addPassphraseOptions(fingerprint);
  fingerprint.option('--json', 'one JSON object a line instead of text');
  fingerprint.addHelpText('after', EXAMPLES);
  fingerprint.action(runFingerprint);
}

/** All of them, whatever is wrong with one. */
async function runFingerprint(files: readonly string[], options: FingerprintOptions): Promise<void> {
  if (files.includes('-') && isOnStdin(options)) {
    const hint = 'put the passphrase, or the key, elsewhere';
    throw new CliError("stdin can't be both a key and a passphrase", hint, EXIT_CODES.usage);
  }
  const passphrase = passphraseOnce(options);
  for (const file of files) {
    try {
      const key = file === '-' ? await keyOfStdin() : await readable(file, () => keyOfFile(file, passphrase));
      process.stdout.write(textOf(file, key, options, files.length > 1));
    } catch (error) {
      reportError(error);
      process.exitCode = exitCodeOf(error);
    }
  }
}

function textOf(file: string, key: KeyDescription, { words, json }: FingerprintOptions, named: boolean): string {
  const said = fingerprintWords(key.fingerprint);
  if (json === true) return `${JSON.stringify({ file, ...key, words: said })}\n`;
  // A name is no second line of a list of those to trust.
  const comment = named ? ` # ${file.replace(/\p{Cc}/gu, '?')}` : '';
  return `${key.fingerprint}${comment}\n${words === true ? `${said.join(' ')}\n` : ''}`;
}

/** Read, or asked for, when the first encrypted file comes. */
function passphraseOnce(choices: PassphraseChoices): (file: string) => Promise<Secret | undefined> {
  const asked = new KeptPassphrases();
  let given: Promise<Secret | undefined> | undefined;
  return async (file) => {
    given ??= givenPassphrase(choices);
    return (await given) ?? asked.of(file);
  };
}

async function keyOfFile(
  file: string,
  passphrase: (file: string) => Promise<Secret | undefined>,
): Promise<KeyDescription> {
  let key = await describeKeyFile(file);
  if (key.exposed) throw exposedKey(file, key);
  if (key.fingerprint === undefined) key = await describeKeyFile(file, { passphrase: await needed(file, passphrase) });
  const { kind, algorithm, profile, fingerprint } = key as KeyDescription; // all is known by now
  return { kind, algorithm, profile, fingerprint };
}

async function needed(file: string, passphrase: (file: string) => Promise<Secret | undefined>): Promise<Secret> {
  const found = await passphrase(file);
  if (found !== undefined) return found;
  throw new CliError(
    `${file} is encrypted`,
    'give its passphrase: --passphrase-file, or --passphrase-fd',
    EXIT_CODES.file,
  );
}

async function keyOfStdin(): Promise<KeyDescription> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    if (chunks.push(chunk) > MOST_CHUNKS) break;
  }
  const { algorithm, fingerprint } = publicKeyFromPem(Buffer.concat(chunks));
  return { kind: 'public', algorithm, fingerprint };
}

/** What comes at a time is no more than 64 KiB, of which all keys are much less. */
const MOST_CHUNKS = 64;
