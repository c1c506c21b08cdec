// @ts-check
/** Rows of other processors, of musl and of Windows: run by an emulator, or by a libc that is not this machine's. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arm64, muslNode, packages, wine } from './tools.mjs';
import { calls } from './vectors.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./rows.mjs').Context} Context */

const MUSL = { x64: 'prebuilds/linux-x64/node.napi.musl.node', arm64: 'prebuilds/linux-arm64/node.napi.musl.node' };
const GLIBC = { x64: 'prebuilds/linux-x64/node.napi.glibc.node', arm64: 'prebuilds/linux-arm64/node.napi.glibc.node' };

/** @type {Row[]} */
export const EMULATED = [
  {
    ...{ target: 'linux arm64 glibc', runtime: 'Node 24', how: 'npm 11; under qemu', addons: [GLIBC.arm64] },
    run: (context) => alone(context, nodeForArm64()),
  },
  {
    ...{ target: 'linux x64 musl', runtime: 'Node 24', how: 'npm 11; on musl 1.2.5 of Debian', addons: [MUSL.x64] },
    run: (context) => alone(context, muslNode('x64')),
  },
  {
    ...{ target: 'linux arm64 musl', runtime: 'Node 24', addons: [MUSL.arm64] },
    how: 'npm 11; on musl 1.2.5 of Debian, under qemu',
    run: (context) => alone(context, muslNode('arm64')),
  },
  {
    ...{ target: 'linux x64 glibc and linux arm64 musl', runtime: 'Node 24', addons: [GLIBC.x64, MUSL.arm64] },
    how: 'npm 11; a server of the one and a client of the other, and the other way round',
    async run({ app }) {
      await install(app);
      const here = { command: [join(packages('runtimes'), 'node-24/bin/node')] };
      const there = { command: muslNode('arm64') };
      await app.exchange(here, there);
      await app.exchange(there, here);
      return 'handshake, 4 MiB, twice';
    },
  },
  vectors('linux arm64 glibc', 'under qemu', GLIBC.arm64, () => nodeForArm64()),
  vectors('linux arm64 musl', 'on musl, under qemu', MUSL.arm64, () => muslNode('arm64')),
  {
    ...{ target: 'win32 x64', runtime: 'Node 22', addons: ['prebuilds/win32-x64/node.napi.node'] },
    how: 'npm 11; under Wine, as a smoke test: the addon of a release is made by MSVC',
    async run({ app }) {
      await install(app);
      const node = join(packages('runtimes'), 'node-win32/bin/node.exe');
      const env = {
        WINEPREFIX: join(app.folder, 'wine'),
        WINEDEBUG: '-all',
        USER: 'root',
        NODE_SKIP_PLATFORM_CHECK: '1',
      };
      return said(await app.exchange({ command: [wine(), node], env, files: true }));
    },
  },
];

/**
 * @param {string} target
 * @param {string} how
 * @param {string} addon
 * @param {() => string[]} command
 * @returns {Row}
 */
function vectors(target, how, addon, command) {
  return {
    ...{ target, runtime: 'Node 24', how: `${how}; vectors`, addons: [addon] },
    async run({ app }) {
      await install(app);
      copyFileSync(fileURLToPath(new URL('programs/vectors.mjs', import.meta.url)), join(app.folder, 'vectors.mjs'));
      writeFileSync(join(app.folder, 'calls.json'), JSON.stringify(calls()));
      const { calls: count, wrong } = JSON.parse(await app.run([...command(), 'vectors.mjs', '.']));
      if (wrong.length > 0 || count < 400) throw new Error(`wrong: ${wrong.join(', ')} of ${count}`);
      return `${count} calls of ACVP, Wycheproof and our own, all right`;
    },
  };
}

/**
 * @param {Context} context
 * @param {string[]} command
 */
async function alone({ app }, command) {
  await install(app);
  return said(await app.exchange({ command }));
}

function nodeForArm64() {
  return [...arm64(), join(packages('runtimes'), 'node-arm64/bin/node')];
}

/**
 * By a Node of this machine: what is installed is the same everywhere.
 *
 * @param {Context['app']} app
 */
async function install(app) {
  const program = join(packages('runtimes'), 'node-24/bin/node');
  app.link('node', program);
  const npm = join(packages('runtimes'), 'npm-11/bin/npm-cli.js');
  await app.run([program, npm, 'install', '--no-audit', '--no-fund', 'pqsock']);
}

/** @param {Awaited<ReturnType<Context['app']['exchange']>>} result */
function said({ addon }) {
  return `handshake, 4 MiB; records ${addon.records}; ${addon.path.replaceAll('\\', '/').replace(/.*\/prebuilds\//, '')}`;
}
