/** The passphrase of a key, by the options of a command: never one of its arguments, which everybody can list. */
import { closeSync, openSync, readSync } from 'node:fs';
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
  if (isOnStdin(choices)) return canAsk() ? askPassphrase('passphrase: ') : firstLine(0);
  const place = file ?? descriptor;
  return place === undefined ? undefined : firstLine(place);
}

/** Whether they say that it is read from stdin, or typed. */
export function isOnStdin({ passphraseFile, passphraseFd }: PassphraseChoices): boolean {
  return passphraseFile === '-' || passphraseFd === 0;
}

/** The first line of a file, without its end; what follows is not waited for. @throws CliError */
export async function firstLine(file: string | number): Promise<Secret> {
  const name = typeof file === 'string' ? file : `descriptor ${file}`;
  const bytes = Buffer.alloc(LONGEST + 1);
  try {
    const line = await readable(name, async () => lineOf(file, bytes));
    const passphrase = line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
    if (passphrase.length > LONGEST) {
      throw new CliError(`${name} has a first line of more than ${LONGEST} bytes`, 'name another', EXIT_CODES.file);
    }
    if (passphrase.length > 0) return Secret.from(passphrase);
    throw new CliError(`${name} has no passphrase in its first line`, 'write it there', EXIT_CODES.file);
  } finally {
    bytes.fill(0);
  }
}

/** As much of it as there is memory for. */
function lineOf(file: string | number, memory: Buffer): Buffer {
  const descriptor = typeof file === 'string' ? openSync(file, 'r') : file;
  try {
    let length = 0;
    for (let count = -1; count !== 0 && length < memory.length; length += count) {
      count = readSync(descriptor, memory, length, memory.length - length, null);
      const end = memory.subarray(0, length + count).indexOf('\n', length);
      if (end >= 0) return memory.subarray(0, end);
    }
    return memory.subarray(0, length);
  } finally {
    if (typeof file === 'string') closeSync(descriptor);
  }
}

/**
 * Those that can be had but once, as they are typed or come from a descriptor. They are kept in memory, for keys that
 * are read again.
 */
export class KeptPassphrases {
  /** By the file of the key, or by the descriptor. */
  readonly #known = new Map<string | number, Promise<Secret>>();
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** Asks for that of a file, after all others; undefined if nobody can be asked. @throws CliError */
  async of(file: string): Promise<Secret | undefined> {
    const known = this.#known.get(file);
    if (known !== undefined || this.#ended || !canAsk()) return known;
    const asked = this.#last.then(() => askPassphrase(`passphrase of ${file}: `));
    this.#last = asked;
    this.#known.set(file, asked);
    return asked;
  }

  /** That of a descriptor. @throws CliError */
  async fromDescriptor(descriptor: number): Promise<Secret> {
    const known = this.#known.get(descriptor);
    if (known !== undefined) return known;
    if (this.#ended) {
      throw new CliError(`descriptor ${descriptor} was not read at the start`, 'name a file, or start it anew');
    }
    const read = firstLine(descriptor);
    this.#known.set(descriptor, read);
    return read;
  }

  /**
   * From now on nobody is there: whoever is asked in the background is stopped by the system. And the number of a
   * descriptor may be that of a connection.
   */
  end(): void {
    this.#ended = true;
  }
}

const CARRIAGE_RETURN = 13;
/** Bytes: much more than anybody types, and an end to what has none. */
const LONGEST = 2 ** 16;
