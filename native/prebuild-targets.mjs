// @ts-check
/**
 * The platforms that the package has addons for: as Node, CMake and zig call them. glibc 2.28 is what Node 20 itself
 * needs, as are the versions of macOS.
 */

/**
 * @typedef {{
 *   name: string,
 *   platform: 'linux' | 'darwin' | 'win32',
 *   arch: 'x64' | 'arm64',
 *   libc?: 'glibc' | 'musl',
 *   zig: string,
 *   system: string,
 *   processor: string,
 * }} Target
 */

/** @type {readonly Target[]} */
export const TARGETS = [
  linux('x64', 'glibc', 'x86_64-linux-gnu.2.28'),
  linux('arm64', 'glibc', 'aarch64-linux-gnu.2.28'),
  linux('x64', 'musl', 'x86_64-linux-musl'),
  linux('arm64', 'musl', 'aarch64-linux-musl'),
  {
    ...{ name: 'darwin-x64', platform: 'darwin', arch: 'x64' },
    ...{ zig: 'x86_64-macos.10.15', system: 'Darwin', processor: 'x86_64' },
  },
  {
    ...{ name: 'darwin-arm64', platform: 'darwin', arch: 'arm64' },
    ...{ zig: 'aarch64-macos.11.0', system: 'Darwin', processor: 'arm64' },
  },
  {
    ...{ name: 'win32-x64', platform: 'win32', arch: 'x64' },
    ...{ zig: 'x86_64-windows-gnu', system: 'Windows', processor: 'x86_64' },
  },
];

/**
 * The target that this process runs on.
 *
 * @returns {Target | undefined}
 */
export function hostTarget() {
  const { header } = /** @type {{ header: Record<string, unknown> }} */ (process.report.getReport());
  const libc = 'glibcVersionRuntime' in header ? 'glibc' : 'musl';
  return findTarget(process.platform, process.arch, libc);
}

/**
 * @param {string | undefined} platform
 * @param {string | undefined} arch
 * @param {string | undefined} libc is looked at on Linux alone
 */
export function findTarget(platform, arch, libc) {
  const matches = TARGETS.filter((target) => target.platform === platform && target.arch === arch);
  return matches.find((target) => target.libc === undefined || target.libc === libc);
}

/**
 * Where the addon of a target lies in the package: the name that node-gyp-build looks for.
 *
 * @param {Target} target
 */
export function prebuildPath({ platform, arch, libc }) {
  return `prebuilds/${platform}-${arch}/node.napi.${libc === undefined ? '' : `${libc}.`}node`;
}

/**
 * @param {'x64' | 'arm64'} arch
 * @param {'glibc' | 'musl'} libc
 * @param {string} zig
 * @returns {Target}
 */
function linux(arch, libc, zig) {
  const processor = arch === 'x64' ? 'x86_64' : 'aarch64';
  return { name: `linux-${arch}-${libc}`, platform: 'linux', arch, libc, zig, system: 'Linux', processor };
}
