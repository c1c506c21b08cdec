/** `pqsock speed`, as a user runs it: what it says, not how fast it is. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Identity } from '../../lib/index.js';
import { Kem, Sig } from '../../lib/oqs.js';
import { Command } from '../support/command.js';

const MAIN = join(__dirname, '../../dist/bundle/main.js');

const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87', 'x25519mlkem1024-mldsa87'];
const OPERATIONS = [
  ...Kem.algorithms.flatMap((name) => ['keypair', 'encapsulate', 'decapsulate'].map((each) => `${name} ${each}`)),
  ...Sig.algorithms.flatMap((name) => ['keypair', 'sign', 'verify'].map((each) => `${name} ${each}`)),
];

interface Line {
  readonly event: string;
  readonly group?: string;
  readonly name?: string;
  readonly how?: string;
}

const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('measures each operation, records, handshakes in each suite and a stream, as JSON', async () => {
  const { code, stdout, stderr } = await new Command('speed', '--seconds', '1', '--json').end;
  expect([code, stderr]).toEqual([0, '']);
  const lines = linesOf(stdout);
  expect([lines[0], lines.at(-1)]).toMatchObject([{ event: 'start', seconds: 1 }, { event: 'end' }]);
  const figures = lines.slice(1, -1);
  const named = (group: string, how: RegExp) =>
    figures.filter((each) => each.group === group && how.test(each.how ?? '')).map(({ name }) => name);
  expect(named('algorithms', /^inline$/)).toEqual(OPERATIONS);
  expect(named('algorithms', /^\d+ at a time$/)).toEqual(OPERATIONS);
  expect(named('records', /memory/)).toEqual(['AES-256-GCM records, sealed', 'AES-256-GCM records, opened']);
  expect(named('handshakes', /^one at a time$/)).toEqual(SUITES);
  expect(named('handshakes', /^8 at a time$/)).toEqual(SUITES);
  expect(named('connections', /./)).toEqual(['a stream over 127.0.0.1']);
  expect(figures).toHaveLength(2 * OPERATIONS.length + 2 + 2 * SUITES.length + 1);
  for (const figure of figures) {
    expect(figure).toMatchObject({
      event: 'figure',
      slices: 9,
      unit: expect.stringMatching(/^operation|handshake|mega/),
    });
    const { perSecond, spreadPercent } = figure as unknown as Record<string, number>;
    expect(perSecond).toBeGreaterThan(0);
    expect(spreadPercent).toBeGreaterThanOrEqual(0);
  }
});

it('says the same in plain lines of at most 120 characters, where there is no terminal', async () => {
  const { code, stdout, stderr } = await new Command('speed', '--seconds', '1').end;
  expect([code, stderr]).toEqual([0, '']);
  const value = String.raw`[\d,.]+ (µs|ms) ± *[\d.]+ %  (inline|one at a time) +[\d,.]+/s ± *[\d.]+ %  \d+ at a time`;
  for (const name of [...OPERATIONS, ...SUITES]) expect(stdout).toMatch(new RegExp(`^${name} +${value}$`, 'm'));
  for (const name of ['sealed', 'opened', 'a stream over 127.0.0.1']) {
    expect(stdout).toMatch(new RegExp(`${name} +[\\d,.]+ MB/s ± *[\\d.]+ %`));
  }
  expect(stdout).toContain('A quick look of about 1 s');
  expect(stdout).toContain('`npm run bench`');
  expect(stdout).not.toMatch(/[^ -~\nµ±]|NaN|Infinity/);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});

it('ends when it is interrupted, with what was measured, and leaves no process behind', async () => {
  const child = spawn(process.execPath, [MAIN, 'speed', '--seconds', '300', '--json']);
  const errors = text(child.stderr); // ends when nobody has it any more, the other process neither
  const lines: Line[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line));
    if (lines.length === 1) child.kill('SIGINT');
  }
  const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode];
  expect(code).toBe(130);
  expect(lines.map(({ event }) => event)).toEqual(['start', 'end']);
  expect(await errors).not.toContain('    at ');
});

it('has a second process that leaves signals, which may be sent to both, to the first', async () => {
  const child = fork(MAIN, ['speed-server']);
  const exited = once(child, 'exit');
  child.send({ clients: [(await Identity.generate()).fingerprint] });
  await once(child, 'message');
  child.kill('SIGTERM');
  child.disconnect();
  expect(await exited).toEqual([0, null]);
});

it.each([
  [['--seconds', '0'], 'must be a number of seconds from 1'],
  [['more'], 'too many arguments'],
])('refuses %j with exit code 2', async (args, says) => {
  const { code, stdout, stderr } = await new Command('speed', ...args).end;
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(says);
});
