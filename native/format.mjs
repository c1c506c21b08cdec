// @ts-check
/** Checks the format of the C and C++ files with a pinned clang-format; `--write` puts it right. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['native', 'test/native', 'test/side-channels/native', 'test/fuzz/native', 'bench/native'];
const REQUIREMENTS = join(ROOT, 'native', 'clang-format.txt');
const VENV = join(ROOT, 'build', 'clang-format');

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => /\.(cc|c|h)$/.test(name))
    .map((name) => join(folder, name)),
);
const flags = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror'];
run(install(), [...flags, ...files]);

/** Puts clang-format into a virtual environment of its own, once for each version. */
function install() {
  const stamp = join(VENV, 'requirements.txt');
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    run('python3', ['-m', 'venv', '--clear', VENV]);
    const pip = ['install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', REQUIREMENTS];
    run(join(VENV, 'bin', 'pip'), pip);
    writeFileSync(stamp, wanted);
  }
  return join(VENV, 'bin', 'clang-format');
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (status === 0) return;
  process.stderr.write(`error: ${program} failed${error === undefined ? '' : `: ${error.message}`}\n`);
  process.stderr.write(
    'hint: clang-format needs python3 with venv (Debian: python3-venv); npm run format puts files right\n',
  );
  process.exit(1);
}
