// @ts-check
/** What the package is run and checked with: pinned here, and installed in build/platforms/ the first time. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const WORK = join(ROOT, 'build', 'platforms');
const PINNED = join(ROOT, 'test', 'platforms');

/**
 * @param {'checkers' | 'runtimes'} which
 * @returns {string} the folder with the packages of its package.json
 */
export function packages(which) {
  const folder = join(WORK, which);
  const stamp = join(folder, 'installed.json');
  const lock = readFileSync(join(PINNED, which, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return join(folder, 'node_modules');
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(PINNED, which, name), join(folder, name));
  // --force: some are for other platforms than this one. Not `ci`: pnpm names optional packages that do not exist.
  run('npm', ['install', '--ignore-scripts', '--force', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  writeFileSync(stamp, lock);
  return join(folder, 'node_modules');
}

/** @returns {string} a Python with the packages of requirements.txt */
export function python() {
  const folder = join(WORK, 'python');
  const requirements = join(PINNED, 'requirements.txt');
  const stamp = join(folder, 'installed.txt');
  const program = join(folder, 'bin', 'python');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return program;
  run('python3', ['-m', 'venv', '--clear', folder], ROOT);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '-r',
    requirements,
  ];
  run(program, pip, ROOT);
  writeFileSync(stamp, wanted);
  return program;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed in ${cwd}`);
}
