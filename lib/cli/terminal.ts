/** Lines for people: colours and a progress line on a terminal, plain lines otherwise. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const PROGRESS_INTERVAL = 100; // milliseconds

export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  readonly #isTerminal: boolean;
  #progressShown = false;
  #progressAt = 0;

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream;
    this.#isTerminal = stream.isTTY === true;
  }

  /** The text in a colour, where there are colours. */
  style(style: Style, text: string): string {
    const plain = !this.#isTerminal || process.env['NO_COLOR'] !== undefined || process.env['TERM'] === 'dumb';
    return plain ? text : styleText(style, text);
  }

  line(text = ''): void {
    this.clearProgress();
    this.#stream.write(`${text}\n`);
  }

  /** Replaces the progress line, ten times a second at the most; does nothing where lines can't be replaced. */
  progress(text: string): void {
    const now = performance.now();
    if (!this.#isTerminal || now - this.#progressAt < PROGRESS_INTERVAL) return;
    this.#progressAt = now;
    this.#progressShown = true;
    this.#stream.write(`\r\x1b[2K${text}`);
  }

  clearProgress(): void {
    if (this.#progressShown) this.#stream.write('\r\x1b[2K');
    this.#progressShown = false;
  }
}
