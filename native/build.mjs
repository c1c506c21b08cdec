// @ts-check
/**
 * Builds the addon with cmake-js: what is missing or out of date, nothing else. `--test` builds the addon of the
 * tests, `--bench` the C program of the benchmark, `--side-channels` the programs of test/side-channels/, `--sanitize`
 * the addon with sanitizers, apart in build/sanitize.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {{ what: string, out: string, product: string, target?: string, options?: string[] }} Variant */

/** @type {Record<string, Variant>} */
const VARIANTS = {
  default: { what: 'the addon', out: 'build', product: 'Release/pqsock.node', target: 'pqsock' },
  '--test': {
    what: 'the addon of the tests',
    out: 'build',
    product: 'test-addon/build/Release/pqsock-test.node',
    target: 'pqsock-test',
  },
  '--bench': { what: 'the C program of the benchmark', out: 'build', product: 'bench-liboqs', target: 'bench-liboqs' },
  '--sanitize': {
    what: 'the addon with sanitizers',
    out: 'build/sanitize/build',
    product: 'Release/pqsock.node',
    target: 'pqsock',
    options: ['--CDPQSOCK_SANITIZE=ON'],
  },
  '--side-channels': {
    what: 'the programs that look for side channels',
    out: 'build',
    product: 'constant-time',
    target: 'side-channels',
  },
};

const flag = process.argv[2] ?? 'default';
const variant = VARIANTS[flag];
if (variant !== undefined) await build(variant);
else fail(`unknown option ${flag}`, `one of ${Object.keys(VARIANTS).slice(1).join(', ')}, or none`);

/** @param {Variant} variant */
async function build(variant) {
  requireTools();
  const product = join(ROOT, variant.out, variant.product);
  const isNew = !existsSync(product);
  if (isNew) say(`building ${variant.what} (half a minute on two cores the first time)`);
  const code = await runCmakeJs(variant);
  if (code !== 0) fail(`building ${variant.what} failed`, `the whole output is in ${logFile(variant)}`);
  if (isNew) say(`built ${variant.what}: ${join(variant.out, variant.product)}`);
}

/** Runs cmake-js; its output goes to a file, where the liboqs source came from to the terminal as well.
 * @param {Variant} variant
 * @returns {Promise<number>} the exit code
 */
function runCmakeJs({ out, target, options = [] }) {
  const cli = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
  const args = [cli, 'compile', '-d', ROOT, '--out', join(ROOT, out), '--parallel', String(cpus().length)];
  if (target !== undefined) args.push('--target', target);
  mkdirSync(join(ROOT, out), { recursive: true });
  const child = spawn(process.execPath, [...args, ...options], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      log += text;
      for (const line of text.split('\n')) if (/^liboqs [\d.]+: from/.test(line)) say(line);
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => {
      writeFileSync(join(ROOT, out, 'build.log'), log);
      if (code !== 0) process.stderr.write(`${faultsIn(log)}\n`);
      resolve(code ?? 1);
    });
  });
}

/**
 * What went wrong: lines that say so themselves, those of CMake and compilers else, the end of the log at worst.
 *
 * @param {string} log
 */
function faultsIn(log) {
  const lines = [...new Set(log.split('\n'))];
  const kinds = [/^(error|hint):/, /\berror:|CMake Error/, /./];
  const faults = kinds.map((kind) => lines.filter((line) => kind.test(line))).find((found) => found.length > 0) ?? [];
  return faults.slice(-20).join('\n');
}

function requireTools() {
  if (!existsSync(join(ROOT, 'node_modules', 'cmake-js'))) fail('the packages are not installed', 'run: npm ci');
  requireProgram(['cmake'], 'CMake', {
    debian: 'cmake',
    macos: 'brew install cmake',
    windows: 'winget install Kitware.CMake',
  });
  if (process.platform === 'win32') return; // cmake-js finds Visual Studio itself
  const compilers = [process.env['CXX'] ?? 'c++', 'g++', 'clang++'];
  requireProgram(compilers, 'a C++ compiler', { debian: 'g++', macos: 'xcode-select --install', windows: '' });
  const makers = ['ninja', 'make'];
  requireProgram(makers, 'make or Ninja', { debian: 'make', macos: 'xcode-select --install', windows: '' });
}

/**
 * @param {string[]} programs
 * @param {string} name
 * @param {{ debian: string, macos: string, windows: string }} remedy
 */
function requireProgram(programs, name, { debian, macos, windows }) {
  if (programs.some((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined)) return;
  const hints = { darwin: macos, win32: windows };
  const hint =
    hints[/** @type {'darwin'} */ (process.platform)] ?? `apt-get install ${debian} (or your system's package)`;
  fail(`${name} is missing`, hint);
}

/** @param {Variant} variant */
function logFile({ out }) {
  return join(out, 'build.log');
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
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
