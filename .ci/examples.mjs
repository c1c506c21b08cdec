// @ts-check
/** Checks the Dockerfile of examples/ with hadolint, pinned. Nothing is built. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedTool } from '../native/pinned-tool.mjs';

const cwd = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(pinnedTool('hadolint'), 'bin', 'hadolint');
const { status } = spawnSync(program, ['--failure-threshold', 'style', 'examples/docker/Dockerfile'], {
  cwd,
  stdio: 'inherit',
});
process.exit(status ?? 1);
