// @ts-check
/** Checks .github/ with actionlint and zizmor, both pinned: that GitHub understands it, and that it is safe to run. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedTool } from '../native/pinned-tool.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Go's checksum database vouches for what it is. */
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
/** Without a look at GitHub. The strictest of its tempers: a finding is put right, or has its reason in zizmor.yml. */
const ZIZMOR_ARGS = [
  '--offline',
  '--no-progress',
  '--quiet',
  '--persona',
  'auditor',
  '--config',
  '.github/zizmor.yml',
  '.github',
];

const passed = [run(actionlint(), []), run(join(pinnedTool('zizmor'), 'bin', 'zizmor'), ZIZMOR_ARGS)];
process.exit(passed.every(Boolean) ? 0 : 1);

/** Builds actionlint in build/, once for each version; without Go it ends the process with a hint. */
function actionlint() {
  const folder = join(ROOT, 'build', `actionlint-${ACTIONLINT.split('@')[1]}`);
  const program = join(folder, process.platform === 'win32' ? 'actionlint.exe' : 'actionlint');
  if (!existsSync(program) && !run('go', ['install', ACTIONLINT], { GOBIN: folder })) {
    process.stderr.write('hint: actionlint needs Go 1.25 or later, and its module proxy the first time\n');
    process.exit(1);
  }
  return program;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [variables]
 */
function run(program, args, variables = {}) {
  const options = { cwd: ROOT, stdio: /** @type {const} */ ('inherit'), env: { ...process.env, ...variables } };
  const { status, error } = spawnSync(program, args, options);
  if (error !== undefined) process.stderr.write(`error: ${program}: ${error.message}\n`);
  return status === 0;
}
