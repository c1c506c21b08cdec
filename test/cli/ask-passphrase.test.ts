/** Passphrases that are asked for: the built command on a pseudo-terminal, which `script` makes. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Identity, readIdentity, writeIdentity } from '../../lib/index.js';
import { describeWithPrograms } from '../support/requirements.js';

const MAIN = join(__dirname, '../../dist/bundle/main.js');
/** Its process by its id; afterwards how it ended, and what the terminal is like. */
const SHELL = `trap : INT; sh -c 'echo process $$; exec "$@"' sh "$@"; printf '\\nended %s\\n' $?; stty -a`;

/** All that the terminal shows, and what is typed into it. */
class Screen {
  shown = '';
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(folder: string, args: readonly string[]) {
    const quoted = [process.execPath, MAIN, ...args].map((text) => `'${text}'`).join(' ');
    const env = { ...process.env, SHELL: '/bin/sh' };
    this.#child = spawn('script', ['-qec', `set -- ${quoted}; ${SHELL}`, '/dev/null'], { cwd: folder, env });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.shown += text;
    });
  }

  /** The first match from there on. */
  async see(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.shown.slice(from));
      if (found !== null) return found;
      await once(this.#child.stdout, 'data');
    }
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const [, pid] = await this.see(/process (\d+)/);
    process.kill(Number(pid), signal);
  }

  /** How it ended, once the terminal has been looked at. */
  async end(): Promise<number> {
    const [, status] = await this.see(/ended (\d+)[\s\S]* -?echoprt/);
    return Number(status);
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

describeWithPrograms(__filename, 'a passphrase that is asked for', () => {
  let folder: string;
  let screen: Screen;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pqsock-ask-'));
  });
  afterEach(() => {
    screen.stop();
    rmSync(folder, { recursive: true });
  });

  const start = (...args: string[]): Screen => {
    screen = new Screen(folder, args);
    return screen;
  };
  const key = () => join(folder, 'a.pem');
  const expectRestored = () => {
    expect(screen.shown).toMatch(/ icanon /);
    expect(screen.shown).toMatch(/ echo /);
  };

  it.each([
    ['--passphrase', []],
    ['--passphrase-file', ['-']],
    ['--passphrase-fd', ['0']],
  ])('with %s is typed twice for a new key, is not shown, and the terminal is as before', async (option, value) => {
    start('keygen', '--out', 'a.pem', option, ...value);
    await screen.see(/passphrase of a\.pem: /);
    screen.type('open sesame\r');
    await screen.see(/the same again: /);
    screen.type('open sesame\r');
    expect(await screen.end()).toBe(0);
    expect(screen.shown).not.toContain('sesame');
    expect(screen.shown).toContain('a.pem, encrypted');
    expectRestored();
    await readIdentity(key(), { passphrase: 'open sesame' });
  });

  it('can be corrected, a whole character at a time, and begun again', async () => {
    start('keygen', '--out', 'a.pem', '--passphrase');
    await screen.see(/passphrase of a\.pem: /);
    screen.type('wrong\x15opén\x7f\x7fen sesame\r');
    await screen.see(/the same again: /);
    screen.type('open sesame\r');
    expect(await screen.end()).toBe(0);
    await readIdentity(key(), { passphrase: 'open sesame' });
  });

  it('and that is not the same the second time, makes no key', async () => {
    start('keygen', '--passphrase');
    await screen.see(/passphrase of identity\.pem: /);
    screen.type('open sesame\ropen sesam\r'); // both at once
    expect(await screen.end()).toBe(1);
    expect(screen.shown).toMatch(/error: the passphrases are not the same\r\nhint: /);
    expect(readdirSync(folder)).toEqual([]);
    expectRestored();
  });

  it.each<[string, () => void | Promise<void>, number]>([
    ['Ctrl-C', () => screen.type('ab\x03'), 130],
    ['Ctrl-D', () => screen.type('\x04'), 130],
    ['SIGINT', () => screen.signal('SIGINT'), 130],
    ['SIGTERM', () => screen.signal('SIGTERM'), 143],
  ])('leaves the terminal as it was after %s, and no key', async (_, interrupt, code) => {
    start('keygen', '--passphrase');
    await screen.see(/passphrase of identity\.pem: /);
    await interrupt();
    expect(await screen.end()).toBe(code);
    expect(screen.shown).toContain('error: no passphrase was given');
    expectRestored();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is asked for by fingerprint', async () => {
    const identity = await Identity.generate();
    await writeIdentity(key(), identity, { passphrase: 'open sesame' });
    start('fingerprint', 'a.pem');
    await screen.see(/passphrase of a\.pem: /);
    screen.type('open sesame\r');
    expect(await screen.end()).toBe(0);
    expect(screen.shown).toContain(`\r\n${identity.fingerprint}\r\n`);
    expect(screen.shown).not.toContain('sesame');
  });

  describe('by tunnel', () => {
    const args = ['tunnel', '--listen', 'pq://127.0.0.1:0', '--to', 'unix:/a', '--identity'];
    let identity: Identity;
    beforeEach(async () => {
      identity = await Identity.generate();
      await writeIdentity(key(), identity, { passphrase: 'open sesame' });
    });

    it('is asked for once, at the start, and then the terminal is as before', async () => {
      start(...args, key(), '--trust', identity.fingerprint);
      await screen.see(/passphrase of .*a\.pem: /);
      screen.type('open sesame\r');
      await screen.see(/listening: /);
      await screen.signal('SIGHUP');
      await screen.see(/reloaded: tunnels=1/);
      screen.type('\x03'); // which the terminal makes a signal of again
      await screen.see(/draining: /);
      expect(await screen.end()).toBe(0);
      expect(screen.shown.match(/passphrase of/g)).toHaveLength(1);
      expect(screen.shown).not.toContain('sesame');
      expectRestored();
    });

    it('is asked for of each key, one after the other', async () => {
      const other = join(folder, 'b.pem');
      await writeIdentity(other, await Identity.generate({ algorithm: 'ML-DSA-87' }), { passphrase: 'open barley' });
      start(...args, key(), '--identity', other, '--trust', identity.fingerprint);
      const [question, first] = await screen.see(/passphrase of .*([ab])\.pem: /);
      const answers = ['open sesame\r', 'open barley\r'];
      if (first === 'b') answers.reverse();
      screen.type(answers[0] as string);
      const second = first === 'a' ? /passphrase of .*b\.pem: / : /passphrase of .*a\.pem: /;
      await screen.see(second, screen.shown.indexOf(question) + question.length);
      screen.type(answers[1] as string);
      await screen.see(/listening: /);
      await screen.signal('SIGTERM');
      expect(await screen.end()).toBe(0);
    });

    it('ends the command if it is wrong', async () => {
      start(...args, key(), '--trust', identity.fingerprint);
      await screen.see(/passphrase of .*a\.pem: /);
      screen.type('open sesam\r');
      expect(await screen.end()).toBe(3);
      expect(screen.shown).toContain('PQ_ERR_PASSPHRASE_WRONG');
      expectRestored();
    });
  });
});
