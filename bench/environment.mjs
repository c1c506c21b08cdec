// @ts-check
/** What the figures were measured on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os';

/**
 * @typedef {object} Environment
 * @property {string} version of this package, and the commit
 * @property {string} liboqs
 * @property {string} node
 * @property {string} openssl that node:tls works with
 * @property {string} platform
 * @property {string} cpu
 * @property {number} cores
 * @property {number} load how many others wanted a core in the last minute
 * @property {string} date
 */

/** @returns {Environment} */
export function describeEnvironment() {
  const { version } = readJson('../package.json');
  return {
    version: [version, commit()].filter(Boolean).join(' '),
    liboqs: readJson('../deps/liboqs.json').version,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${platform()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    date: new Date().toISOString(),
  };
}

/** @param {Environment} environment */
export function formatEnvironment({ version, liboqs, node, openssl, platform, cpu, cores, load, date }) {
  return [
    `pqsock ${version}, liboqs ${liboqs}, Node ${node} (OpenSSL ${openssl}), ${platform}, ${date}`,
    `${cpu}, ${cores} cores, load ${load.toFixed(2)}${load > 0.5 ? ': other work makes the figures unsteady' : ''}`,
    '',
  ].join('\n');
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}

function commit() {
  const git = (/** @type {string[]} */ ...args) => {
    const options = { cwd: new URL('.', import.meta.url), encoding: /** @type {const} */ ('utf8') };
    return execFileSync('git', args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  };
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
    return `(${git('rev-parse', '--short', 'HEAD')}${changed})`;
  } catch {
    return ''; // not a checkout
  }
}
