/** `pqsock demo`, as a user runs it: built, in processes of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = join(__dirname, '../../dist/bundle/main.js');

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

const SIZES = {
  'kyber1024-dilithium5': [2643, 8807, 6240, 68],
  'mlkem1024-mldsa87': [2643, 8839, 6272, 68],
  'x25519mlkem1024-mldsa87': [2643, 8871, 6304, 68],
};

const numbersTo18 = Array.from({ length: 18 }, (_, i) => i + 1);

describe('pqsock demo', () => {
  it('takes the 18 steps in order and moves 64 MiB between two processes, and leaves no file behind', async () => {
    const { status, stdout, stderr } = await run('demo', '--json');
    expect([status, stderr]).toEqual([0, '']);
    const [start, ...events] = lines(stdout);
    expect(start).toMatchObject({ event: 'start', profile: 'hardened' });
    expect(start.processes.server).not.toBe(start.processes.client);
    const steps = events.filter(({ event }) => event === 'step');
    expect(steps.map(({ step }) => step)).toEqual(numbersTo18);
    const messages = steps.filter(({ message }) => message !== undefined).map(({ by, message }) => [...by, message]);
    expect(messages).toEqual([
      ['server', 'ServerHello'],
      ['client', 'ClientHello, ClientKem, ClientAuth'],
      ['server', 'ServerKem, ServerAuth, ServerFinished'],
      ['client', 'ClientFinished'],
    ]);
    const summary = events.at(-1);
    expect(summary).toMatchObject({ event: 'summary', same: true, bytes: 64 * 2 ** 20, profile: 'hardened' });
    expect(summary.handshakeTime).toBe(steps.at(-1).milliseconds);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(Object.entries(SIZES))('has the sizes of PROTOCOL.md in %s', async (suite, sizes) => {
    const { status, stdout } = await run('demo', '--json', '--suite', suite, '--file', MAIN);
    expect(status).toBe(0);
    const events = lines(stdout);
    expect(events.map(({ bytes, event }) => event === 'step' && bytes).filter(Number)).toEqual(sizes);
    const signature = suite === 'kyber1024-dilithium5' ? 'dilithium5' : 'mldsa87';
    expect(events.at(-1)).toMatchObject({ same: true, suite, client: expect.stringContaining(`:${signature}:`) });
  });

  it('shows the seed profile when it is asked for', async () => {
    const { status, stdout } = await run('demo', '--json', '--profile', 'seed', '--file', MAIN);
    expect(status).toBe(0);
    const steps = lines(stdout).filter(({ event }) => event === 'step');
    expect(steps.map(({ step }) => step)).toEqual(numbersTo18);
    const sizes = steps.filter(({ bytes }) => bytes !== undefined).map(({ message, bytes }) => [message, bytes]);
    expect(sizes).toEqual([
      ['b_sig_pk', 2596],
      ['a_sig_pk', 2596],
      ['kem_pk, kem_signature', 6171],
      ['kem_ct, ct_signature', 6171],
    ]);
    expect(lines(stdout).at(-1)).toMatchObject({ same: true, profile: 'seed' });
  });

  it('sends a file of the user’s, also an empty one', async () => {
    const path = join(folder, 'nothing.txt');
    writeFileSync(path, '');
    const { status, stdout } = await run('demo', '--json', '--file', path);
    expect(status).toBe(0);
    expect(lines(stdout).at(-1)).toMatchObject({ same: true, bytes: 0, file: 'nothing.txt' });
  });

  const refusals = (stdout: string) =>
    lines(stdout)
      .filter(({ event }) => event === 'tamper')
      .map(({ refused, code, afterStep }) => [refused, code, afterStep]);

  const FIVE_REFUSALS = [
    [true, 'PQ_ERR_UNTRUSTED', 3],
    [true, 'PQ_ERR_AUTH_FAILED', 12],
    [true, 'PQ_ERR_BAD_RECORD', 18],
    [true, 'PQ_ERR_BAD_RECORD', 18],
    [true, 'PQ_ERR_TRUNCATED', 18],
  ];

  it('shows the man in the middle being refused five times', async () => {
    const { status, stdout } = await run('demo', '--json', '--tamper');
    expect(refusals(stdout)).toEqual(FIVE_REFUSALS);
    expect(status).toBe(0);
  });

  it.each(Object.keys(SIZES))('shows it in %s, with a file that is sent before he is noticed', async (suite) => {
    const { status, stdout, stderr } = await run('demo', '--json', '--tamper', '--suite', suite, '--file', MAIN);
    expect(refusals(stdout)).toEqual(FIVE_REFUSALS);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('shows him being refused three times in the seed profile', async () => {
    const { status, stdout } = await run('demo', '--json', '--tamper', '--profile', 'seed');
    expect(refusals(stdout)).toEqual([
      [true, 'PQ_ERR_UNTRUSTED', 4],
      [true, 'PQ_ERR_AUTH_FAILED', 15],
      [true, 'PQ_ERR_BAD_RECORD', 18],
    ]);
    expect(status).toBe(0);
  });

  it('writes plain lines of at most 120 characters where there is no terminal', async () => {
    const { stdout } = await run('demo', '--file', MAIN);
    expect(stdout).toContain('18  C+S  both have the traffic keys');
    expect(stdout).toMatch(/^ 7 {2}C→S .* 8,807 B .* ClientHello, ClientKem, ClientAuth$/m);
    expect(stdout).toMatch(
      /^suite +kyber1024-dilithium5\nprotection +Dilithium5 \(both sides\) · Kyber1024 · AES-256-GCM$/m,
    );
    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('\r');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('names a file that it can’t read, and the remedy', async () => {
    const { status, stderr } = await run('demo', '--file', join(folder, 'missing'));
    expect(status).toBe(3);
    expect(stderr).toMatch(/^error: .*missing can't be read: ENOENT\nhint: /);
  });

  it('answers a wrong command line with exit code 2', async () => {
    expect((await run('demo', '--fast')).status).toBe(2);
    expect((await run('dance')).status).toBe(2);
  });

  it.each([
    [['--profile', 'sead'], 'Allowed choices are hardened, seed.'],
    [['--suite', 'rsa'], `Allowed choices are ${Object.keys(SIZES).join(', ')}.`],
    [['--profile', 'seed', '--suite', 'kyber1024-dilithium5'], 'hint: leave out --suite, or --profile'],
  ])('refuses %j with exit code 2, and says what there is', async (args, says) => {
    const { status, stdout, stderr } = await run('demo', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(says);
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
