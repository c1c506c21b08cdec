// @ts-check
/** `npm run bench`: times the primitives and prints tables; see README.md. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBreakdown, measureBreakdown } from './breakdown.mjs';
import { startLiboqs } from './contenders/liboqs.mjs';
import { describeEnvironment, formatEnvironment } from './environment.mjs';
import { makeMaterials } from './material.mjs';
import { parseOptions, USAGE } from './options.mjs';
import { formatReport } from './report.mjs';
import { measure } from './rounds.mjs';
import { makeCases } from './tasks.mjs';

/**
 * @typedef {import('./contenders/liboqs.mjs').Liboqs} Liboqs
 * @typedef {import('./options.mjs').Options} Options
 */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const options = readOptions();
if (options.help) process.stdout.write(USAGE);
else await main(options);

/** @param {Options} options */
async function main(options) {
  const built = spawnSync(process.execPath, [join(ROOT, 'native', 'build.mjs'), '--bench'], { stdio: 'inherit' });
  if (built.status !== 0) process.exit(1);
  const liboqs = await startLiboqs(join(ROOT, 'build', 'bench-liboqs'));
  const environment = describeEnvironment(liboqs.version);
  process.stdout.write(`${formatEnvironment(environment)}\n`);
  const { text, figures } = await (options.breakdown ? runBreakdown : runComparison)(options, liboqs);
  liboqs.end();
  process.stdout.write(text);
  if (options.json === undefined) return;
  writeFileSync(options.json, `${JSON.stringify({ environment, unit: 'µs an operation', ...figures }, null, 2)}\n`);
}

/**
 * @param {Options} options
 * @param {Liboqs} liboqs
 */
async function runComparison({ filter, seconds }, liboqs) {
  const cases = await makeCases(makeMaterials(), filter, liboqs);
  if (cases.length === 0) fail(`--filter ${filter}: no such operation`, 'the default is all of them; see --help');
  const tasks = cases.flatMap((one) => one.tasks);
  const { rounds, results } = await measure(tasks, seconds, showProgress);
  const rows = cases.map(({ kind, algorithm, operation, tasks }) => ({
    kind,
    algorithm,
    operation,
    results: Object.fromEntries(
      tasks.map((task) => [task.contender, /** @type {import('./rounds.mjs').Result} */ (results.get(task))]),
    ),
  }));
  return {
    text: `${rounds} rounds; medians, ± half the interquartile range\n\n${formatReport(rows)}`,
    figures: { rows },
  };
}

/**
 * @param {Options} options
 * @param {Liboqs} liboqs
 */
async function runBreakdown({ filter, seconds }, liboqs) {
  const rows = await measureBreakdown({ filter, seconds, liboqs, report: showProgress });
  if (rows.length === 0) fail(`--filter ${filter}: no such KEM operation`, 'the breakdown is of KEM calls only');
  return { text: formatBreakdown(rows), figures: { breakdown: rows } };
}

/** @param {{ done: number, what: string }} progress */
function showProgress({ done, what }) {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\x1b[K${done < 1 ? `${Math.floor(done * 100)} %  ${what}` : ''}`);
}

function readOptions() {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    return fail(/** @type {Error} */ (error).message, 'npm run bench -- --help');
  }
}

/**
 * @param {string} error
 * @param {string} hint
 * @returns {never}
 */
function fail(error, hint) {
  process.stderr.write(`error: ${error}\nhint: ${hint}\n`);
  process.exit(2);
}
