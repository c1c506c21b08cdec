// @ts-check
/**
 * `npm run fuzz`: feeds everything that takes a peer's bytes with what no honest peer sends. Inputs that find something
 * are put into test/fuzz/crashes/, where `npm test` tries them for ever.
 */
import { fork, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatTable } from '../../bench/table.mjs';
import { buildLib } from '../build-lib.mjs';
import { Instrument } from './instrument.mjs';

/** @typedef {import('./worker.js').Task} Task */
/** @typedef {import('./worker.js').Report} Report */

/** What came of one target; the cells are runs, the corpus before and after, blocks, MiB. @typedef {{ target: string, findings: number, cells: (number | string)[] }} Row */

const HOME = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(HOME));
const GUIDED = [
  'decoders',
  'server',
  'client',
  'records',
  'seed-server',
  'seed-client',
  'keys',
  'options',
  'trust-files',
];
/** Those that have a program of their own: mutated handshakes with the real algorithms, and the addon. */
const TARGETS = [...GUIDED, 'flights', 'native'];
const USUAL_SECONDS = 60;
const SHORT_SECONDS = 5;
/** `npm test` has so many flights; with the streams beside them it takes so many seconds, about. */
const FLIGHTS = 10_000;
const FLIGHTS_SECONDS = 40;
/** A target that says nothing for so long has gone into a loop; in milliseconds. */
const SILENCE = 30_000;

const HELP = `node test/fuzz/run.mjs [options]        (npm run fuzz -- [options])

  --target NAME     only this one; may be given several times. There are
                    ${TARGETS.join(', ')}
  --seconds N       for each target; ${USUAL_SECONDS} unless said otherwise
  --runs N          for each target, instead of the time
  --short           ${SHORT_SECONDS} seconds for each target, but all flights of npm test
  --seed N          begin with this number, to have the same runs again
  --keep            write the corpus to test/fuzz/corpus/, minimised
  --reproduce FILE  run one input; with one --target
  --built           dist/ and the addon are as they should be: they aren't built first
  --help            this text

examples:
  node test/fuzz/run.mjs --short
  node test/fuzz/run.mjs --target server --runs 100000 --seed 1
  node test/fuzz/run.mjs --target flights --runs 100000
  node test/fuzz/run.mjs --target server --reproduce test/fuzz/crashes/server/0123456789abcdef

An input that finds something is written to test/fuzz/crashes/; of a flight, fast-check shows what was done to it.
The exit code is 1 if something was found, and 2 if nothing could be run.
`;

/** What is running, to be ended when this is. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    for (const child of children) end(child);
    process.exit(128 + constants.signals[signal]);
  });
}

const settings = parse();
if (!settings.built && settings.targets.some((target) => target !== 'native')) buildLib([[]], 2);
/** Of this run alone: another may be under way. */
const built = settings.targets.some((target) => GUIDED.includes(target)) ? buildFuzzer() : '';
/** @type {Row[]} */
const rows = [];
for (const target of settings.targets) rows.push(await fuzz(target));
if (settings.reproduce === undefined) printTable(rows);
process.exit(rows.some(({ findings }) => findings > 0) ? 1 : 0);

function parse() {
  const options = /** @type {const} */ ({
    target: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    runs: { type: 'string' },
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    reproduce: { type: 'string' },
    built: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  });
  try {
    const {
      help,
      target: targets = TARGETS,
      short,
      keep,
      built,
      reproduce,
      ...numbers
    } = parseArgs({ options }).values;
    if (help === true) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const unknown = targets.find((name) => !TARGETS.includes(name));
    if (unknown !== undefined) throw new Error(`there is no target ${unknown}: there are ${TARGETS.join(', ')}`);
    const reproducible = targets.length === 1 && GUIDED.includes(targets[0] ?? '') && existsSync(reproduce ?? '');
    if (reproduce !== undefined && !reproducible) {
      throw new Error('--reproduce needs a file, and one --target whose input it is');
    }
    const seconds = number('seconds', numbers.seconds) ?? (short ? SHORT_SECONDS : USUAL_SECONDS);
    const seed = number('seed', numbers.seed) ?? Date.now() % 2 ** 31;
    return { targets, short, keep, built, reproduce, runs: number('runs', numbers.runs), seconds, seed };
  } catch (error) {
    return fail(/** @type {Error} */ (error).message.split('\n')[0] ?? '', 'node test/fuzz/run.mjs --help');
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function number(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 2 ** 31) return value;
  throw new Error(`--${name} ${text} is no whole number from 1 to ${2 ** 31 - 1}`);
}

/** The addon, and dist/ for the flights over TCP: what is missing or out of date. */
/** The fuzzer and lib/ as JavaScript, and a counter in each block of lib/; the folder is removed at the end. */
function buildFuzzer() {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'build', 'fuzz-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const instrument = new Instrument();
  for (const part of ['lib', 'test/support', 'test/fuzz']) {
    for (const file of readdirSync(join(ROOT, part), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const source = join(ROOT, part, file);
      const path = join(folder, part, file).replace(/ts$/, 'js');
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, instrument.transform(readFileSync(source, 'utf8'), source, part === 'lib'));
    }
  }
  // The addon is looked for in the folder that the environment names for a package of this name.
  writeFileSync(join(folder, 'package.json'), '{ "name": "pqsock", "type": "module" }\n');
  return folder;
}

/** @param {string} target @returns {Promise<Row>} */
async function fuzz(target) {
  if (target === 'flights') return flights();
  if (target === 'native') return native();
  return guided(target);
}

/** @param {string} target @returns {Promise<Row>} */
async function guided(target) {
  const { seed, runs = Number.MAX_SAFE_INTEGER, seconds, keep, reproduce } = settings;
  const milliseconds = settings.runs === undefined ? 1000 * seconds : Number.MAX_SAFE_INTEGER;
  const last = join(built, `last-${target}`);
  const file = reproduce && resolve(reproduce);
  const { report, ending } = await work({ target, home: HOME, seed, runs, milliseconds, keep, last, file });
  if (reproduce !== undefined) return { target, findings: ending === undefined ? 0 : 1, cells: [] };
  if (!existsSync(last)) fail(`${target} did not begin: ${ending}`, 'see above');
  const { runs: done = 0, before = 0, after = 0, blocks = 0, growth = 0, finding, finished = false } = report ?? {};
  if (finding !== undefined) found(target, finding.input, finding.error);
  else if (!finished) found(target, noted(readFileSync(last)).toString('base64'), ending ?? 'the process ended');
  process.stdout.write(`${target}: ${done} runs, ${blocks} blocks\n`);
  const findings = finding !== undefined || !finished ? 1 : 0;
  return { target, findings, cells: [done, before, after, blocks, growth] };
}

/** What a worker has written before it ran it: its length, and the input. @param {Buffer} last */
function noted(last) {
  return last.length < 4 ? last : last.subarray(4, 4 + last.readUInt32BE());
}

/**
 * Runs a worker to its end, whatever that is.
 *
 * @param {Task} task
 * @returns {Promise<{ report: Report | undefined, ending: string | undefined }>}
 */
function work(task) {
  const path = join(built, 'test', 'fuzz', 'worker.js');
  const env = { ...process.env, PQSOCK_PREBUILD: ROOT };
  const execArgv = ['--expose-gc', '--enable-source-maps', '--disable-warning=PQSOCK_SEED_PROFILE'];
  const child = fork(path, { env, execArgv, cwd: ROOT, detached: true });
  children.add(child);
  child.send(task);
  /** @type {Report | undefined} */
  let report;
  let silent = false;
  const silence = setTimeout(() => {
    silent = true;
    end(child);
  }, SILENCE);
  child.on('message', (message) => {
    report = /** @type {Report} */ (message);
    silence.refresh();
    progress(`${task.target}: ${report.runs} runs, ${report.blocks} blocks`);
  });
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(silence);
      children.delete(child);
      progress('');
      const ending = silent
        ? `it did not come back for ${SILENCE / 1000} s`
        : `it was ended by ${signal ?? `exit code ${code}`}`;
      done({ report, ending: code === 0 ? undefined : ending });
    });
  });
}

/**
 * @param {string} target
 * @param {string | undefined} input in base64
 * @param {string} error
 */
function found(target, input, error) {
  process.stdout.write(`${target} finds something (--seed ${settings.seed}):\n${error}\n`);
  if (input === undefined) return;
  const folder = join(HOME, 'crashes', target);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `found-${Date.now().toString(36)}`);
  writeFileSync(file, Buffer.from(input, 'base64'));
  const path = relative(process.cwd(), file);
  process.stdout.write(`to see it again:  node test/fuzz/run.mjs --target ${target} --reproduce ${path}\n\n`);
}

/** Jest runs them, with more of everything than in `npm test`. @returns {Promise<Row>} */
async function flights() {
  const wanted = settings.runs === undefined ? settings.seconds / FLIGHTS_SECONDS : settings.runs / FLIGHTS;
  const factor = Math.max(1, wanted); // with fewer of them they don't go everywhere, which the tests ask for
  const env = { PQSOCK_FUZZ_FACTOR: String(factor), PQSOCK_FUZZ_SEED: String(settings.seed) };
  const tests = ['flights', 'record-streams', 'insiders', 'tcp-flights'].map((name) => `test/fuzz/${name}.test.ts`);
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const args = ['--disable-warning=PQSOCK_SEED_PROFILE', jest, '--selectProjects', 'pqsock', '--runInBand', ...tests];
  const findings = (await run(args, env)) === 0 ? 0 : 1;
  return { target: 'flights', findings, cells: [findings === 0 ? Math.ceil(FLIGHTS * factor) : 'see above'] };
}

/** The addon under libFuzzer has a program of its own. @returns {Promise<Row>} */
async function native() {
  const { seconds, runs, seed, short, keep } = settings;
  const time = short ? ['--short'] : ['--seconds', String(seconds)];
  const amount = runs === undefined ? time : ['--runs', String(runs)];
  const more = ['--seed', String(seed), ...(keep ? ['--keep'] : [])];
  const code = await run([join('test', 'fuzz', 'native', 'run.mjs'), ...amount, ...more], {});
  if (code === 2) fail('the addon could not be fuzzed', 'see above; or name the other targets with --target');
  return { target: 'native', findings: code === 0 ? 0 : 1, cells: ['see above'] };
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} variables
 * @returns {Promise<number | null>}
 */
function run(args, variables) {
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env, detached: true });
  children.add(child);
  return new Promise((done) => {
    child.on('close', (code) => {
      children.delete(child);
      done(code);
    });
  });
}

/** Ends a child and what it has started: it leads a group. @param {import('node:child_process').ChildProcess} child */
function end(child) {
  try {
    process.kill(-(/** @type {number} */ (child.pid)), 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // Windows has no groups
  }
}

/** One line that is written over, where somebody looks. @param {string} text */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** @param {Row[]} rows */
function printTable(rows) {
  const title = `seed ${settings.seed}; corpus of ${corpusSize()} KiB in test/fuzz/corpus/`;
  const header = ['target', 'findings', 'runs', 'corpus before', 'after', 'blocks', 'MiB more'];
  const cells = rows.map(({ target, findings, cells }) => [target, findings, ...cells].map(String));
  process.stdout.write(`\n${formatTable(title, header, cells)}\n`);
}

function corpusSize() {
  const folder = join(HOME, 'corpus');
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const sizes = files.map((file) => statSync(join(folder, file))).map((file) => (file.isFile() ? file.size : 0));
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
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
