// @ts-check
/** An empty folder in which the package is installed and used, with a PATH that has no compiler. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url));

/**
 * What runs a program: `[program, ...its own arguments]`, what it needs in its environment, and whether its output has to
 * go to files.
 */
/** @typedef {{ command: string[], env?: Record<string, string>, files?: boolean }} Runtime */

/** In milliseconds: an emulated handshake takes a few seconds. */
const PATIENCE = 180_000;

export class Application {
  /**
   * @param {string} folder is emptied
   * @param {string} registry
   */
  constructor(folder, registry) {
    this.folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'bin'), { recursive: true });
    for (const name of ['sh', 'env', 'uname']) symlinkSync(join('/bin', name), join(folder, 'bin', name));
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    writeFileSync(join(folder, '.npmrc'), `registry=${registry}\nupdate-notifier=false\n`);
    for (const name of ['exchange.cjs', 'esm.mjs', 'cjs.cjs']) copyFileSync(join(PROGRAMS, name), join(folder, name));
    /** @type {Record<string, string>} */
    this.env = { PATH: join(folder, 'bin'), HOME: folder, TMPDIR: folder, NO_COLOR: '1' };
  }

  /**
   * Puts a program on the PATH.
   *
   * @param {string} name
   * @param {string} path
   */
  link(name, path) {
    symlinkSync(path, join(this.folder, 'bin', name));
  }

  /**
   * Runs a program to its end.
   *
   * @param {string[]} command
   * @param {Record<string, string>} [env]
   * @returns {Promise<string>} what it has written to stdout
   */
  async run([program = '', ...args], env = {}) {
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (code === 0) return stdout;
    throw new Error(`${[program, ...args].join(' ')}: ${signal ?? `exit code ${code}`}\n${stderr}${stdout}`);
  }

  /**
   * A handshake and 4 MiB there and back between two processes, which may run on different platforms.
   *
   * @param {Runtime} server
   * @param {Runtime} [client]
   * @param {string} [program]
   * @returns {Promise<{ addon: { path: string, prebuilt: boolean, records: string }, cipher: string }>} the client's
   */
  async exchange(server, client = server, program = 'esm.mjs') {
    if (server.files === true) return this.#exchangeByFiles(server, program);
    if (!existsSync(join(this.folder, 'server.pem'))) {
      await this.run([...client.command, program, 'keys'], client.env);
    }
    const [file = '', ...args] = [...server.command, program, 'serve'];
    const env = { ...this.env, ...server.env };
    const serving = spawn(file, args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    serving.stderr.setEncoding('utf8').on('data', (chunk) => {
      errors += chunk;
    });
    const ended = once(serving, 'close');
    const limit = globalThis.setTimeout(() => serving.kill('SIGKILL'), PATIENCE);
    try {
      const line = await Promise.race([once(createInterface({ input: serving.stdout }), 'line'), ended.then(() => [])]);
      if (typeof line[0] !== 'string') throw new Error(`the server did not begin: ${errors}`);
      const printed = await this.run(
        [...client.command, program, 'connect', String(JSON.parse(line[0]).port)],
        client.env,
      );
      const result = checked(printed.trim().split('\n').at(-1) ?? '');
      const [code] = await ended;
      if (code !== 0) throw new Error(`the server ended with ${code}: ${errors}`);
      return result;
    } finally {
      clearTimeout(limit);
      serving.kill('SIGKILL');
    }
  }
  /**
   * The same where a program has no pipes.
   *
   * @param {Runtime} runtime
   * @param {string} program
   */
  async #exchangeByFiles({ command, env = {} }, program) {
    const start = (/** @type {string[]} */ ...args) => {
      const output = join(this.folder, `${args[0]}.log`);
      const file = openSync(output, 'w');
      const [name = '', ...rest] = [...command, program, ...args];
      const options = { cwd: this.folder, env: { ...this.env, ...env }, timeout: PATIENCE };
      const child = spawn(name, rest, { ...options, killSignal: 'SIGKILL', stdio: ['ignore', file, file] });
      closeSync(file);
      return { ended: once(child, 'close'), child, printed: () => readFileSync(output, 'utf8') };
    };
    const keys = start('keys');
    const [code] = await keys.ended;
    if (code !== 0) throw new Error(`no keys: ${keys.printed()}`);
    const server = start('serve');
    try {
      while (!/"port":\d+\}/.test(server.printed()) && server.child.exitCode === null) await setTimeout(100);
      const [, port = ''] = /"port":(\d+)\}/.exec(server.printed()) ?? [];
      const client = start('connect', port);
      await client.ended;
      const [, line] = /^(\{"bytes".*\})\s*$/m.exec(client.printed()) ?? [];
      if (line === undefined) throw new Error(`${client.printed()}\n${server.printed()}`);
      return checked(line);
    } finally {
      server.child.kill('SIGKILL');
    }
  }
}

/**
 * What the client has printed, if all is right.
 *
 * @param {string} line
 */
function checked(line) {
  const result = JSON.parse(line);
  if (result.bytes !== 4 * 1024 * 1024 || !result.same) throw new Error(`other data came back: ${line}`);
  if (!result.addon.prebuilt) throw new Error(`not a prebuilt addon: ${result.addon.path}`);
  return result;
}
