/** The command as a user runs it: built, in a process of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { StderrLines } from './stderr-lines.js';

export const MAIN = join(__dirname, '../../dist/bundle/main.js');

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
  readonly #lines: StderrLines;

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    const closed = once(this.#child, 'close');
    this.#lines = new StderrLines(this.#child.stderr, closed);
    this.end = closed.then(([code, signal]) => ({ code, signal, stdout, stderr: this.stderr }));
  }

  /** What it has written to stderr until now. */
  get stderr(): string {
    return this.#lines.text;
  }

  /** The first line of stderr that matches, or the nth, also one from before; throws if it ends without one. */
  line(pattern: RegExp, nth = 1): Promise<RegExpExecArray> {
    return this.#lines.find(pattern, nth);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
