/** Asks for a passphrase on the terminal, which does not show it, and is as it was afterwards. */
import { isatty } from 'node:tty';
import { Secret } from '../index.js';
import { CliError, EXIT_CODES } from './report.js';

/** Whether there is somebody to be asked. A pipe stays as it is: that of `process.stdin` would never be waited for. */
export function canAsk(): boolean {
  return isatty(0);
}

/**
 * The line that is typed, without its end. Only if {@link canAsk}, and one at a time.
 *
 * @throws CliError if it is interrupted, also by SIGINT or SIGTERM, empty or too long
 */
export function askPassphrase(prompt: string): Promise<Secret> {
  const { stdin, stderr } = process;
  const line = new TypedLine();
  return new Promise<Secret>((resolve, reject) => {
    const restore = (): void => {
      stdin.off('data', take).off('end', interrupt).pause();
      stdin.setRawMode(false);
      for (const signal of SIGNALS) process.off(signal, interrupt);
      stderr.write('\n');
    };
    const interrupt = (signal?: NodeJS.Signals): void => {
      restore();
      const exitCode = signal === 'SIGTERM' ? EXIT_CODES.terminated : EXIT_CODES.interrupted;
      reject(new CliError('no passphrase was given', 'type one, or name a file with --passphrase-file', exitCode));
    };
    const take = (bytes: Buffer): void => {
      const taken = line.take(bytes);
      if (taken === 'interrupted') interrupt();
      if (typeof taken === 'string') return;
      restore();
      if (taken < bytes.length) stdin.unshift(Buffer.from(bytes.subarray(taken))); // the next question's answer
      bytes.fill(0, 0, taken);
      if (line.length > 0 && line.length < LONGEST) resolve(line.secret());
      else reject(new CliError(`the passphrase is ${line.length === 0 ? 'empty' : 'too long'}`, 'take another one'));
    };
    // Not shown from here on, and Ctrl-C is a byte: a signal comes from elsewhere.
    stdin.setRawMode(true);
    for (const signal of SIGNALS) process.on(signal, interrupt);
    stdin.on('data', take).on('end', interrupt).resume();
    stderr.write(prompt);
  }).finally(() => line.wipe());
}

/** What was typed until now, and what the keys do that are no characters. */
class TypedLine {
  readonly #bytes = Buffer.alloc(LONGEST);
  length = 0;

  /** How many of these bytes were the rest of the line, if it is complete. */
  take(bytes: Buffer): number | 'more' | 'interrupted' {
    for (const [i, byte] of bytes.entries()) {
      if (byte === KEY.carriageReturn || byte === KEY.lineFeed) return i + 1;
      if (byte === KEY.ctrlC || (byte === KEY.ctrlD && this.length === 0)) return 'interrupted';
      if (byte === KEY.backspace || byte === KEY.delete) this.#back();
      else if (byte === KEY.ctrlU) this.length = 0;
      else if (byte >= KEY.space && this.length < LONGEST) this.#bytes[this.length++] = byte;
    }
    bytes.fill(0);
    return 'more';
  }

  secret(): Secret {
    return Secret.from(this.#bytes.subarray(0, this.length));
  }

  wipe(): void {
    this.#bytes.fill(0);
  }

  /** A character may be several bytes (UTF-8), of which all but the first begin with 10. */
  #back(): void {
    while (this.length > 0 && ((this.#bytes[--this.length] as number) & 0xc0) === 0x80);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const LONGEST = 1024; // bytes

const KEY = {
  ctrlC: 3,
  ctrlD: 4,
  backspace: 8,
  lineFeed: 10,
  carriageReturn: 13,
  ctrlU: 21,
  space: 32,
  delete: 127,
} as const;
