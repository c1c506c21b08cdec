// @ts-check
/**
 * `npm run test:sanitizers`: builds the addon with the address, leak and undefined-behaviour sanitizers and uses it
 * in every right and wrong way, once with the CPU's features and once with the reference code. It runs in plain
 * Node: Jest's contexts are too slow under the sanitizers. `--stack` measures the stack of each operation instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildLib } from '../build-lib.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(HERE));
const BUILD = join(ROOT, 'build', 'sanitize', 'build');
const RUNS = [
  { title: 'with the features of the CPU', variables: {} },
  { title: 'with the reference code', variables: { PQSOCK_REFERENCE_CODE: '1' } },
];

if (process.argv.length > 3 || (process.argv[2] ?? '--stack') !== '--stack') {
  fail(`unknown arguments: ${process.argv.slice(2).join(' ')}`, 'node test/sanitizers/run.mjs [--stack]');
}
if (process.argv[2] === '--stack') measureStack();
else sanitize();

function sanitize() {
  if (process.platform !== 'linux') fail('the sanitizers are run on Linux only', 'run this on Linux');
  const preload = ['libasan.so', 'libubsan.so'].map(sanitizerLibrary).join(' ');
  buildLib([['--sanitize']]);
  // The addon of the tests has the same code, and can hide the CPU's features from it.
  run('cmake', ['--build', BUILD, '--target', 'pqsock-test', '--parallel', '2'], {}, 'ignore');
  for (const { title, variables } of RUNS) {
    process.stdout.write(`${title}:\n`);
    run('node', ['--expose-gc', join(HERE, 'exercise.mjs')], {
      ...variables,
      PQSOCK_PREBUILD: join(BUILD, 'test-addon'),
      LD_PRELOAD: preload,
      ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:exitcode=99',
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    });
  }
  process.stdout.write('the sanitizers found nothing\n');
}

function measureStack() {
  buildLib([['--test']]);
  for (const { title, variables } of RUNS) {
    process.stdout.write(`${title}:\n`);
    run('node', [join(HERE, 'stack-depth.mjs')], { ...variables, PQSOCK_PREBUILD: join(ROOT, 'build', 'test-addon') });
  }
}

/** @param {string} name */
function sanitizerLibrary(name) {
  const { stdout } = spawnSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' });
  const path = stdout?.trim() ?? '';
  if (!existsSync(path)) fail(`gcc has no ${name}`, "apt-get install gcc g++ (or your system's libasan and libubsan)");
  return path;
}

/**
 * Ends the process if the program fails.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [variables]
 * @param {'inherit' | 'ignore'} [stdout]
 */
function run(program, args, variables = {}, stdout = 'inherit') {
  const { status, signal, error } = spawnSync(program === 'node' ? process.execPath : program, args, {
    cwd: ROOT,
    stdio: ['ignore', stdout, 'inherit'],
    env: { ...process.env, ...variables },
  });
  if (status === 0) return;
  fail(`${program} ${args.join(' ')} ended with ${error?.message ?? signal ?? status}`, 'see above');
}

/**
 * @param {string} error
 * @param {string} hint
 * @returns {never}
 */
function fail(error, hint) {
  process.stderr.write(`error: ${error}\nhint: ${hint}\n`);
  process.exit(1);
}
