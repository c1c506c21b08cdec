// @ts-check
/** Programs from PyPI of which we pin version and hash: native/<name>.txt, for pip. Each in a place of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NATIVE = dirname(fileURLToPath(import.meta.url));

/**
 * Installs the tool in build/<name>, once for each version. Ends the process with a hint where that does not work.
 *
 * @param {string} name
 * @returns {string} the virtual environment's folder
 */
export function pinnedTool(name) {
  const requirements = join(NATIVE, `${name}.txt`);
  const folder = join(dirname(NATIVE), 'build', name);
  const stamp = join(folder, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder;
  run('python3', ['-m', 'venv', '--clear', folder], name);
  const pip = ['install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', requirements];
  run(join(folder, 'bin', 'pip'), pip, name);
  writeFileSync(stamp, wanted);
  return folder;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} tool
 */
function run(program, args, tool) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  process.stderr.write(`error: ${program} failed${error === undefined ? '' : `: ${error.message}`}\n`);
  process.stderr.write(`hint: ${tool} needs python3 with venv (Debian: python3-venv), and PyPI the first time\n`);
  process.exit(1);
}
