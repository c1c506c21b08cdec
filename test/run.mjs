// @ts-check
/** `npm test`: looks for the programs of test/requirements.json, runs Jest, and says which suites were not run. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingPrograms } from './missing-programs.mjs';

const TEST = dirname(fileURLToPath(import.meta.url));

/** In milliseconds: a test that leaves something open must not keep everybody waiting. */
const TIME_LIMIT = 30 * 60_000;

/** What is said of a suite that is not run: what to install for it. */
/** @type {Record<string, string>} */
const missing = {};
/** Suites for which nothing can be installed: they are no failure in CI either. */
/** @type {string[]} */
const leftOut = [];
for (const { program, debian, suites } of missingPrograms()) {
  const remedy = debian.length === 0 ? `needs ${program}` : `install ${program} (Debian: ${debian.join(', ')})`;
  if (debian.length === 0) leftOut.push(...suites);
  for (const suite of suites) missing[suite] = missing[suite] === undefined ? remedy : `${missing[suite]}, ${remedy}`;
}

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status, signal } = spawnSync(process.execPath, [jest, ...process.argv.slice(2), ...ignoring(leftOut)], {
  cwd: dirname(TEST),
  stdio: 'inherit',
  timeout: TIME_LIMIT,
  env: {
    ...process.env,
    PQSOCK_TEST_MISSING: JSON.stringify(missing),
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --disable-warning=PQSOCK_SEED_PROFILE`.trim(),
  },
});
if (signal !== null)
  process.stderr.write(`the tests were ended by ${signal}; they may take ${TIME_LIMIT / 60_000} minutes\n`);
for (const [suite, remedy] of Object.entries(missing)) process.stderr.write(`not run: test/${suite}: ${remedy}\n`);
process.exit(status ?? 1);

/** @param {string[]} suites */
function ignoring(suites) {
  return suites.flatMap((suite) => ['--testPathIgnorePatterns', `/test/${suite.replaceAll('.', '\\.')}`]);
}
