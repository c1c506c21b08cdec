/** A program that answers requests, lines of JSON, by such lines; in a process of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Bytes go as base64, and come back so. */
export type Fields = Readonly<Record<string, unknown>>;

type Waiting = { resolve: (answer: Fields) => void; reject: (error: Error) => void };

export class JsonLines {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  /** By the number of the request. */
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #failure: Error | undefined;

  constructor(program: string, args: readonly string[] = []) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#receive(line));
    this.#child.stdin.on('error', () => undefined); // it has ended: `close` says so
    this.#child.on('error', (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#fail(new Error(`${program} has ended: ${signal ?? code}`));
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
  request(op: string, fields: Fields = {}): Promise<Fields> {
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

/** The bytes that a field of an answer is. */
export function bytesIn(field: unknown): Buffer {
  if (typeof field !== 'string') throw new Error('a field of the answer is missing');
  return Buffer.from(field, 'base64');
}

/** A Buffer's `toJSON` has been called already when a replacer sees it. */
function base64(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
  if (type === 'Buffer' && data !== undefined) return Buffer.from(data).toString('base64');
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
