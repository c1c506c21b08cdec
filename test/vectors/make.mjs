// @ts-check
/**
 * Makes the test vectors: a connection of each suite with every random byte fixed, computed from PROTOCOL.md alone.
 * The code of lib/ has no part in it; vectors.test.ts shows that it does the same.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isBuilt, SUITES } from './algorithms.mjs';
import { batchOf } from './batch.mjs';
import { connectionOf } from './connection.mjs';
import { inputsOf } from './inputs.mjs';
import { keyChoiceOf } from './key-choice.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const HELP = `usage: node test/vectors/make.mjs [--check]

  --check   compares the files with what would be made, and writes nothing
  --help    this text

Needs the addon of the tests. Examples:
  node native/build.mjs --test && node test/vectors/make.mjs
  node test/vectors/make.mjs --check
`;

const { check, help } = readArguments();
if (help) process.stdout.write(HELP);
else if (!isBuilt()) fail('the addon of the tests is not built', 'node native/build.mjs --test');
else for (const suite of SUITES) make(suite);

/** @param {import('./algorithms.mjs').Suite} suite */
function make(suite) {
  const { id, name, sigalg } = suite;
  const { records, ...inputs } = inputsOf(suite);
  const all = { records, ...inputs };
  const vector = {
    version: 1,
    suite: { id, name, sigalg },
    inputs,
    ...connectionOf(suite, all),
    batch: batchOf(suite, all),
    key_choice: keyChoiceOf(suite, all),
  };
  const text = `${JSON.stringify(vector, inHex, 2)}\n`;
  const path = join(HERE, `${name}.json`);
  if (!check) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    fail(`${name}.json is not what is made`, 'node test/vectors/make.mjs');
  }
  process.stdout.write(`${name}.json ${check ? 'is as it is made' : 'made'}\n`);
}

/**
 * JSON.stringify hands over a Buffer as what its toJSON made of it.
 *
 * @param {string} _
 * @param {any} value
 */
function inHex(_, value) {
  return value?.type === 'Buffer' && Array.isArray(value.data) ? Buffer.from(value.data).toString('hex') : value;
}

function readArguments() {
  try {
    return parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    return fail(/** @type {Error} */ (error).message, 'node test/vectors/make.mjs --help');
  }
}

/**
 * @param {string} error
 * @param {string} hint
 * @returns {never}
 */
function fail(error, hint) {
  process.stderr.write(`error: ${error}\nhint: ${hint}\n`);
  process.exit(1);
}
