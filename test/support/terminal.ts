/**
 * A reader's terminal: a shell in an empty folder, which is its HOME, on a network of its own with nothing but a
 * loopback, and with few programs, among which is no compiler.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { printed } from './transcript.js';

/** All that the documents use. */
const PROGRAMS = 'cat chmod cp curl env grep haproxy head ls mkdir mkfifo mv node npm npx psql redis-cli rm sed sh'
  .concat(' sha256sum tail tar tee touch uname')
  .split(' ');

/** What the shell prints when it has done the commands that it was given. */
const DONE = '\x1e';

/** In milliseconds: the longest that commands may take, and until they have printed what they should. */
const PATIENCE = 20_000;

export class Terminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'pqsock-reader-'));
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;
  /** What was printed since the last commands began. */
  #output = '';
  #commands = 0;
  #hasBackground = false;

  /** @param ports Unix sockets, by the ports of 127.0.0.1 that lead there */
  constructor(ports: Readonly<Record<number, string>>) {
    const bin = join(this.#folder, 'bin');
    const home = join(this.#folder, 'home');
    for (const folder of [bin, home]) mkdirSync(folder);
    for (const program of PROGRAMS) link(program, bin);
    const isolate = process.getuid?.() === 0 ? [] : ['--map-current-user', '--keep-caps'];
    const within = [process.execPath, join(__dirname, 'own-network.mjs'), JSON.stringify(ports), '/bin/sh', '-e'];
    this.#shell = spawn('unshare', [...isolate, '--net', '--pid', '--fork', '--kill-child', '--', ...within], {
      cwd: home,
      env: {
        HOME: home,
        PATH: process.env['PATH'],
        PATH_WITHIN: bin,
        npm_config_registry: `http://127.0.0.1:${REGISTRY_PORT}`,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#shell.stdin.on('error', () => {}); // the shell has ended, which is said where its output is waited for
    this.#shell.stdin.write('exec 2>&1\n');
    this.#ended = once(this.#shell, 'close');
    this.#shell.stdout.setEncoding('utf8').on('data', (text) => {
      this.#output += text;
    });
  }

  save(name: string, text: string): void {
    const path = join(this.#folder, 'home', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /**
   * Types commands.
   *
   * @param prints a page's text, to be waited for once something runs in the background, which may take its time
   * @throws Error if one fails, or does not print this
   */
  async run(commands: string, prints?: string): Promise<void> {
    this.#output = '';
    this.#commands += 1;
    this.#hasBackground ||= / &( |$)/m.test(commands);
    const wanted = prints === undefined ? /^/ : printed(prints, this.#hasBackground);
    const file = join(this.#folder, `${this.#commands}.sh`);
    writeFileSync(file, commands);
    this.#shell.stdin.write(`. ${file} </dev/null\nprintf '${DONE}'\n`);
    const problem = await this.#problemUntil(wanted);
    if (problem === undefined) return;
    throw new Error(`${problem}:\n${commands}\nwanted:\n${prints ?? 'anything'}\nprinted:\n${this.#printed}`);
  }

  /** @returns why there is nothing to wait for any more, or undefined if all is there */
  async #problemUntil(wanted: RegExp): Promise<string | undefined> {
    const late = once(AbortSignal.timeout(PATIENCE), 'abort').then(
      () => 'these commands take too long, or have printed something else',
    );
    const ended = this.#ended.then(() => 'one of these commands has failed');
    for (;;) {
      const isDone = this.#output.includes(DONE);
      if (isDone && wanted.test(this.#printed)) return undefined;
      if (isDone && !this.#hasBackground) return 'these commands have printed something else';
      const problem = await Promise.race([once(this.#shell.stdout, 'data').then(() => undefined), ended, late]);
      if (problem !== undefined) return problem;
    }
  }

  get #printed(): string {
    return `${this.#output.replace(DONE, '')}\n`;
  }

  /** Ends all that was started. */
  async close(): Promise<void> {
    this.#shell.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#folder, { recursive: true });
  }
}

/** Where npm looks for packages. */
export const REGISTRY_PORT = 4873;

function link(program: string, folder: string): void {
  const places = [dirname(process.execPath), ...(process.env['PATH'] ?? '').split(delimiter)];
  const place = places.find((place) => existsSync(join(place, program)));
  if (place !== undefined) symlinkSync(join(place, program), join(folder, program));
}
