// @ts-check
/**
 * `npm run fuzz`: feeds everything that takes a peer's bytes with what no honest peer sends. Inputs that find something
 * are put into test/fuzz/crashes/, where `npm test` tries them for ever.
 */
import { fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Instrument } from './instrument.mjs';

/** @typedef {import('./worker.js').Task} Task */
/** @typedef {import('./worker.js').Report} Report */

/** What came of one target. @typedef {{ target: string, runs: number | string, before: number | string, after: number | string, blocks: number | string, growth: number | string, findings: number }} Row */

const HOME = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(HOME));
const BUILT = join(ROOT, 'build', 'fuzz');
const GUIDED = ['decoders', 'server', 'client', 'records', 'seed-server', 'seed-client', 'keys', 'options'];
/** Those that have a program of their own: mutated handshakes with the real algorithms, and the addon. */
const TARGETS = [...GUIDED, 'flights', 'native'];
const USUAL_SECONDS = 60;
const SHORT_SECONDS = 5;
/** `npm test` has so many flights and streams; in how many seconds, about. */
const FLIGHTS = 10_000;
const FLIGHTS_SECONDS = 40;
/** A target that says nothing for so long has gone into a loop; in milliseconds. */
const SILENCE = 30_000;

const HELP = `node test/fuzz/run.mjs [options]        (npm run fuzz -- [options])

  --target NAME     only this one; may be given several times. There are
                    ${TARGETS.join(', ')}
  --seconds N       for each target; ${USUAL_SECONDS} unless said otherwise
  --runs N          for each target, instead of the time
  --short           ${SHORT_SECONDS} seconds for each target
  --seed N          begin with this number, to have the same runs again
  --keep            write the corpus to test/fuzz/corpus/, minimised
  --reproduce FILE  run one input; with one --target
  --help            this text

examples:
  node test/fuzz/run.mjs --short
  node test/fuzz/run.mjs --target server --runs 100000 --seed 1
  node test/fuzz/run.mjs --target flights --runs 100000
  node test/fuzz/run.mjs --target server --reproduce test/fuzz/crashes/server/0123456789abcdef

The exit code is 1 if something was found.
`;

/** Of a worker that ended before it could say anything. */
const NOTHING = { runs: 0, before: 0, after: 0, blocks: 0, growth: 0 };

/** What is running, to be ended when this is. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    for (const child of children) child.kill('SIGKILL');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

const settings = parse();
build();
/** @type {Row[]} */
const rows = [];
for (const target of settings.targets) rows.push(await fuzz(target));
if (settings.reproduce === undefined) printTable(rows);
process.exit(rows.some(({ findings }) => findings > 0) ? 1 : 0);

function parse() {
  /** @type {Record<string, { type: 'string' | 'boolean', multiple?: boolean }>} */
  const options = {
    target: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    runs: { type: 'string' },
    short: { type: 'boolean' },
    seed: { type: 'string' },
    keep: { type: 'boolean' },
    reproduce: { type: 'string' },
    help: { type: 'boolean' },
  };
  /** @type {Record<string, any>} */
  let values = {};
  try {
    ({ values } = parseArgs({ options, strict: true }));
  } catch (error) {
    fail(/** @type {Error} */ (error).message.split('\n')[0] ?? '', 'node test/fuzz/run.mjs --help');
  }
  if (values['help']) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  /** @type {string[]} */
  const targets = values['target'] ?? TARGETS;
  const unknown = targets.find((name) => !TARGETS.includes(name));
  if (unknown !== undefined) fail(`there is no target ${unknown}`, `there are ${TARGETS.join(', ')}`);
  /** @type {string | undefined} */
  const reproduce = values['reproduce'];
  if (
    reproduce !== undefined &&
    (targets.length !== 1 || !GUIDED.includes(targets[0] ?? '') || !existsSync(reproduce))
  ) {
    fail('--reproduce needs a file, and one --target whose input it is', 'node test/fuzz/run.mjs --help');
  }
  const runs = number('runs', values['runs']);
  const seconds = number('seconds', values['seconds']) ?? (values['short'] === true ? SHORT_SECONDS : USUAL_SECONDS);
  const seed = number('seed', values['seed']) ?? Date.now() % 2 ** 31;
  const [short, keep] = [values['short'] === true, values['keep'] === true];
  return { targets, reproduce, runs, seconds, seed, short, keep };
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function number(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 2 ** 31) return value;
  return fail(`--${name} ${text} is no whole number from 1 to 2^31`, 'node test/fuzz/run.mjs --help');
}

/** @param {string} target @returns {Promise<Row>} */
async function fuzz(target) {
  if (target === 'flights') return flights();
  if (target === 'native') return native();
  return guided(target);
}

/** The fuzzer and lib/ as JavaScript; lib/ with a counter in each block. */
function build() {
  const instrument = new Instrument();
  rmSync(BUILT, { recursive: true, force: true });
  for (const folder of ['lib', 'test/support', 'test/fuzz']) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const source = join(ROOT, folder, file);
      const path = join(BUILT, folder, file).replace(/ts$/, 'js');
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, instrument.transform(readFileSync(source, 'utf8'), source, folder === 'lib'));
    }
  }
  // The addon is looked for in the folder that the environment names for a package of this name.
  writeFileSync(join(BUILT, 'package.json'), '{ "name": "pqsock", "type": "module" }\n');
}

/** @param {string} target @returns {Promise<Row>} */
async function guided(target) {
  const { seed, runs = Number.POSITIVE_INFINITY, seconds, keep, reproduce } = settings;
  const milliseconds = settings.runs === undefined ? 1000 * seconds : Number.MAX_SAFE_INTEGER;
  const last = join(BUILT, `last-${target}`);
  /** @type {Task} */
  const task = {
    target,
    home: HOME,
    seed,
    runs: Math.min(runs, Number.MAX_SAFE_INTEGER),
    milliseconds,
    keep,
    last,
    file: reproduce && resolve(reproduce),
  };
  const { report, ending } = await work(task);
  /** @type {Row} */
  const row = { target, ...(report ?? NOTHING), findings: 0 };
  if (reproduce !== undefined) return { ...row, findings: ending === undefined ? 0 : 1 };
  if (report?.finding !== undefined) {
    found(target, Buffer.from(report.finding.input, 'base64'), report.finding.error);
    row.findings = 1;
  } else if (ending !== undefined || !report?.finished) {
    const noted = existsSync(last) ? readFileSync(last) : Buffer.alloc(0);
    found(target, noted.subarray(4, 4 + (noted.length < 4 ? 0 : noted.readUInt32BE())), ending ?? 'the process ended');
    row.findings = 1;
  }
  return row;
}

/**
 * Runs a worker to its end, whatever that is.
 *
 * @param {Task} task
 * @returns {Promise<{ report: Report | undefined, ending: string | undefined }>}
 */
function work(task) {
  const path = join(BUILT, 'test', 'fuzz', 'worker.js');
  const env = { ...process.env, PQSOCK_PREBUILD: ROOT };
  const execArgv = ['--expose-gc', '--enable-source-maps', '--disable-warning=PQSOCK_SEED_PROFILE'];
  const child = fork(path, { env, execArgv, cwd: ROOT });
  children.add(child);
  child.send(task);
  /** @type {Report | undefined} */
  let report;
  let silent = false;
  const silence = setTimeout(() => {
    silent = true;
    child.kill('SIGKILL');
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
 * @param {Buffer} input
 * @param {string} error
 */
function found(target, input, error) {
  const folder = join(HOME, 'crashes', target);
  mkdirSync(folder, { recursive: true });
  let name = `found-${Date.now().toString(36)}`;
  while (existsSync(join(folder, name))) name += '-';
  const file = join(folder, name);
  writeFileSync(file, input);
  const path = relative(process.cwd(), file);
  process.stdout.write(`${target} finds something with ${input.length} bytes (--seed ${settings.seed}):\n${error}\n`);
  process.stdout.write(`to see it again:  node test/fuzz/run.mjs --target ${target} --reproduce ${path}\n\n`);
}

/** Jest runs them, with more of everything than in `npm test`. @returns {Promise<Row>} */
async function flights() {
  const wanted = settings.runs === undefined ? settings.seconds / FLIGHTS_SECONDS : settings.runs / FLIGHTS;
  const factor = Math.max(1, wanted); // with fewer of them they don't go everywhere, which the tests ask for
  const env = { PQSOCK_FUZZ_FACTOR: String(factor), PQSOCK_FUZZ_SEED: String(settings.seed) };
  const tests = ['flights', 'record-streams', 'insiders', 'tcp-flights'].map((name) => `test/fuzz/${name}.test.ts`);
  const code = await run([join('test', 'run.mjs'), '--selectProjects', 'pqsock', '--runInBand', ...tests], env);
  const runs = `${Math.ceil(FLIGHTS * factor)} flights`;
  return { target: 'flights', runs, before: '', after: '', blocks: '', growth: '', findings: code === 0 ? 0 : 1 };
}

/** The addon under libFuzzer has a program of its own. @returns {Promise<Row>} */
async function native() {
  const { seconds, runs, seed, short, keep } = settings;
  const time = short ? ['--short'] : ['--seconds', String(seconds)];
  const amount = runs === undefined ? time : ['--runs', String(runs)];
  const more = ['--seed', String(seed), ...(keep ? ['--keep'] : [])];
  const code = await run([join('test', 'fuzz', 'native', 'run.mjs'), ...amount, ...more], {});
  return {
    target: 'native',
    runs: 'see above',
    before: '',
    after: '',
    blocks: '',
    growth: '',
    findings: code === 0 ? 0 : 1,
  };
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} variables
 * @returns {Promise<number | null>}
 */
function run(args, variables) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...variables } });
  children.add(child);
  return new Promise((done) => {
    child.on('close', (code) => {
      children.delete(child);
      done(code);
    });
  });
}

/** One line that is written over, where somebody looks. @param {string} text */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** @param {Row[]} rows */
function printTable(rows) {
  const titles = {
    target: 'target',
    runs: 'runs',
    before: 'corpus before',
    after: 'after',
    blocks: 'blocks',
    growth: 'MiB more',
    findings: 'findings',
  };
  const names = /** @type {(keyof Row)[]} */ (Object.keys(titles));
  const lines = [titles, ...rows].map((row) => names.map((name) => String(row[name])));
  const widths = names.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  for (const line of lines)
    process.stdout.write(
      `${line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  process.stdout.write(`seed ${settings.seed}; corpus of ${corpusSize()} KiB in test/fuzz/corpus/\n`);
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
