// @ts-check
/** Loads the packages of this folder. What isn't installed here may be found above it, where tests need the same. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
/** @type {Record<string, string>} */
const dependencies = require('./package.json').dependencies;
const ofPqclean = createRequire(new URL('pqclean/package.json', import.meta.url));

/**
 * @param {string} name
 * @param {string} [path] of a module inside the package
 * @returns {Promise<any>} its exports; the packages are too many, and too loosely typed, for more to be said
 * @throws {Error} if it isn't installed
 */
export function loadRival(name, path = '') {
  return import(`${name}${path}`);
}

/** The native part of pqclean, without its fallback to WASM. @returns {any} */
export function loadPqclean() {
  return ofPqclean('pqclean/build/Release/node_pqclean.node');
}

/** The version that the lock file pins. @param {string} name */
export function versionOf(name) {
  const { [name]: pinned = ofPqclean('./package.json').dependencies[name] } = dependencies;
  return pinned.split('@').at(-1);
}
