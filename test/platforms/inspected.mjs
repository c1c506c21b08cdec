// @ts-check
/** Rows about the addons themselves: what each is for, what it needs, shows and is protected by. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prebuildPath, TARGETS } from '../../native/prebuild-targets.mjs';
import { python } from './tools.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('../../native/prebuild-targets.mjs').Target} Target */
/**
 * @typedef {{
 *   machine: string, exports: string[], libraries: string[], glibc?: string[], relro?: boolean, now?: boolean,
 *   executableStack?: boolean, stackProtector?: boolean, stripped?: boolean, minimum?: string, signed?: boolean,
 * }} Facts
 */

/** @type {Row[]} */
export const INSPECTED = [
  {
    ...{ target: 'any', runtime: 'the tarball', how: 'with the addons for all platforms' },
    addons: TARGETS.map(prebuildPath),
    async run({ tarball }) {
      const { size } = statSync(tarball);
      if (size > MOST) throw new Error(`${size} bytes, more than ${MOST}`);
      return `${(size / 1e6).toFixed(2)} MB`;
    },
  },
  ...TARGETS.map(inspection),
];

/**
 * @param {Target} target
 * @returns {Row}
 */
function inspection(target) {
  return {
    target: target.name.replaceAll('-', ' '),
    runtime: 'the file',
    how: 'looked at with LIEF',
    addons: [prebuildPath(target)],
    async run({ app, tarball }) {
      app.link('tar', '/bin/tar');
      app.link('gzip', '/bin/gzip');
      const path = prebuildPath(target);
      await app.run(['tar', '-xzf', tarball, '--strip-components=1', `package/${path}`]);
      const program = fileURLToPath(new URL('inspect.py', import.meta.url));
      const facts = JSON.parse(execFileSync(python(), [program, join(app.folder, path)], { encoding: 'utf8' }));
      const faults = faultsOf(target, facts);
      if (faults.length > 0) throw new Error(faults.join('; '));
      return praise(facts);
    },
  };
}

/**
 * @param {Target} target
 * @param {Facts} facts
 * @returns {string[]}
 */
function faultsOf({ platform, arch, libc }, facts) {
  const { machine, exports, libraries, glibc = [] } = facts;
  const unexpected = exports.filter((name) => !ENTRY_POINTS.has(name.replace(/^_/, '')) && !isOfMacos(platform, name));
  const newest = Number(glibc.at(-1)?.split('.')[1] ?? 0);
  /** @type {[boolean, string][]} */
  const checks = [
    [machine === MACHINES[platform][arch], `it is for ${machine}`],
    [unexpected.length === 0, `exports ${unexpected.join(', ')}`],
    [exports.length >= ENTRY_POINTS.size, `exports only ${exports.join(', ')}`],
    [libraries.every((name) => LIBRARIES[libc ?? platform].test(name)), `needs ${libraries.join(', ')}`],
    [newest <= 28, `needs ${glibc.at(-1)}`],
    [(libc === 'glibc') === glibc.length > 0, `symbols of glibc: ${glibc.length}`],
    [platform === 'win32' || facts.stackProtector === true, 'no stack protector'],
    [platform === 'win32' || facts.executableStack === false, 'an executable stack'],
    [platform !== 'linux' || (facts.relro === true && facts.now === true), 'not all is read-only after relocation'],
    [platform !== 'linux' || facts.stripped === true, 'not stripped'],
    [platform !== 'darwin' || facts.minimum === MINIMUM[arch], `for macOS ${facts.minimum}`],
    [platform !== 'darwin' || arch === 'x64' || facts.signed === true, 'not signed'],
  ];
  return checks.flatMap(([right, fault]) => (right ? [] : [fault]));
}

/** @param {Facts} facts */
function praise({ glibc, exports, minimum, signed, relro }) {
  const needs = glibc === undefined || glibc.length === 0 ? [] : [`at most ${glibc.at(-1)}`];
  if (minimum !== undefined) needs.push(`macOS ${minimum}${signed ? ', signed ad hoc' : ''}`);
  if (relro) needs.push('relro, now, stack protector, no executable stack, stripped');
  return [...needs, `${exports.length} exports`].join('; ');
}

/**
 * zig's linker for macOS shows all that is assembler, and what C++ may have replaced.
 *
 * @param {Target['platform']} platform
 * @param {string} name
 */
function isOfMacos(platform, name) {
  return (
    platform === 'darwin' && /^_*(PQCLEAN_|PQCP_|pqcrystals_|Keccak|Z(da|dl|na|nw)|mh_dylib|dso_handle)/.test(name)
  );
}

/** Bytes. */
const MOST = 2_000_000;
const ENTRY_POINTS = new Set(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
const MINIMUM = { x64: '10.15', arm64: '11.0' };
const MACHINES = {
  linux: { x64: 'X86_64', arm64: 'AARCH64' },
  darwin: { x64: 'X86_64', arm64: 'ARM64' },
  win32: { x64: 'AMD64', arm64: 'ARM64' },
};
/** What a platform has of itself. */
const LIBRARIES = {
  glibc: /^(libc|libm|libdl|libpthread|ld-linux-[\w-]+)\.so\.\d$/,
  musl: /^libc\.so$/,
  linux: /^$/,
  darwin: /^(@rpath\/pqsock\.node|\/usr\/lib\/libSystem\.B\.dylib)$/,
  win32: /^(NODE\.EXE|KERNEL32\.dll|ADVAPI32\.dll|api-ms-win-crt-[\w-]+\.dll)$/,
};
