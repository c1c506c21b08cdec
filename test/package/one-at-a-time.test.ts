/** The lock under which the package is packed for tests: one process at a time, and none that is gone. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MODULE = pathToFileURL(join(__dirname, '../../native/one-at-a-time.mjs')).href;

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The arguments of a Node that does something under the lock. */
const holding = (action: string): string[] => [
  '--input-type=module',
  '--eval',
  `import * as fs from 'node:fs';
   import { oneAtATime } from '${MODULE}';
   const sleep = (time) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);
   oneAtATime(${JSON.stringify(lock)}, () => { ${action} });`,
];
const start = (action: string): ChildProcess =>
  spawn(process.execPath, holding(action), { stdio: ['ignore', 'pipe', 2] });

it('lets in one at a time, and leaves nothing', async () => {
  const log = JSON.stringify(join(folder, 'log'));
  const action = `fs.appendFileSync(${log}, 'in '); sleep(20); fs.appendFileSync(${log}, 'out ')`;
  const ends = await Promise.all(Array.from({ length: 4 }, () => once(start(action), 'close')));
  expect(ends).toEqual(Array(4).fill([0, null]));
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('in out '.repeat(4));
  expect(readdirSync(folder)).toEqual(['log']);
});

it('is not kept by a process that was killed, whoever waits for it', async () => {
  const killed = start(`fs.writeSync(1, 'held'); sleep(60_000)`);
  await once(killed.stdout as NonNullable<typeof killed.stdout>, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'close');
  expect(readdirSync(folder)).toEqual(['lock']);

  const log = JSON.stringify(join(folder, 'log'));
  const action = `fs.appendFileSync(${log}, 'in '); sleep(20); fs.appendFileSync(${log}, 'out ')`;
  await Promise.all(Array.from({ length: 3 }, () => once(start(action), 'close')));
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('in out '.repeat(3));
});

it('is given back by one that fails', () => {
  const { status, stderr } = spawnSync(process.execPath, holding(`throw new Error('it is broken')`), {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('it is broken')]);
  expect(readdirSync(folder)).toEqual([]);
});

it('is waited for while its holder lives', () => {
  writeFileSync(lock, `${process.pid}`);
  const { signal } = spawnSync(process.execPath, holding(''), { timeout: 1_000 });
  expect(signal).toBe('SIGTERM');
  expect(readFileSync(lock, 'utf8')).toBe(`${process.pid}`);
});
