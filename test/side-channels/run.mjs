// @ts-check
/** `npm run test:side-channels`: what secrets do to time and to memory; see --help. */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildLib } from '../build-lib.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Each check's file, what that exports, and whether it runs the package. @type {Record<string, [string, string, boolean]>} */
const CHECKS = {
  'constant-time': ['./constant-time.mjs', 'constantTime', false],
  timing: ['./timing.mjs', 'timing', false],
  'core-dump': ['./core-dump.mjs', 'coreDump', true],
};

const USAGE = `usage: node test/side-channels/run.mjs [CHECK] [--short]

  constant-time  no branch and no address depends on a secret, by Valgrind; algorithms and handshakes, both codes
  timing         dudect: decapsulation of valid and invalid ciphertexts; prints |t| and judges nothing
  core-dump      what is left of a closed connection in the memory of its client, and of its server

  --short        fewer operations, fewer measurements, one suite
  --help

examples:
  npm run test:side-channels
  npm run test:side-channels -- core-dump --short
`;

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
const { check, short, help } = options();
if (help) process.stdout.write(USAGE);
else await main();

async function main() {
  if (process.platform !== 'linux') fail('the checks are for Linux', 'run this on Linux');
  runNode(['native/build.mjs', '--side-channels']);
  const failed = [];
  for (const name of check === undefined ? Object.keys(CHECKS) : [check]) {
    const [file, exported, runsPackage] = /** @type {[string, string, boolean]} */ (CHECKS[name]);
    if (runsPackage) buildLib([[], ['--test']]);
    process.stdout.write(`${name}\n`);
    try {
      const say = (/** @type {string} */ line) => process.stdout.write(`  ${line}\n`);
      if (!(await (await import(file))[exported]({ short, say }))) failed.push(name);
    } catch (error) {
      const { message, hint } = /** @type {{ message: string, hint?: string }} */ (error);
      if (hint === undefined) throw error;
      fail(message, hint);
    }
  }
  if (failed.length > 0) fail(`${failed.join(' and ')} found something`, 'see above');
  process.exit(0);
}

/** @param {string[]} args */
function runNode(args) {
  if (spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status !== 0) {
    fail(`node ${args.join(' ')} failed`, 'see above');
  }
}

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { short: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    });
    const [name, ...rest] = positionals;
    if (rest.length > 0 || (name !== undefined && !Object.hasOwn(CHECKS, name))) {
      fail(`unknown arguments: ${positionals.join(' ')}`, 'see --help');
    }
    return { ...values, check: name };
  } catch (error) {
    return fail(/** @type {Error} */ (error).message, 'see --help');
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
