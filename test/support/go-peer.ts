/** The second implementation of the hardened profile (test/interop/go), in a process of its own. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** The program, once {@link buildGoPeer} has built it. */
export const GO_PEER = join(__dirname, '../../build', process.platform === 'win32' ? 'pqsock-peer.exe' : 'pqsock-peer');

/** Of the program. */
export const GO_SOURCE = join(__dirname, '../interop/go');

/** For the hook that builds: the first build fetches the modules and compiles them. */
export const GO_BUILD_TIMEOUT = 300_000;

/** Bytes go as base64, and come back so. */
export type GoFields = Readonly<Record<string, unknown>>;

/** What the comment of main.go says for the operation. */
export type GoAnswer = Readonly<Record<string, unknown>>;

/** How a handshake failed or a connection ended (outcome.go). */
export interface GoOutcome {
  readonly end: 'close' | 'alert' | 'truncated' | 'reset' | 'fault' | 'aborted';
  readonly reason?: string;
  readonly alertSent?: string;
  readonly alertReceived?: string;
}

type Waiting = { resolve: (answer: GoAnswer) => void; reject: (error: Error) => void };

export function buildGoPeer(): void {
  execFileSync('go', ['build', '-C', GO_SOURCE, '-trimpath', '-o', GO_PEER, '.'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The program as a process that answers requests; they run concurrently. */
export class GoPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  /** By the number of the request. */
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #failure: Error | undefined;

  constructor() {
    this.#child = spawn(GO_PEER, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#receive(line));
    this.#child.stdin.on('error', () => undefined); // it has ended: `close` says so
    this.#child.on('error', (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#fail(new Error(`pqsock-peer has ended: ${signal ?? code}`));
        resolve();
      });
    });
  }

  /** Ends the process and waits until it has. */
  close(): Promise<void> {
    this.#child.stdin.end();
    return this.#ended;
  }

  /** Carries out an operation; one that the program refuses is an error. */
  request(op: string, fields: GoFields = {}): Promise<GoAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#requests++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, op, ...fields }, base64)}\n`);
    });
  }

  #receive(line: string): void {
    const { id, error, ...answer } = JSON.parse(line) as { id: number; error?: string };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error !== undefined) waiting?.reject(new Error(error));
    waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** A Buffer's `toJSON` has been called already when a replacer sees it. */
function base64(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
  if (type === 'Buffer' && data !== undefined) return Buffer.from(data).toString('base64');
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
