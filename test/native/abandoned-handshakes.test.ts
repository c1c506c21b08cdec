/** Handshakes that are put off for a common signature when those who asked for them go away. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { TEST_ADDON_FOLDER } from '../support/test-addon.js';

function run(ending: string) {
  const addon = join(TEST_ADDON_FOLDER, 'build/Release/pqsock-test.node');
  const args = [join(__dirname, 'abandoned-handshakes.mjs'), addon, ending];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, signal, stderr, told: JSON.parse(stdout || '{}') };
}

it('process.exit ends the process while they are put off', () => {
  expect(run('exit')).toEqual({ status: 7, signal: null, stderr: '', told: { answered: expect.any(Number) } });
});

it.each([
  ['is terminated', 'terminate'],
  ['ends', 'leave'],
])('those of a worker that %s are dropped and wiped; what others have put off is signed', (_, ending) => {
  const { told, ...ended } = run(ending);
  expect(ended).toEqual({ status: 0, signal: null, stderr: '' });
  expect(told).toEqual({
    answered: expect.any(Number), // 0, unless the machine is so busy that they were signed before
    statuses: Array(10).fill(0),
    depths: [4], // 10 leaves
    signatures: expect.any(Number),
    freed: { some: true, found: 0 },
  });
  expect(told.signatures).toBeLessThanOrEqual(1 + 6); // that of the others, and the worker's long ones
});
