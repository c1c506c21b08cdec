// @ts-check
/** Packages that only the benchmark needs: `npm ci` in a folder of bench/, when they are first asked for. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The rivals that need no compiler.
 *
 * @param {{ offline: boolean }} options
 */
export function installRivals({ offline }) {
  return installOnce('rivals', { what: 'rivals (70 MB)', allowed: !offline });
}

/**
 * Installs what the folder's lock file says, unless it is there; an older one will do if nothing may be installed.
 *
 * @param {string} folder below bench/
 * @param {{ what: string, allowed: boolean, rule?: string }} options `what` the user reads meanwhile; `rule`: why it
 *   isn't allowed
 * @returns {string | undefined} why the packages are not there in the end
 */
export function installOnce(folder, { what, allowed, rule = '--offline' }) {
  const cwd = fileURLToPath(new URL(`${folder}/`, import.meta.url));
  const [wanted, made] = [`${cwd}package-lock.json`, `${cwd}node_modules/.package-lock.json`];
  const isThere = existsSync(made);
  if (isThere && (!allowed || statSync(made).mtimeMs >= statSync(wanted).mtimeMs)) return undefined;
  if (!allowed) return `bench/${folder}/ is not installed, because of ${rule}`;
  process.stderr.write(`installing ${what} into bench/${folder}/\n`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  return status === 0 ? undefined : `npm ci failed in bench/${folder}/`;
}
