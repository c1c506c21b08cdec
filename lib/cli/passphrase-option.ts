/** The passphrase of a key, by the options of a command: never one of its arguments, which everybody can list. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { Secret } from '../index.js';
import { askPassphrase, canAsk } from './ask-passphrase.js';
import { readable } from './named-file.js';
import { CliError, EXIT_CODES } from './report.js';

export interface PassphraseChoices {
  readonly passphraseFile?: string;
  readonly passphraseFd?: number;
}

export function addPassphraseOptions(command: Command): void {
  command.option('--passphrase-file <file>', 'its first line is the passphrase of the secret key; - is stdin');
  command.option('--passphrase-fd <n>', 'the same, of a file descriptor', (text) => {
    if (/^\d{1,6}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('must be the number of a descriptor');
  });
}

/**
 * What the options say, if they say anything.
 *
 * @throws CliError
 */
export async function givenPassphrase(choices: PassphraseChoices): Promise<Secret | undefined> {
  const { passphraseFile: file, passphraseFd: descriptor } = choices;
  if (file !== undefined && descriptor !== undefined) {
    throw new CliError('there is a passphrase in two places', 'leave one of the options out', EXIT_CODES.usage);
  }
  if (descriptor !== undefined) return firstLine(descriptor);
  if (file === '-') return canAsk() ? askPassphrase('passphrase: ') : firstLine(0);
  return file === undefined ? undefined : firstLine(file);
}

/** The first line of a file, without its end. @throws CliError */
export async function firstLine(file: string | number): Promise<Secret> {
  const bytes = await readable(typeof file === 'string' ? file : `descriptor ${file}`, async () => readFileSync(file));
  try {
    const end = bytes.indexOf('\n');
    const line = bytes.subarray(0, end < 0 ? bytes.length : end);
    return Secret.from(line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);
  } finally {
    bytes.fill(0);
  }
}

/** Once for each file, and never again: who has typed it once need not do so again. */
export class AskedPassphrases {
  readonly #known = new Map<string, Promise<Secret>>();
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** Asks, after all others; undefined if nobody can be asked. @throws CliError */
  async of(file: string): Promise<Secret | undefined> {
    const known = this.#known.get(file);
    if (known !== undefined || this.#ended || !canAsk()) return known;
    const asked = this.#last.then(() => askPassphrase(`passphrase of ${file}: `));
    this.#last = asked;
    this.#known.set(file, asked);
    return asked;
  }

  /** From now on nobody is there: whoever is asked in the background is stopped by the system. */
  end(): void {
    this.#ended = true;
  }
}

const CARRIAGE_RETURN = 13;
