/** `pqsock demo`, as a user runs it: built, in processes of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = join(__dirname, '../../dist/cli/main.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: folder } });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: status as number, stdout, stderr };
}

const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('pqsock demo', () => {
  it('takes the 18 steps in order and moves 64 MiB between two processes, and leaves no file behind', async () => {
    const { status, stdout } = await run('demo', '--json');
    expect(status).toBe(0);
    const [start, ...events] = lines(stdout);
    expect(start.processes.server).not.toBe(start.processes.client);
    const steps = events.filter(({ event }) => event === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
    const sizes = steps.filter(({ bytes }) => bytes !== undefined).map(({ message, bytes }) => [message, bytes]);
    expect(sizes).toEqual([
      ['b_sig_pk', 2596],
      ['a_sig_pk', 2596],
      ['kem_pk, kem_signature', 6171],
      ['kem_ct, ct_signature', 6171],
    ]);
    expect(events.at(-1)).toMatchObject({ event: 'summary', same: true, bytes: 64 * 2 ** 20 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('sends a file of the user’s, also an empty one', async () => {
    const path = join(folder, 'nothing.txt');
    writeFileSync(path, '');
    const { status, stdout } = await run('demo', '--json', '--file', path);
    expect(status).toBe(0);
    expect(lines(stdout).at(-1)).toMatchObject({ same: true, bytes: 0, file: 'nothing.txt' });
  });

  it('shows three men in the middle being refused', async () => {
    const { status, stdout } = await run('demo', '--json', '--tamper');
    expect(status).toBe(0);
    const results = lines(stdout).filter(({ event }) => event === 'tamper');
    expect(results.map(({ refused, code, afterStep }) => [refused, code, afterStep])).toEqual([
      [true, 'PQ_ERR_UNTRUSTED', 4],
      [true, 'PQ_ERR_AUTH_FAILED', 15],
      [true, 'PQ_ERR_BAD_RECORD', 18],
    ]);
  });

  it('writes plain lines where there is no terminal', async () => {
    const { stdout } = await run('demo', '--file', MAIN);
    expect(stdout).toContain('18  C+S  both have the shared secret');
    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('\r');
  });

  it('names a file that it can’t read, and the remedy', async () => {
    const { status, stderr } = await run('demo', '--file', join(folder, 'missing'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*missing can't be read: ENOENT\nhint: /);
  });

  it('answers a wrong command line with exit code 2', async () => {
    expect((await run('demo', '--fast')).status).toBe(2);
    expect((await run('dance')).status).toBe(2);
  });

  it('shows examples in its help', async () => {
    const { status, stdout } = await run('demo', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('examples:');
  });

  it('tidies up when it is interrupted', async () => {
    const child = spawn(process.execPath, [MAIN, 'demo', '--json'], { env: { ...process.env, TMPDIR: folder } });
    const serverPid = await new Promise<number>((resolve) => {
      child.stdout.once('data', (line) => resolve(JSON.parse(String(line).split('\n')[0] as string).processes.server));
    });
    child.kill('SIGINT');
    await once(child, 'close');
    while (isRunning(serverPid)) await new Promise((resolve) => setImmediate(resolve));
    expect(readdirSync(folder)).toEqual([]);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
