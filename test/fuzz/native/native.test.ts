/** The native fuzz targets: every kept input, every finding of the past, and a few hundred that are new. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describeWithPrograms } from '../../support/requirements.js';

const RUN = join(__dirname, 'run.mjs');
/** The first build compiles liboqs with the sanitizers. */
const BUILD_TIMEOUT = 600_000;

describeWithPrograms(__filename, 'the native fuzz targets', () => {
  it(
    'find nothing from the kept corpus on',
    () => {
      const { status, stdout, stderr } = runTargets('--short');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const target of ['kem', 'sig', 'forgery', 'handshake', 'border', 'teardown']) {
        expect(stdout).toMatch(new RegExp(`${target} +│ [1-9]`));
      }
    },
    BUILD_TIMEOUT,
  );

  it('refuse arguments that they do not know, with a hint', () => {
    for (const wrong of [['--target', 'none'], ['--seconds', '0'], ['--unknown'], ['--reproduce', 'no-file']]) {
      const { status, stderr } = runTargets(...wrong);
      expect({ wrong, status, stderr }).toEqual({
        wrong,
        status: 2,
        stderr: expect.stringMatching(/^error: .+\nhint: /),
      });
    }
  });
});

function runTargets(...args: string[]) {
  return spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8', timeout: BUILD_TIMEOUT });
}
