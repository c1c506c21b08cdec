/** Another implementation of the algorithms, in a process of its own that answers lines of JSON (test/interop/). */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { FixedEncapsulation, FixedKeyPair } from './fixed-random.js';

type Fields = Readonly<Record<string, Uint8Array>>;
type Answer = Readonly<Record<string, Buffer>> & { readonly valid?: boolean };
type Waiting = { resolve: (answer: Answer) => void; reject: (error: Error) => void };

/** The operations of the peer; secret keys have liboqs's layout. An operation that it refuses is an error. */
export class LinePeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  /** By the number of the request. */
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #failure: Error | undefined;

  constructor(program: string, args: readonly string[]) {
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

  async keypair(algorithm: string): Promise<FixedKeyPair> {
    const { publicKey, secretKey } = await this.#request('keypair', algorithm, {});
    return { publicKey: present(publicKey), secretKey: present(secretKey) };
  }

  async encapsulate(algorithm: string, publicKey: Uint8Array): Promise<FixedEncapsulation> {
    const { ciphertext, sharedSecret } = await this.#request('encapsulate', algorithm, { publicKey });
    return { ciphertext: present(ciphertext), sharedSecret: present(sharedSecret) };
  }

  async decapsulate(algorithm: string, secretKey: Uint8Array, ciphertext: Uint8Array): Promise<Buffer> {
    return present((await this.#request('decapsulate', algorithm, { secretKey, ciphertext }))['sharedSecret']);
  }

  async sign(algorithm: string, message: Uint8Array, secretKey: Uint8Array, context: Uint8Array): Promise<Buffer> {
    return present((await this.#request('sign', algorithm, { secretKey, message, context }))['signature']);
  }

  async verify(algorithm: string, publicKey: Uint8Array, fields: SignedFields): Promise<boolean> {
    const { message, signature, context } = fields;
    return present((await this.#request('verify', algorithm, { publicKey, message, signature, context })).valid);
  }

  #request(op: string, algorithm: string, fields: Fields): Promise<Answer> {
    const id = this.#requests++;
    const encoded = Object.entries(fields).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, op, algorithm, ...Object.fromEntries(encoded) })}\n`);
    });
  }

  #receive(line: string): void {
    const { id, error, valid, ...encoded } = JSON.parse(line) as { id: number; error?: string; valid?: boolean };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error !== undefined) waiting?.reject(new Error(error));
    const bytes = Object.entries<string>(encoded).map(([name, text]) => [name, Buffer.from(text, 'base64')]);
    waiting?.resolve({ ...Object.fromEntries(bytes), valid });
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** What is verified with a public key. */
export interface SignedFields {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** Empty if there is none. */
  readonly context: Uint8Array;
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a field of the answer is missing');
  return value;
}
