// @ts-check
/**
 * Fuzzes the C++ of the addon and the liboqs below it with libFuzzer, the address and the undefined-behaviour
 * sanitizers: the operations alone, and the addon in Node. An input that finds something is kept in crashes/.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CRASHES, findingsOf, packCorpus, unpackCorpus } from './corpus.mjs';
import { BUILD, build, commandOf, TARGETS } from './targets.mjs';

/** @typedef {import('./targets.mjs').TargetName} TargetName */
/** What came of one target. @typedef {{ target: TargetName, runs: number, cov: number, ft: number, corpus: number, seconds: number, crashes: number }} Row */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const USUAL_SECONDS = 60;
const SHORT_SEED = 1;
/** Of an input, in seconds: the slowest takes a tenth of one. */
const INPUT_LIMIT = 25;
const MEMORY_LIMIT = 4096; // MiB, most of them the address sanitizer's quarantine

/** A line such as `#1024  pulse  cov: 914 ft: 1848 corp: 37/178b …`. */
const PROGRESS = /^#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+) corp: (\d+)\//;

const HELP = `node test/fuzz/native/run.mjs [options]

  --target NAME     only this one; may be given several times. There are
${Object.entries(TARGETS)
  .map(([name, { what }]) => `                      ${name.padEnd(9)} ${what}`)
  .join('\n')}
  --seconds N       for each target; ${USUAL_SECONDS} unless said otherwise
  --runs N          for each target, instead of the time
  --short           a few hundred inputs for each target, from the kept corpus and a fixed seed
  --seed N          begin with this number
  --keep            write the corpus to test/fuzz/native/corpus/, minimised
  --reproduce FILE  run one input; with one --target
  --help            this text

examples:
  node test/fuzz/native/run.mjs --short
  node test/fuzz/native/run.mjs --target forgery --seconds 600
  node test/fuzz/native/run.mjs --target border --runs 100000 --keep
  node test/fuzz/native/run.mjs --target kem --reproduce test/fuzz/native/crashes/kem-crash-0123

The exit code is 1 if something was found, and 2 if nothing could be run. Inputs
that are new are kept in build/fuzz-native/found/, and are where the next run
begins; the logs are build/fuzz-native/*.log.
`;

/** What is running, to be ended when this is. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    for (const child of children) child.kill('SIGKILL');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

const settings = parse();
if (process.platform !== 'linux' || process.arch !== 'x64') {
  fail('these targets compare the AVX2 code with the reference code', 'run this on Linux with an x86-64 processor');
}
await buildTargets();
/** @type {Row[]} */
const rows = [];
if (settings.reproduce !== undefined) await reproduce(settings.reproduce);
else for (const target of settings.targets) rows.push(await fuzz(target));
if (rows.length > 0) console.table(Object.fromEntries(rows.map(({ target, ...row }) => [target, row])));
process.exit(rows.some(({ crashes }) => crashes > 0) ? 1 : 0);

function parse() {
  const options = /** @type {const} */ ({
    target: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    runs: { type: 'string' },
    short: { type: 'boolean' },
    seed: { type: 'string' },
    keep: { type: 'boolean' },
    reproduce: { type: 'string' },
    help: { type: 'boolean' },
  });
  try {
    const { values } = parseArgs({ options });
    if (values.help === true) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const targets = /** @type {TargetName[]} */ (values.target ?? Object.keys(TARGETS));
    const unknown = targets.find((name) => !Object.hasOwn(TARGETS, name));
    if (unknown !== undefined) throw new Error(`no target ${unknown}`);
    if (values.reproduce !== undefined && targets.length !== 1) throw new Error('--reproduce needs one --target');
    if (values.reproduce !== undefined && !existsSync(values.reproduce)) throw new Error(`no file ${values.reproduce}`);
    const short = values.short === true;
    return {
      targets,
      seconds: count('--seconds', values.seconds),
      runs: count('--runs', values.runs),
      seed: count('--seed', values.seed) ?? (short ? SHORT_SEED : undefined),
      short,
      keep: values.keep === true,
      reproduce: values.reproduce,
    };
  } catch (error) {
    return fail(/** @type {Error} */ (error).message, 'node test/fuzz/native/run.mjs --help');
  }
}

/**
 * @param {string} option
 * @param {string | undefined} text
 */
function count(option, text) {
  if (text === undefined || /^[1-9]\d{0,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new Error(`${option} ${text}: it must be a whole number above 0`);
}

async function buildTargets() {
  if (!existsSync(BUILD)) say('building the targets (a minute on two cores the first time)');
  mkdirSync(BUILD, { recursive: true });
  try {
    await build(async (program, args) => {
      const { code, log } = await run({ program, args, env: process.env });
      writeFileSync(join(BUILD, 'build.log'), log);
      if (code !== 0)
        throw Object.assign(new Error(`${program} failed:\n${faultsIn(log)}`), { hint: `see ${shown('build.log')}` });
    });
  } catch (error) {
    const { message, hint = 'see above' } = /** @type {Error & { hint?: string }} */ (error);
    fail(message, hint);
  }
}

/** @param {string} file */
async function reproduce(file) {
  const [target = 'kem'] = settings.targets;
  const command = commandOf(target, limits(target, [resolve(file)]));
  const { code } = await run(command, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${target}: ${code === 0 ? 'nothing was found' : `found something (exit code ${code})`}\n`);
  process.exit(code === 0 ? 0 : 1);
}

/**
 * @param {TargetName} target
 * @returns {Promise<Row>}
 */
async function fuzz(target) {
  say(`${target}: ${TARGETS[target].what}`);
  const [seeds, found] = [join(BUILD, 'seeds', target), join(BUILD, settings.short ? 'short' : 'found', target)];
  if (settings.short) rmSync(found, { recursive: true, force: true });
  unpackCorpus(target, seeds);
  mkdirSync(found, { recursive: true });
  mkdirSync(CRASHES, { recursive: true });
  const before = new Set(findingsOf(target));
  const runs = settings.runs ?? (settings.short && settings.seconds === undefined ? TARGETS[target].few : undefined);
  const length = runs === undefined ? `-max_total_time=${settings.seconds ?? USUAL_SECONDS}` : `-runs=${runs}`;
  const seed = settings.seed === undefined ? [] : [`-seed=${settings.seed}`];
  const prefix = `-artifact_prefix=${join(CRASHES, `${target}-`)}`;
  const row = { target, runs: 0, cov: 0, ft: 0, corpus: 0, seconds: 0, crashes: 0 };
  const start = performance.now();
  const { code, log } = await run(
    commandOf(target, limits(target, [length, ...seed, prefix, found, seeds])),
    (line) => {
      const [, runs, what, cov, ft, corpus] = PROGRESS.exec(line) ?? [];
      if (runs === undefined) return;
      Object.assign(row, { runs: Number(runs), cov: Number(cov), ft: Number(ft), corpus: Number(corpus) });
      if (what !== 'NEW' && what !== 'REDUCE') say(`  ${line}`);
    },
  );
  writeFileSync(join(BUILD, `${target}.log`), log);
  row.seconds = Math.round((performance.now() - start) / 1000);
  if (code !== 0)
    report(
      target,
      code,
      log,
      findingsOf(target).find((name) => !before.has(name)),
    );
  else if (settings.keep) await keep(target, seeds, found);
  return { ...row, crashes: code === 0 ? 0 : 1 };
}

/**
 * libFuzzer's arguments that are always the same.
 *
 * @param {TargetName} target
 * @param {string[]} args
 */
function limits(target, args) {
  const longest = `-max_len=${TARGETS[target].longest}`;
  // A slow input of a busy machine is no finding to be kept.
  const time = [`-timeout=${INPUT_LIMIT}`, `-report_slow_units=${INPUT_LIMIT}`];
  return [...time, `-rss_limit_mb=${MEMORY_LIMIT}`, longest, '-len_control=0', '-print_final_stats=1', ...args];
}

/**
 * @param {TargetName} target
 * @param {number | null} code
 * @param {string} log
 * @param {string | undefined} finding
 */
function report(target, code, log, finding) {
  process.stderr.write(`${faultsIn(log)}\n`);
  process.stderr.write(`error: ${target} found something (exit code ${code}); the log is ${shown(`${target}.log`)}\n`);
  const file = finding === undefined ? 'FILE' : relative(process.cwd(), join(CRASHES, finding));
  process.stderr.write(`hint: node test/fuzz/native/run.mjs --target ${target} --reproduce ${file}\n`);
}

/**
 * Keeps one input for each edge of the code, and not one for each number of times: the kept ones run in every test.
 *
 * @param {TargetName} target
 * @param {string} seeds
 * @param {string} found
 */
async function keep(target, seeds, found) {
  const merged = join(BUILD, 'merged', target);
  rmSync(merged, { recursive: true, force: true });
  mkdirSync(merged, { recursive: true });
  const { code, log } = await run(
    commandOf(target, limits(target, ['-merge=1', '-use_counters=0', merged, found, seeds])),
  );
  if (code !== 0 || readdirSync(merged).length === 0)
    fail(`merging the corpus of ${target} failed:\n${faultsIn(log)}`, 'see above');
  say(`  kept ${packCorpus(target, merged)} inputs`);
}

/**
 * What a log says of a fault, shortened.
 *
 * @param {string} log
 */
function faultsIn(log) {
  const lines = log.split('\n');
  const from = lines.findIndex((line) => /^pqsock: |ERROR: |runtime error:|error:/.test(line));
  return lines
    .slice(from < 0 ? -20 : from)
    .slice(0, 30)
    .join('\n');
}

/**
 * @param {{ program: string, args: string[], env: Record<string, string | undefined> }} command
 * @param {(line: string) => void} [onLine]
 * @returns {Promise<{ code: number | null, log: string }>}
 */
function run({ program, args, env }, onLine = () => undefined) {
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let log = '';
  let rest = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      log += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
  }
  return new Promise((settle) => {
    child.on('error', ({ message }) => settle({ code: null, log: `error: ${message}` }));
    child.on('close', (code) => {
      children.delete(child);
      settle({ code, log });
    });
  });
}

/** @param {string} file in the build folder */
function shown(file) {
  return relative(process.cwd(), join(BUILD, file));
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
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
