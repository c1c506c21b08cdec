/** A process with pipes for its stdin and stdout, which a test fills and reads as it likes. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { MAIN } from './command.js';
import { StderrLines } from './stderr-lines.js';

/** What stands in for a pipe: an open descriptor, or nothing. */
type Instead = number | 'ignore';

export interface PipedOptions {
  readonly stdin?: Instead;
  readonly stdout?: Instead;
  /** What the process has as descriptor 3. */
  readonly third?: number;
  readonly cwd?: string;
}

export class PipedCommand {
  readonly stdin: Writable;
  /** Nothing is read from it before the test does. */
  readonly stdout: Readable;
  /** Resolves when it has ended. */
  readonly end: Promise<{ readonly code: number | null; readonly stderr: string }>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: StderrLines;

  constructor(program: string, args: readonly string[], options: PipedOptions = {}) {
    const { stdin = 'pipe', stdout = 'pipe', third = 'ignore', cwd } = options;
    const child = spawn(program, args, { cwd, stdio: [stdin, stdout, 'pipe', third] });
    this.#child = child as unknown as ChildProcessByStdio<Writable, Readable, Readable>;
    [this.stdin, this.stdout] = [this.#child.stdin, this.#child.stdout];
    this.stdin?.on('error', () => {}); // it may have ended
    const exited = once(child, 'exit');
    const closed = Promise.all([exited, once(this.#child.stderr, 'close')]);
    this.#lines = new StderrLines(this.#child.stderr, closed);
    this.end = closed.then(([[code]]) => ({ code, stderr: this.stderr }));
  }

  /** `pqsock` with these arguments. */
  static pqsock(args: readonly string[], options?: PipedOptions): PipedCommand {
    return new PipedCommand(process.execPath, [MAIN, ...args], options);
  }

  get stderr(): string {
    return this.#lines.text;
  }

  /** The first line of stderr that matches, also one from before; throws if it ends without one. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#lines.find(pattern);
  }

  /** Nobody reads it any more. */
  closeStderr(): void {
    this.#child.stderr.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Bytes of memory that the process has now (Linux). */
  get memory(): number {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'latin1')) ?? [];
    return 1024 * Number(kibibytes);
  }

  /** The SHA-256 of all that it writes from now on. */
  async digest(): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of this.stdout) hash.update(chunk);
    return hash.digest('hex');
  }
}
