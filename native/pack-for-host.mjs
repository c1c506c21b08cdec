// @ts-check
/**
 * Packs the package as it is now, with the addon for this host alone, and prints the tarball's path: for tests, which
 * install it. What was made before is used again while nothing that goes into it has changed. dist/ must be built.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneAtATime } from './one-at-a-time.mjs';
import { hostTarget, prebuildPath } from './prebuild-targets.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const WORK = join(ROOT, 'build', 'packed');

/** What the addon is made of. */
const OF_ADDON = [
  ...['CMakeLists.txt', 'deps/liboqs.manifest', 'deps/patches', 'native/exports.map', 'native/zig.txt'],
  ...['native/prebuild-shim.mjs', 'native/prebuild-targets.mjs', 'node_modules/node-addon-api/package.json'],
  ...['node_modules/node-api-headers/package.json', ...filesIn('native').filter((path) => /\.(cc|h)$/.test(path))],
];
/** What the package is made of. */
const OF_PACKAGE = [
  'package.json',
  'package-lock.json',
  'README.md',
  'LICENSE',
  'dist/bundle',
  'dist/types',
  'native',
  'deps',
];

mkdirSync(WORK, { recursive: true });
// Who comes second finds it made.
process.stdout.write(`${oneAtATime(join(WORK, 'holder'), tarball)}\n`);

function tarball() {
  const addonKey = keyOf(OF_ADDON);
  const folder = join(WORK, keyOf(OF_PACKAGE, addonKey));
  const [made] = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.tgz')) : [];
  if (made !== undefined) return join(folder, made);

  run(process.execPath, ['native/package-parts.mjs']);
  const prebuild = addonFor(addonKey);
  const fresh = join(WORK, 'fresh');
  rmSync(fresh, { recursive: true, force: true });
  for (const path of filesOfPackage()) copy(join(ROOT, path), join(fresh, 'package', path));
  copy(join(prebuild.folder, prebuild.path), join(fresh, 'package', prebuild.path));
  const [{ filename }] = npmPack(['--pack-destination', fresh], join(fresh, 'package'));
  mkdirSync(folder, { recursive: true });
  renameSync(join(fresh, filename), join(folder, filename));
  return join(folder, filename);
}

/**
 * The addon as it ships.
 *
 * @param {string} key
 * @returns {{ folder: string, path: string }}
 */
function addonFor(key) {
  const target = hostTarget();
  if (target === undefined) throw new Error(`no addon is made for ${process.platform} ${process.arch}`);
  const folder = join(WORK, `addon-${key}`);
  const path = prebuildPath(target);
  if (existsSync(join(folder, path))) return { folder, path };
  run(process.execPath, ['native/prebuilds.mjs', '--host', '--out', folder]);
  return { folder, path };
}

/** All but the addons that happen to lie in prebuilds/. */
function filesOfPackage() {
  const [{ files }] = npmPack(['--dry-run'], ROOT);
  return files.map(({ path }) => path).filter((path) => !path.startsWith('prebuilds/'));
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @returns {[{ filename: string, files: { path: string }[] }]}
 */
function npmPack(args, cwd) {
  const { stdout, status } = spawnSync('npm', ['pack', '--json', '--ignore-scripts', ...args], {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (status !== 0) throw new Error(`npm pack failed in ${cwd}`);
  return JSON.parse(stdout);
}

/**
 * A name for the contents of files.
 *
 * @param {string[]} paths
 * @param {string} [also]
 */
function keyOf(paths, also = '') {
  const hash = createHash('sha256').update(also);
  for (const path of paths.flatMap(filesIn)) hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Those in a folder, but for what is made by package-parts.mjs, and the submodule.
 *
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  if (['deps/liboqs', 'deps/liboqs-src', 'native/include'].includes(path)) return [];
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .sort()
    .flatMap((name) => filesIn(`${path}/${name}`));
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${args.join(' ')} failed`);
}
