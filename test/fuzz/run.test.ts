/** `npm run fuzz` itself: the build with counters, a worker, the table, inputs of the past, wrong arguments. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

it('runs a target, and sees which blocks of lib/ that runs', () => {
  const { status, stdout, stderr } = run('--target', 'decoders', '--runs', '500', '--seed', '1');
  const [, findings, runs, blocks] = /^decoders +(\d+) +(\d+) +\d+ +\d+ +(\d+) +-?\d+$/m.exec(stdout) ?? [];
  expect({ status, stderr, findings, runs }).toEqual({ status: 0, stderr: '', findings: '0', runs: '500' });
  expect(Number(blocks)).toBeGreaterThan(50);
});

it('says what one input finds', () => {
  const { status, stdout } = run('--target', 'server', '--reproduce', 'test/fuzz/crashes/server/bytes-after-the-end');
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^server: .*bytes-after-the-end finds nothing\n$/)]);
});

it.each([
  [['--target', 'none']],
  [['--seconds', '0']],
  [['--unknown']],
  [['--target', 'keys', '--reproduce', 'no-file']],
])('refuses %j, with a hint', (wrong) => {
  const { status, stderr } = run(...wrong);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: .+\nhint: .+\n$/)]);
});

/** The package is built: `npm test` has seen to that. */
function run(...args: string[]) {
  const cwd = join(__dirname, '..', '..');
  return spawnSync(process.execPath, ['test/fuzz/run.mjs', '--built', ...args], { cwd, encoding: 'utf8' });
}
