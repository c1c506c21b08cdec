// @ts-check
/** `npm test`: looks for the programs of test/requirements.json, runs Jest, and says which suites were not run. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ program: string, check: string, debian: string[], suites: string[] }} Requirement */

const TEST = dirname(fileURLToPath(import.meta.url));

/** In milliseconds: a test that leaves something open must not keep everybody waiting. */
const TIME_LIMIT = 30 * 60_000;

// Where Debian has servers: it is on the PATH of root alone.
process.env['PATH'] += `${delimiter}/usr/sbin`;

/** @type {Record<string, string>} */
const missing = {};
for (const { program, check, debian, suites } of readRequirements()) {
  if (spawnSync('sh', ['-c', check], { stdio: 'ignore' }).status === 0) continue;
  const remedy = `install ${program} (Debian: ${debian.join(', ')})`;
  for (const suite of suites) missing[suite] = missing[suite] === undefined ? remedy : `${missing[suite]}, ${remedy}`;
}

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status, signal } = spawnSync(process.execPath, [jest, ...process.argv.slice(2)], {
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

/** @returns {Requirement[]} */
function readRequirements() {
  return JSON.parse(readFileSync(join(TEST, 'requirements.json'), 'utf8'));
}
