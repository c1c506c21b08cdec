/** The searches of `npm run test:model`, with the smaller bounds: README.md. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describeWithPrograms } from '../support/requirements.js';

const RUN = join(__dirname, 'run.mjs');
const TIMEOUT = 300_000;

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, '--built', '--short', ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { status, stdout, stderr };
}

describeWithPrograms(__filename, 'the model', () => {
  it(
    'has no attack on the protocol, and one on each weakened one that is said to have one',
    () => {
      const { status, stdout, stderr } = run();
      expect(stdout).toMatch(/\n\d{2} searches, \d+ s of the CPU; 0 not as they should be\n$/);
      expect([status, stderr.includes('error:')]).toEqual([0, false]);
    },
    TIMEOUT,
  );

  it('tells an attack step by step', () => {
    const { stdout } = run('no-kem_ct');
    expect(stdout).toContain('3 client 1 (A) gets a kem_ct (to everybody, of a secret of the attacker)');
    expect(stdout).toContain('4 wrong (secrecy)');
  });

  it('refuses what it does not know', () => {
    expect(run('no-such-search')).toMatchObject({ status: 1, stderr: expect.stringContaining('no-such-search') });
    expect(run('--wide')).toMatchObject({ status: 1, stderr: expect.stringContaining('--wide') });
  });
});
