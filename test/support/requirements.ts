/** Suites that need programs: test/requirements.json says which, and run.mjs has looked for them. */
import { relative } from 'node:path';

/** What {@link describeWithPrograms} is told by the environment: the suites that can't run, and what is missing. */
export const MISSING_VARIABLE = 'PQSOCK_TEST_MISSING';

/**
 * `describe`, or, if a program of the suite's row in test/requirements.json is missing, a skipped suite whose name
 * says what to install; with `CI` set a suite that fails, on Linux, where .ci/run installs what is needed.
 */
export function describeWithPrograms(file: string, title: string, body: () => void): void {
  const suite = relative(`${__dirname}/..`, file).replaceAll('\\', '/');
  const missing: Record<string, string> = JSON.parse(process.env[MISSING_VARIABLE] ?? '{}');
  const remedy = missing[suite];
  if (remedy === undefined) describe(title, body);
  else if (process.env['CI'] === undefined || process.platform !== 'linux')
    describe.skip(`${title}: not run, ${remedy}`, body);
  else {
    describe(title, () => {
      it('has the programs that it needs', () => {
        throw new Error(`not run, ${remedy}: with CI set every program must be there`);
      });
    });
  }
}
