/** Another process of this command, which ends with the first: a hidden verb, and messages between the two. */
import { type ChildProcess, fork } from 'node:child_process';
import { type EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The first process's hold on the second. */
export class SecondProcess<Message> {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(verb: string, args: readonly string[] = []) {
    const main = fileURLToPath(new URL('./main.js', import.meta.url));
    const execArgv = [...process.execArgv, '--disable-warning=PQSOCK_SEED_PROFILE']; // this process has said it
    this.#child = fork(main, [verb, ...args], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#exited = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  onMessage(listener: (message: Message) => void): void {
    this.#child.on('message', listener as (message: unknown) => void);
  }

  /** Tells it what it waits for, and waits for a message that is an answer. */
  async ask<Answer extends Message>(what: object, isAnswer: (message: Message) => message is Answer): Promise<Answer> {
    this.#child.send(what);
    return new Promise((resolve, reject) => {
      this.onMessage((message) => {
        if (isAnswer(message)) resolve(message);
      });
      void this.#exited.then(() => reject(new Error('the server process ended before it listened')));
    });
  }

  /** Ends the process; it tidies up. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}

/**
 * In the second process: what it is told, and when the first one lets go of it. Signals are the first one's affair: Ctrl-C,
 * and those of `timeout`, come to both.
 */
export async function toldByFirst<What>(): Promise<{ told: What; released: Promise<unknown> }> {
  process.on('SIGINT', () => {}).on('SIGTERM', () => {});
  const released = once(process as EventEmitter, 'disconnect');
  const [told] = (await once(process as EventEmitter, 'message')) as [What];
  return { told, released };
}

/** In the second process: tells the first, if there still is one. */
export function tellFirst(message: object): void {
  process.send?.(message, undefined, undefined, () => {}); // else its end would be an error of ours, before 'disconnect'
}
