// @ts-check
/** The native fuzz targets, and how each is built and started. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..', '..', '..');
export const BUILD = join(ROOT, 'build', 'fuzz-native');

/** What a target looks for, whether it runs in Node, how long its inputs get, and how many are a few seconds' work. */
export const TARGETS = {
  kem: { what: 'KEM operations on changed keys and ciphertexts', inNode: false, longest: 4096, few: 1500 },
  sig: { what: 'signatures over anything, and changed ones', inNode: false, longest: 4096, few: 500 },
  forgery: { what: 'signatures that no honest signer makes', inNode: false, longest: 1024, few: 800 },
  handshake: { what: 'turns of a handshake, and changed ones', inNode: false, longest: 4096, few: 200 },
  border: { what: 'what JavaScript can hand to the addon', inNode: true, longest: 512, few: 500 },
  teardown: { what: 'environments that end amid their requests', inNode: true, longest: 256, few: 50 },
};

/** @typedef {keyof typeof TARGETS} TargetName */

/**
 * Builds all targets: what is missing or out of date.
 *
 * @param {(program: string, args: string[]) => Promise<void>} run
 */
export async function build(run) {
  const clang = findClang();
  const require = createRequire(import.meta.url);
  const includes = [
    join(dirname(require.resolve('node-api-headers/package.json')), 'include'),
    dirname(require.resolve('node-addon-api/package.json')),
  ];
  const options = ['CMAKE_BUILD_TYPE=Release', `CMAKE_C_COMPILER=${clang}`, `CMAKE_CXX_COMPILER=${cxxOf(clang)}`];
  options.push(`CMAKE_JS_INC=${includes.join(';')}`, `PQSOCK_NODE=${process.execPath}`);
  // Once: CMake does it again itself where it must, and all of liboqs is compiled again after it. This file is written
  // at its end.
  if (!existsSync(join(BUILD, 'cmake_install.cmake'))) {
    await run('cmake', ['-S', HERE, '-B', BUILD, ...options.map((option) => `-D${option}`)]);
  }
  await run('cmake', ['--build', BUILD, '--target', 'fuzz-targets', '--parallel', '2']);
  await run(process.execPath, [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(ROOT, 'tsconfig.build.json'),
  ]);
}

/**
 * The program of a target with libFuzzer's arguments, and what it needs of the environment.
 *
 * @param {TargetName} name
 * @param {string[]} args
 * @returns {{ program: string, args: string[], env: Record<string, string | undefined> }}
 */
export function commandOf(name, args) {
  const env = { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1', ASAN_SYMBOLIZER_PATH: symbolizer() };
  if (!TARGETS[name].inNode) return { program: join(BUILD, `fuzz-${name}`), args, env };
  const asan = spawnSync(findClang(), ['-print-file-name=libclang_rt.asan-x86_64.so'], { encoding: 'utf8' });
  return {
    program: process.execPath,
    // Leaks are known once Node has ended, not after each input.
    args: ['--expose-gc', join(HERE, 'in-node.mjs'), name, ...args, '-detect_leaks=0'],
    env: {
      ...env,
      LD_PRELOAD: asan.stdout.trim(),
      PQSOCK_PREBUILD: join(BUILD, 'in-node'),
      // libFuzzer's variable of each thread makes all those of the addon part of what is set aside before it is loaded.
      GLIBC_TUNABLES: 'glibc.rtld.optional_static_tls=12288',
    },
  };
}

/**
 * The first clang that has libFuzzer.
 *
 * @returns {string}
 * @throws {Error} saying what is missing, with a `hint`
 */
export function findClang() {
  const found = CLANGS.find((clang) => {
    const { stdout = '' } = spawnSync(clang, ['-print-file-name=libclang_rt.fuzzer_no_main-x86_64.a'], {
      encoding: 'utf8',
    });
    return existsSync((stdout ?? '').trim());
  });
  if (found !== undefined) return found;
  const hint = 'apt-get install clang-14 libclang-rt-14-dev (or a later clang for x86-64 Linux with its compiler-rt)';
  throw Object.assign(new Error('no clang with libFuzzer'), { hint });
}

const CLANGS = ['clang', ...Array.from({ length: 9 }, (_, i) => `clang-${14 + i}`)];

/** @param {string} clang */
function cxxOf(clang) {
  return clang.replace('clang', 'clang++');
}

/** Without it, addresses are not names. */
function symbolizer() {
  const version = findClang().replace('clang', '');
  const { stdout } = spawnSync('which', [`llvm-symbolizer${version}`], { encoding: 'utf8' });
  return stdout?.trim() === '' ? undefined : stdout?.trim();
}
