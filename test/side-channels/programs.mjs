// @ts-check
/** The programs that `node native/build.mjs --side-channels` makes, and how they and others are run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SideChannelError } from './side-channel-error.mjs';

const BUILD = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'build');

export const PROGRAMS = {
  constantTime: join(BUILD, 'constant-time'),
  timing: join(BUILD, 'timing'),
  entropyTap: join(BUILD, 'Release', 'libentropy-tap.so'),
};

/** liboqs, as they and the addon are linked with it. */
export const LIBOQS = join(BUILD, 'liboqs', 'lib', 'liboqs.a');

/** The ways through liboqs on x86-64, and the environment that asks for each. */
export const CODES = [
  { code: 'AVX2', variables: {} },
  { code: 'reference', variables: { PQSOCK_REFERENCE_CODE: '1' } },
];

/** The numbers are those of native/algorithms.cc. */
export const KEMS = [
  { name: 'Kyber1024', number: '0' },
  { name: 'ML-KEM-1024', number: '1' },
];
export const SIGS = [
  { name: 'Dilithium5', number: '2' },
  { name: 'ML-DSA-87', number: '3' },
];
export const SUITES = [
  { name: 'kyber1024-dilithium5', number: '4', of: ['Kyber1024', 'Dilithium5'] },
  { name: 'mlkem1024-mldsa87', number: '5', of: ['ML-KEM-1024', 'ML-DSA-87'] },
];

/** Debian's packages of the others. @type {Record<string, string>} */
const PACKAGES = { valgrind: 'valgrind', gcore: 'gdb', objdump: 'binutils' };

/** Those that run: they end with us. */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill();
});

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [variables]
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>} code: null if a signal ended it
 * @throws {SideChannelError} if there is no such program
 */
export async function run(program, args, variables = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  try {
    const [code] = await once(child, 'close');
    return { code, ...output };
  } catch (error) {
    const hint = `apt-get install ${PACKAGES[program] ?? program} (or your system's package)`;
    throw new SideChannelError(`${program} can't be run: ${/** @type {Error} */ (error).message}`, hint);
  } finally {
    running.delete(child);
  }
}
