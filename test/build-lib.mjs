// @ts-check
/** dist/ and addons as they should be now, for scripts that run outside of Jest. */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Compiles lib/ to the modules of dist/, and builds addons. Ends the process where that fails.
 *
 * @param {readonly string[][]} addons the arguments of native/build.mjs for each
 * @param {number} exitCode
 */
export function buildLib(addons, exitCode = 1) {
  const lib = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  for (const command of [...addons.map((args) => ['native/build.mjs', ...args]), lib]) {
    if (spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' }).status === 0) continue;
    process.stderr.write(`error: node ${command.join(' ')} failed\nhint: npm ci && npm run build\n`);
    process.exit(exitCode);
  }
}
