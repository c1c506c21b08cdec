// @ts-check
/** Checks the format of the C and C++ files with a pinned clang-format; `--write` puts it right. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedTool } from './pinned-tool.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['native', 'test/native', 'test/side-channels/native', 'test/fuzz/native', 'bench/native'];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => /\.(cc|c|h)$/.test(name))
    .map((name) => join(folder, name)),
);
const flags = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror'];
run(join(pinnedTool('clang-format'), 'bin', 'clang-format'), [...flags, ...files]);

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (status === 0) return;
  process.stderr.write(`error: ${program} failed${error === undefined ? '' : `: ${error.message}`}\n`);
  process.stderr.write('hint: npm run format puts files right\n');
  process.exit(1);
}
