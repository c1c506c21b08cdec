// @ts-check
/**
 * `npm run check`: everything that CI runs but the installing; closes with the tests' totals on a line.
 * `npm run check -- types Biome` runs these alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TOTALS = join(ROOT, 'build', 'test-totals.json');

/** What runs: a name, and a command line. The tests first, as a newcomer would run them. */
/** @type {[string, string, string[]][]} */
const CHECKS = [
  ['tests', 'npm', ['test', '--silent', '--', '--json', `--outputFile=${TOTALS}`]],
  ['sanitizers', 'npm', ['run', '--silent', 'test:sanitizers']],
  ['Biome', process.execPath, [binOf('@biomejs/biome', 'biome'), 'ci', '.']],
  ['clang-format', process.execPath, [join(ROOT, 'native', 'format.mjs')]],
  ['workflows', process.execPath, [join(ROOT, '.ci', 'workflows.mjs')]],
  ['examples', process.execPath, [join(ROOT, '.ci', 'examples.mjs')]],
  ['types', process.execPath, [binOf('typescript', 'tsc'), '-p', 'tsconfig.json']],
  ['reference', 'npm', ['run', '--silent', 'docs']],
  ['platforms', 'npm', ['run', '--silent', 'test:platforms', '--', '--host']],
  ['bench', process.execPath, [join(ROOT, 'bench', 'run.mjs'), '--check', '--offline']],
];

const wanted = process.argv.slice(2);
const names = CHECKS.map(([name]) => name);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`error: no check ${unknown.join(', ')}\nhint: there are ${names.join(', ')}\n`);
  process.exit(1);
}
const chosen = CHECKS.filter(([name]) => wanted.length === 0 || wanted.includes(name));

mkdirSync(dirname(TOTALS), { recursive: true });
rmSync(TOTALS, { force: true }); // the last run's totals are not this one's
const failed = chosen
  .filter(([name, program, args]) => {
    process.stdout.write(`\n== ${name}\n`);
    return spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' }).status !== 0;
  })
  .map(([name]) => name);

process.stdout.write(`\n${failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`}\n`);
if (chosen.some(([name]) => name === 'tests')) process.stdout.write(`${totals()}\n`);
process.exit(failed.length === 0 ? 0 : 1);

/** Jest's totals, a suite that could not even begin counted as a failure; a run that left none has failed. */
function totals() {
  try {
    const report = JSON.parse(readFileSync(TOTALS, 'utf8'));
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = report;
    const skipped = numPendingTests === 0 ? '' : `, ${numPendingTests} skipped`;
    return `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed${skipped}`;
  } catch {
    return '0 passed, 1 failed';
  }
}

/**
 * @param {string} name
 * @param {string} bin
 */
function binOf(name, bin) {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${name}/package.json`);
  const { bin: bins } = require(manifest);
  return join(dirname(manifest), typeof bins === 'string' ? bins : bins[bin]);
}
