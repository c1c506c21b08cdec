/** Chromium without a window, told what to do over two pipes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the browser says about many things
  readonly [member: string]: any;
}

export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), 'pqsock-browser-'));
  readonly #child: ChildProcess;
  /** Answers by their number, and events by their name. */
  readonly #told = new EventEmitter();
  #asked = 0;
  #text = '';
  /** The page that is shown. */
  #session: string | undefined;
  /** What the page has asked for, and what has gone wrong in it. */
  readonly requests: string[] = [];
  readonly problems: string[] = [];

  private constructor() {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-pipe'];
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.#child = spawn('chromium', [...flags, `--user-data-dir=${this.#folder}`, 'about:blank'], {
      stdio: [...stdio],
    });
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#hear(text));
  }

  static async start(): Promise<Browser> {
    const browser = new Browser();
    const { targetId } = await browser.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#ask('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.#ask(`${domain}.enable`);
    return browser;
  }

  async show(url: string): Promise<void> {
    const loaded = once(this.#told, 'Page.loadEventFired');
    await this.#ask('Page.navigate', { url });
    await loaded;
  }

  /** Resolves when an expression gives what it should, which is looked at whenever something in the page changes. */
  async becomes(expression: string, value: string): Promise<void> {
    const watch = `new Promise((resolve) => {
      const look = () => { if (String(${expression}) === ${JSON.stringify(value)}) resolve(); };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    })`;
    await this.#ask('Runtime.evaluate', { expression: watch, awaitPromise: true });
  }

  async valueOf(expression: string): Promise<unknown> {
    return (await this.#ask('Runtime.evaluate', { expression, returnByValue: true })).result.value;
  }

  async close(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#session = undefined;
    void this.#ask('Browser.close');
    await closed;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  // biome-ignore lint/suspicious/noExplicitAny: each method has an answer of its own
  async #ask(method: string, params: object = {}): Promise<any> {
    this.#asked += 1;
    const message = { id: this.#asked, method, params, sessionId: this.#session };
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    const [{ result, error }] = await once(this.#told, String(message.id));
    if (error !== undefined || result.exceptionDetails !== undefined)
      throw new Error(`${method}: ${JSON.stringify(error ?? result)}`);
    return result;
  }

  #hear(text: string): void {
    const messages = (this.#text + text).split('\0');
    this.#text = messages.pop() as string;
    for (const one of messages) {
      const { id, method, params, ...rest }: Message = JSON.parse(one);
      this.#told.emit(String(id ?? method), rest);
      if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
      if (method === 'Runtime.exceptionThrown') this.problems.push(JSON.stringify(params.exceptionDetails));
      if (method === 'Log.entryAdded') this.problems.push(params.entry.text);
    }
  }
}
