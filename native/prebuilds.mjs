// @ts-check
/**
 * Makes the addons that the package carries, for every platform on one Linux host, with a pinned zig:
 * `npm run prebuilds`, or `npm run prebuilds -- --host` for the host's alone, which macOS and Windows make as well, with
 * their own compilers. They are in prebuilds/ when all went well. Two runs of zig give the same bytes, wherever the clone
 * lies.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyLiboqs } from '../deps/liboqs-source.mjs';
import { pinnedTool } from './pinned-tool.mjs';
import { hostTarget, prebuildPath, TARGETS } from './prebuild-targets.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const USAGE = `usage: npm run prebuilds [-- --host | --target NAME…] [--out FOLDER]
targets: ${TARGETS.map(({ name }) => name).join(', ')}`;

/** @typedef {import('./prebuild-targets.mjs').Target} Target */

const { targets, out } = readArguments();
const isTerminal = process.stderr.isTTY === true;
/** How far each target is that is being built. @type {Map<string, string>} */
const progress = new Map();
await main();

async function main() {
  if (process.platform !== 'linux') return makeForHost();
  const zig = zigProgram();
  // Once for all of them; the package carries it as well.
  await copyLiboqs({ destination: join(ROOT, 'deps', 'liboqs-src'), log: say });
  // CMake configures on one core: a second target compiles meanwhile.
  const lanes = Math.min(targets.length, Math.max(1, Math.floor(availableParallelism() / 2)) + 1);
  const jobs = Math.ceil(availableParallelism() / lanes);
  const waiting = [...targets];
  const failures = await Promise.all(
    Array.from({ length: lanes }, async () => {
      const failed = [];
      for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
        if (!(await make(target, zig, jobs))) failed.push(target.name);
      }
      return failed;
    }),
  );
  if (failures.flat().length > 0) fail(`not made: ${failures.flat().join(', ')}`, 'the logs above say why');
}

/** Where zig is not used, the host's own compiler makes the host's addon, and no other. */
function makeForHost() {
  const [target, ...others] = targets;
  if (target === undefined || target !== hostTarget() || others.length > 0) {
    fail('addons for other platforms are made on Linux', 'for this one: npm run prebuilds -- --host');
  }
  const { status } = spawnSync(process.execPath, [join(ROOT, 'native', 'build.mjs')], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  const file = join(out, prebuildPath(target));
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(join(ROOT, 'build', 'Release', 'pqsock.node'), file);
  say(`${prebuildPath(target)}: ${Math.ceil(statSync(file).size / 1000)} kB`);
}

/**
 * @param {Target} target
 * @param {string} zig
 * @param {number} jobs
 * @returns {Promise<boolean>}
 */
async function make(target, zig, jobs) {
  const began = performance.now();
  const folder = join(ROOT, 'build', 'prebuilds', target.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const code = await runPrebuildify(target, folder, {
    ZIG: zig,
    JOBS: String(jobs),
    ZIG_LOCAL_CACHE_DIR: join(folder, 'zig-cache'),
  });
  progress.delete(target.name);
  const file = join(out, prebuildPath(target));
  const made = code === 0 && existsSync(file);
  const seconds = Math.round((performance.now() - began) / 1000);
  if (made) say(`${prebuildPath(target)}: ${Math.ceil(statSync(file).size / 1000)} kB, ${seconds} s`);
  return made;
}

/**
 * @param {Target} target
 * @param {string} folder where it is built
 * @param {NodeJS.ProcessEnv} variables
 * @returns {Promise<number>} the exit code
 */
function runPrebuildify({ name, platform, arch, libc }, folder, variables) {
  const require = createRequire(import.meta.url);
  const shim = `"${process.execPath}" "${join(ROOT, 'native', 'prebuild-shim.mjs')}"`;
  const args = [require.resolve('prebuildify/bin.js'), '--napi', '--name', 'node.napi', '--cwd', folder, '--out', out];
  args.push('--platform', platform, '--arch', arch, '--shell', '--node-gyp', shim);
  if (libc !== undefined) args.push('--libc', libc, '--tag-libc');
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      log += text;
      const steps = [...text.matchAll(/^\[(\s*\d+%|\d+\/\d+)\]/gm)].at(-1)?.[1];
      show(name, steps?.trim());
    });
  }
  show(name, 'configuring');
  return new Promise((resolve) => {
    child.on('close', (code) => {
      writeFileSync(join(folder, 'build.log'), log);
      if (code !== 0) say(`${log.split('\n').slice(-40).join('\n')}\nerror: ${name}: see ${join(folder, 'build.log')}`);
      resolve(code ?? 1);
    });
  });
}

function zigProgram() {
  const lib = join(pinnedTool('zig'), 'lib');
  const [python = ''] = readdirSync(lib).filter((name) => name.startsWith('python3'));
  return join(lib, python, 'site-packages', 'ziglang', 'zig');
}

function readArguments() {
  const options = /** @type {const} */ ({
    host: { type: 'boolean' },
    target: { type: 'string', multiple: true },
    out: { type: 'string', default: ROOT },
    help: { type: 'boolean' },
  });
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      process.exit(0);
    }
    const named = values.host ? [hostTarget()?.name ?? `${process.platform}-${process.arch}`] : values.target;
    const chosen = named?.map((name) => {
      const target = TARGETS.find((known) => known.name === name);
      return target ?? fail(`no addon is made for ${name}`, USAGE);
    });
    return { targets: chosen ?? TARGETS, out: values.out };
  } catch (error) {
    return fail(/** @type {Error} */ (error).message, USAGE);
  }
}

/**
 * @param {string} name
 * @param {string | undefined} state
 */
function show(name, state) {
  if (!isTerminal || state === undefined) return;
  progress.set(name, state);
  process.stderr.write(`\r\x1b[2K${[...progress].map((entry) => entry.join(' ')).join(', ')}`);
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${isTerminal ? '\r\x1b[2K' : ''}${line}\n`);
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
