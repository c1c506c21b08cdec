// @ts-check
/** What test/requirements.json lists and this machine does not have. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';

/**
 * What some suites need: how it is looked for, and the Debian packages that have it. None, if it can't be installed
 * but is what the machine is.
 *
 * @typedef {{ program: string, check: string, debian: string[], suites: string[] }} Requirement
 */

/**
 * From then on this process and its children find the programs of Debian's sbin, where servers are, and which is on
 * the PATH of root alone.
 *
 * @returns {Requirement[]}
 */
export function missingPrograms() {
  process.env['PATH'] += `${delimiter}/usr/sbin`;
  /** @type {Requirement[]} */
  const requirements = JSON.parse(readFileSync(new URL('requirements.json', import.meta.url), 'utf8'));
  return requirements.filter(({ check }) => spawnSync('sh', ['-c', check], { stdio: 'ignore' }).status !== 0);
}
