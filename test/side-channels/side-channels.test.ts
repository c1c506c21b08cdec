/** The short form of `npm run test:side-channels`, whose timing part reports and does not judge. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describeWithPrograms } from '../support/requirements.js';

const ROOT = join(__dirname, '../..');
/** The programs are built the first time, from liboqs on. */
const TIMEOUT = 300_000;

describeWithPrograms(__filename, 'side channels', () => {
  it(
    'has no branch and no address that depends on a secret',
    () => {
      expect(run('constant-time')).toContain(
        'answer of mlkem1024-mldsa87, reference code: nothing depends on a secret',
      );
    },
    TIMEOUT,
  );

  it(
    'has a timing that can be measured, and a planted leak that is seen',
    () => {
      expect(run('timing')).toMatch(/ML-KEM-1024, reference code: \d/);
    },
    TIMEOUT,
  );

  it(
    'leaves no secret of a closed connection in the memory of either side',
    () => {
      expect(run('core-dump').match(/found none/g)).toHaveLength(2);
    },
    TIMEOUT,
  );
});

/** What the check says; it throws if the check ends with another code than 0. */
function run(check: string): string {
  const script = join(__dirname, 'run.mjs');
  const options = { cwd: ROOT, encoding: 'utf8', stdio: 'pipe', timeout: TIMEOUT } as const;
  return execFileSync(process.execPath, [script, check, '--short'], options);
}
