// @ts-check
/** Runs a fuzz target that is written in JavaScript, in a Node that run.mjs has started: `in-node.mjs TARGET [libFuzzer's arguments…]`. */
import { argv, execPath } from 'node:process';
import { addon } from '../../../dist/native/load.js';
import { runBorder } from './border.mjs';
import { runTeardown } from './teardown.mjs';

/** @type {Record<string, (bytes: Uint8Array, fail: (text: string) => void) => Promise<void>>} */
const TARGETS = { border: runBorder, teardown: runTeardown };

const [, script = '', name = '', ...rest] = argv;
const target = TARGETS[name];
if (target === undefined) throw new Error(`no target ${name}`);
/** @type {any} */
const fuzzer = addon;
// What libFuzzer is called: it starts itself again to merge.
const self = [execPath, '--expose-gc', script, name].join(' ');
fuzzer.fuzz([self, ...rest], (/** @type {Uint8Array | number} */ bytes) => {
  if (typeof bytes === 'number') process.exitCode = bytes;
  else void runInput(bytes);
});

/** @param {Uint8Array} bytes */
async function runInput(bytes) {
  try {
    await target?.(bytes, fuzzer.failInput);
  } catch (error) {
    fuzzer.failInput(/** @type {Error} */ (error)?.stack);
  }
  fuzzer.inputDone();
}
