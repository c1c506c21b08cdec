/** A virtual environment of Python with pinned packages. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The interpreter of an environment in `folder` with the packages of `requirements`, made if it isn't there. */
export function pythonWith(requirements: string, folder: string): string {
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stampFile = join(folder, 'requirements.stamp');
  const stamp = `${run('python3', '--version')}${readFileSync(requirements, 'utf8')}`;
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return python;

  rmSync(folder, { recursive: true, force: true });
  run('python3', '-m', 'venv', folder);
  run(python, '-m', 'pip', 'install', '--require-hashes', '--disable-pip-version-check', '-q', '-r', requirements);
  writeFileSync(stampFile, stamp);
  return python;
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
