// @ts-check
/**
 * What prebuildify calls in node-gyp's place (native/prebuilds.mjs): it builds with cmake-js and zig in the folder that
 * it is called in. Which target is said by PREBUILD_*; node-gyp's own options are passed over.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTarget } from './prebuild-targets.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const { PREBUILD_PLATFORM, PREBUILD_ARCH, PREBUILD_LIBC, ZIG = 'zig', JOBS = '1' } = process.env;

const target = findTarget(PREBUILD_PLATFORM, PREBUILD_ARCH, PREBUILD_LIBC);
if (target === undefined) throw new Error(`no target ${PREBUILD_PLATFORM} ${PREBUILD_ARCH} ${PREBUILD_LIBC}`);
process.exit(build(target, process.cwd()));

/**
 * @param {import('./prebuild-targets.mjs').Target} target
 * @param {string} folder
 */
function build({ zig, system, processor, libc }, folder) {
  const out = join(folder, 'build');
  // What CMake tries out would have musl linked in, which takes zig minutes to compile.
  const linking = libc === 'musl' ? '-dynamic' : '';
  const compile = `-target ${zig} ${linking} -ffile-prefix-map=${out}=. -ffile-prefix-map=${ROOT}=.`;
  // No exception goes through C; but Windows asks for the tables.
  const slim = system === 'Windows' ? '' : '-fno-asynchronous-unwind-tables -fno-unwind-tables';
  const tools = {
    C_COMPILER: tool('cc', `cc ${compile} ${slim}`, folder),
    CXX_COMPILER: tool('c++', `c++ ${compile}`, folder),
    AR: tool('ar', 'ar', folder),
    RANLIB: tool('ranlib', 'ranlib', folder),
    DLLTOOL: tool('dlltool', 'dlltool', folder),
  };
  /** @type {Record<string, string>} */
  const definitions = { SYSTEM_NAME: system, SYSTEM_PROCESSOR: processor, ...tools };
  const require = createRequire(import.meta.url);
  const args = [require.resolve('cmake-js/bin/cmake-js'), 'rebuild', '--directory', ROOT, '--out', out];
  args.push('--config', 'Release', '--target', 'pqsock', '--parallel', JOBS);
  args.push('--cc', tools.C_COMPILER, '--cxx', tools.CXX_COMPILER); // so that it looks for no others
  args.push(...Object.entries(definitions).map(([name, value]) => `--CDCMAKE_${name}=${value}`));
  if (system === 'Darwin') args.push('--CDCMAKE_INSTALL_NAME_TOOL=/bin/false'); // CMake asks for it; nothing is installed
  if (system === 'Windows') {
    args.push(`--CDCMAKE_JS_NODELIB_DEF=${require.resolve('node-api-headers/def/node_api.def')}`);
    args.push(`--CDCMAKE_JS_NODELIB_TARGET=${join(out, 'node.lib')}`);
  }
  return spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' }).status ?? 1;
}

/**
 * A program for CMake that is one of zig's. For ARM liboqs names processors in the way of gcc, and zig has names of its
 * own. Each of Apple's has the instructions for SHA-3, which liboqs counts on there.
 *
 * @param {string} name
 * @param {string} command
 * @param {string} folder
 */
function tool(name, command, folder) {
  const path = join(folder, 'bin', name);
  const script = `#!/bin/sh
for argument; do
  shift
  case $argument in
    -march=armv8-a+* | -mcpu=cortex-a53+*) argument=-mcpu=${PREBUILD_PLATFORM === 'darwin' ? 'apple_m1' : `generic+\${argument#*+}`} ;;
  esac
  set -- "$@" "$argument"
done
exec '${ZIG}' ${command} "$@"
`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}
