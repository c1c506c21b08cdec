// @ts-check
/** The suite of the primitives: the addon against liboqs in C and against other implementations. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBreakdown, measureBreakdown } from './breakdown.mjs';
import { PREPARED } from './contenders/addon.mjs';
import { gatherRivals } from './contenders/gathering.mjs';
import { startLiboqs } from './contenders/liboqs.mjs';
import { about } from './contenders/rivals.mjs';
import { makeMaterials } from './material.mjs';
import { formatReport } from './report.mjs';
import { measure } from './rounds.mjs';
import { makeCases, SYNC_THERE } from './tasks.mjs';

/**
 * @typedef {import('./contenders/liboqs.mjs').Liboqs} Liboqs
 * @typedef {import('./report.mjs').Row} Row
 * @typedef {import('../measuring.mjs').Task} Task
 * @typedef {import('../measuring.mjs').Findings} Findings
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
async function runComparison({ options, seconds, report }, liboqs) {
  const { rivals, other, gaps } = await gatherRivals(options);
  try {
    const { filter } = options;
    const cases = await makeCases(makeMaterials(), filter, { liboqs, rivals, other });
    if (cases.length === 0)
      throw noSuch(`--filter ${filter}: no such operation`, 'the default is all of them; see --help');
    const { rounds, results } = await measure(
      cases.flatMap((one) => one.tasks),
      seconds,
      report,
    );
    const rows = cases.map(({ tasks, ...one }) => ({
      ...one,
      results: Object.fromEntries(
        tasks.map((task) => [task.contender, /** @type {import('./rounds.mjs').Result} */ (results.get(task))]),
      ),
    }));
    const known = [
      ...rivals.map((rival) => ({ ...about(rival), over: 'sync' })),
      ...(other?.rivals ?? []).map((rival) => ({ ...rival, over: SYNC_THERE })),
    ];
    const conditions = { rounds, rivals: known, otherNode: other?.runtime, gaps };
    return {
      text: formatReport(rows, conditions),
      ratios: Object.fromEntries(rows.flatMap((row) => ratiosOf(row, known))),
      figures: { unit: UNIT, ...conditions, rows },
    };
  } finally {
    other?.end();
  }
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
 * The addon inline over each of the others; where they are on another Node, so is the addon. With a prepared key, over
 * the addon without.
 *
 * @param {Row} row
 * @param {import('./report.mjs').Known[]} rivals
 * @returns {[name: string, ratio: number][]}
 */
function ratiosOf({ algorithm, operation, results }, rivals) {
  return Object.entries(results)
    .filter(([contender]) => contender !== 'sync' && contender !== SYNC_THERE)
    .map(([contender, { median }]) => {
      if (contender === PREPARED)
        return [`${algorithm}/${operation}/${contender}`, median / (results['sync']?.median ?? Number.NaN)];
      const { over } = rivals.find(({ name }) => name === contender) ?? { over: 'sync' };
      return [`${algorithm}/${operation}/${contender}`, (results[over]?.median ?? Number.NaN) / median];
    });
}

/**
 * @param {string} error
 * @param {string} hint
 */
function noSuch(error, hint) {
  return Object.assign(new Error(error), { hint });
}
