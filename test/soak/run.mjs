// @ts-check
/** `npm run soak`: attacks and endurance against dist/; see --help. */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { formatTable } from '../../bench/table.mjs';
import { buildLib } from '../build-lib.mjs';
import { MIB } from './figures.mjs';
import { parseOptions, usage } from './options.mjs';

/** Each scenario's file, and what it exports; they import dist/, which is built first. @type {Record<string, [string, string]>} */
const SCENARIOS = {
  'half-open': ['./half-open.mjs', 'halfOpen'],
  strangers: ['./strangers.mjs', 'strangers'],
  'random-signatures': ['./random-signatures.mjs', 'randomSignatures'],
  silent: ['./silent.mjs', 'silent'],
  'slow-policy': ['./slow-policy.mjs', 'slowPolicy'],
  'not-reading': ['./not-reading.mjs', 'notReading'],
  crowd: ['./crowd.mjs', 'crowd'],
  churn: ['./churn.mjs', 'churn'],
  tunnel: ['./tunnel.mjs', 'tunnel'],
};
const NAMES = Object.keys(SCENARIOS);

/** Open files that a process needs: each is a socket. */
const FILES = { short: 1200, full: 11_000 };

/** Milliseconds for a scenario, besides the minutes that it is given: what never ends is a failure. */
const TIME_LIMIT = { short: 100_000, full: 600_000 };

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
const options = readOptions();
if (options.help) process.stdout.write(usage(NAMES));
else await main(options);

/** @param {import('./options.mjs').Options} options */
async function main({ scenario, short, minutes, built }) {
  checkFiles(short ? FILES.short : FILES.full);
  if (!built) buildLib([[]]);
  const { Stage } = await import('./stage.mjs');
  const stages = [];
  for (const name of scenario === undefined ? NAMES : [scenario]) {
    const [file, exported] = /** @type {[string, string]} */ (SCENARIOS[name]);
    const run = (await import(file))[exported];
    process.stdout.write(`${name}\n`);
    const stage = await Stage.set((text) => process.stdout.write(`  ${text}\n`));
    stages.push(stage);
    const limit = short ? TIME_LIMIT.short : TIME_LIMIT.full + minutes * 60_000;
    await Promise.race([run(stage, { short, minutes }), expire(limit)]).catch((/** @type {Error} */ error) =>
      stage.expect(error.stack ?? '', false),
    );
    await stage.end();
  }
  report(stages);
}

/** @param {number} limit */
async function expire(limit) {
  await setTimeout(limit, undefined, { ref: false });
  throw new Error(`it takes more than ${limit / 1000} s`);
}

/** @param {import('./stage.mjs').Stage[]} stages */
function report(stages) {
  const rows = stages.flatMap((stage) => stage.rows);
  const violated = stages.flatMap((stage) => stage.bounds).filter(({ holds }) => !holds);
  const mib = (/** @type {number} */ bytes) => (bytes / MIB).toFixed(0);
  const header = [
    'scenario',
    ' how many',
    'seconds',
    'RSS before',
    'most',
    'after',
    'handles before',
    'after',
    ' operations',
  ];
  const cells = rows.map(({ what, many, seconds, rss, handles, operations }) => [
    ...[what, many, seconds.toFixed(1)],
    ...[...rss.map(mib), ...handles.map(String), operations],
  ]);
  process.stdout.write(`\n${formatTable('RSS in MiB; operations of the side under test', header, cells)}\n`);
  if (violated.length === 0) process.stdout.write('every bound holds\n');
  for (const { text } of violated) process.stderr.write(`error: violated: ${text}\n`);
  if (violated.length > 0) process.stderr.write('hint: --scenario NAME runs one alone\n');
  process.exit(violated.length === 0 ? 0 : 1);
}

/** @param {number} needed */
function checkFiles(needed) {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' });
  const limit = stdout.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : Number(stdout);
  if (limit < needed) fail(`a process may open ${limit} files, and this needs ${needed}`, `ulimit -n ${needed}`, 2);
}

function readOptions() {
  try {
    return parseOptions(process.argv.slice(2), NAMES);
  } catch (error) {
    return fail(/** @type {Error} */ (error).message, 'npm run soak -- --help', 2);
  }
}

/**
 * @param {string} error
 * @param {string} hint
 * @param {number} code
 * @returns {never}
 */
function fail(error, hint, code) {
  process.stderr.write(`error: ${error}\nhint: ${hint}\n`);
  process.exit(code);
}
