// @ts-check
/** The suite of the primitives: the addon against liboqs in C and against pure JavaScript. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBreakdown, measureBreakdown } from './breakdown.mjs';
import { startLiboqs } from './contenders/liboqs.mjs';
import { makeMaterials } from './material.mjs';
import { formatReport } from './report.mjs';
import { measure } from './rounds.mjs';
import { makeCases } from './tasks.mjs';

/**
 * @typedef {import('./contenders/liboqs.mjs').Liboqs} Liboqs
 * @typedef {import('./report.mjs').Row} Row
 * @typedef {import('../run.mjs').Task} Task
 * @typedef {import('../run.mjs').Findings} Findings
 */

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const UNIT = 'µs an operation';

/**
 * @param {Task} task
 * @returns {Promise<Findings>}
 */
export async function measurePrimitives(task) {
  const built = spawnSync(process.execPath, [join(ROOT, 'native', 'build.mjs'), '--bench'], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the C program of the benchmark could not be built');
  const liboqs = await startLiboqs(join(ROOT, 'build', 'bench-liboqs'));
  try {
    return await (task.options.breakdown ? runBreakdown : runComparison)(task, liboqs);
  } finally {
    liboqs.end();
  }
}

/**
 * @param {Task} task
 * @param {Liboqs} liboqs
 * @returns {Promise<Findings>}
 */
async function runComparison({ options: { filter }, seconds, report }, liboqs) {
  const cases = await makeCases(makeMaterials(), filter, liboqs);
  if (cases.length === 0)
    throw noSuch(`--filter ${filter}: no such operation`, 'the default is all of them; see --help');
  const tasks = cases.flatMap((one) => one.tasks);
  const { rounds, results } = await measure(tasks, seconds, report);
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
    ratios: Object.fromEntries(rows.flatMap(ratiosOf)),
    figures: { unit: UNIT, rows },
  };
}

/**
 * @param {Task} task
 * @param {Liboqs} liboqs
 * @returns {Promise<Findings>}
 */
async function runBreakdown({ options: { filter }, seconds, report }, liboqs) {
  const rows = await measureBreakdown({ filter, seconds, liboqs, report });
  if (rows.length === 0)
    throw noSuch(`--filter ${filter}: no such KEM operation`, 'the breakdown is of KEM calls only');
  return { text: `\n${formatBreakdown(rows)}`, ratios: {}, figures: { unit: UNIT, breakdown: rows } };
}

/**
 * The addon inline over each of the others.
 *
 * @param {Row} row
 * @returns {[name: string, ratio: number][]}
 */
function ratiosOf({ algorithm, operation, results }) {
  const addon = results['sync']?.median ?? Number.NaN;
  return Object.entries(results)
    .filter(([contender]) => contender !== 'sync')
    .map(([contender, { median }]) => [`${algorithm}/${operation}/${contender.replaceAll(' ', '-')}`, addon / median]);
}

/**
 * @param {string} error
 * @param {string} hint
 */
function noSuch(error, hint) {
  return Object.assign(new Error(error), { hint });
}
