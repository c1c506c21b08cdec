/** What a process writes to stderr, line by line. */
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';

export class StderrLines {
  readonly #lines: Interface;
  readonly #ended: Promise<unknown>;
  readonly #seen: string[] = [];

  /** @param ended resolves when the process has ended and all is read */
  constructor(stderr: Readable, ended: Promise<unknown>) {
    this.#ended = ended.then(() => undefined);
    this.#lines = createInterface({ input: stderr });
    this.#lines.on('line', (line) => this.#seen.push(line));
  }

  /** What was written until now. */
  get text(): string {
    return this.#seen.map((line) => `${line}\n`).join('');
  }

  /** The first line that matches, or the nth, also one from before; throws if the process ends without one. */
  async find(pattern: RegExp, nth = 1): Promise<RegExpExecArray> {
    for (let at = 0, left = nth; ; at += 1) {
      if (at === this.#seen.length) {
        const next = await Promise.race([once(this.#lines, 'line'), this.#ended]);
        if (next === undefined && at === this.#seen.length) throw new Error(`no ${pattern} in:\n${this.text}`);
      }
      const found = pattern.exec(this.#seen[at] as string);
      if (found !== null) left -= 1;
      if (found !== null && left === 0) return found;
    }
  }
}
