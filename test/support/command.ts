/** The command as a user runs it: built, in a process of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';

const MAIN = join(__dirname, '../../dist/bundle/main.js');

export interface CommandEnd {
  /** The exit code; null if a signal has ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Command {
  /** Resolves when it has ended. */
  readonly end: Promise<CommandEnd>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #lines: Interface;
  readonly #seen: string[] = [];

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    this.#lines = createInterface({ input: this.#child.stderr });
    this.#lines.on('line', (line) => this.#seen.push(line));
    this.end = once(this.#child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr: this.stderr }));
  }

  /** What it has written to stderr until now. */
  get stderr(): string {
    return this.#seen.map((line) => `${line}\n`).join('');
  }

  /** The first line of stderr that matches, also one from before; throws if it ends without one. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (let at = 0; ; at += 1) {
      if (at === this.#seen.length) {
        const next = await Promise.race([once(this.#lines, 'line'), this.end.then(() => undefined)]);
        if (next === undefined && at === this.#seen.length) throw new Error(`no ${pattern} in:\n${this.stderr}`);
      }
      const found = pattern.exec(this.#seen[at] as string);
      if (found !== null) return found;
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
