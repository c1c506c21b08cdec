// @ts-check
/** A process that takes part in a scenario, as the one that starts it sees it; answer.mjs is the other end. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { READY } from './answer.mjs';

/** In MiB: V8 leaves more garbage than that where it was, which would hide in RSS what is held. */
const YOUNG_GENERATION = 1;

/** Whoever ends, by itself or by a signal, takes them along. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill();
});

export class Actor {
  #program;
  #child;
  #gone;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  #ready;
  #asked = READY;
  #stderr = '';
  #dismissed = false;

  /** @param {string} program a file of this folder */
  constructor(program) {
    this.#program = program;
    this.#child = fork(fileURLToPath(new URL(program, import.meta.url)), {
      execArgv: ['--expose-gc', `--max-semi-space-size=${YOUNG_GENERATION}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    running.add(this.#child);
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    this.#child.on('message', (/** @type {any} */ { id, result }) => {
      this.#waiting.get(id)?.resolve(result);
      this.#waiting.delete(id);
    });
    this.#ready = this.#answerTo(READY);
    this.#ready.catch(() => {}); // whoever asks first hears of it
    this.#gone = once(this.#child, 'close').then(() => this.#fail());
  }

  /**
   * Has a command done.
   *
   * @param {string} command
   * @param {object} [argument]
   * @returns {Promise<any>}
   * @throws {Error} if the process has ended, or ends before it has answered
   */
  async ask(command, argument) {
    await this.#ready;
    if (!running.has(this.#child)) throw this.#error();
    this.#asked += 1;
    const answer = this.#answerTo(this.#asked);
    this.#child.send({ id: this.#asked, command, argument }, () => {}); // if that fails, it ends
    return answer;
  }

  /**
   * Ends the process; what was asked of it and not answered never is.
   *
   * @throws {Error} with what it wrote to stderr, if that is anything: a warning, or why it had ended before
   */
  async end() {
    this.#dismissed = true;
    this.#child.kill();
    await this.#gone;
    if (this.#stderr !== '') throw new Error(`${this.#program} wrote to stderr:\n${this.#stderr}`);
  }

  /**
   * @param {number} id
   * @returns {Promise<any>}
   */
  #answerTo(id) {
    return new Promise((resolve, reject) => void this.#waiting.set(id, { resolve, reject }));
  }

  #fail() {
    running.delete(this.#child);
    if (!this.#dismissed) for (const { reject } of this.#waiting.values()) reject(this.#error());
    this.#waiting.clear();
  }

  #error() {
    const { exitCode, signalCode } = this.#child;
    return new Error(`${this.#program} ended with ${signalCode ?? exitCode}\n${this.#stderr}`);
  }
}
