// @ts-check
/** What is tried, in the order of the table: each in a folder of its own, from the packed package. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EMULATED } from './emulated.mjs';
import { INSPECTED } from './inspected.mjs';
import { packages } from './tools.mjs';
import { TYPES } from './types.mjs';

/** @typedef {import('./application.mjs').Application} Application */
/** @typedef {{ app: Application, tarball: string }} Context */
/**
 * @typedef {{
 *   target: string,
 *   runtime: string,
 *   how: string,
 *   short?: boolean,
 *   addons?: string[],
 *   run: (context: Context) => Promise<string> | string,
 * }} Row
 *   short: is tried by `--host`, too; addons: what it needs in prebuilds/; run: what is said of a success
 */

const HERE = 'linux x64 glibc';
const MAIN = 'node_modules/pqsock/dist/bundle/main.js';
const EXCHANGE = 'handshake, 4 MiB';

/** @type {Row[]} */
export const ROWS = [
  {
    ...{ target: `${process.platform} ${process.arch}`, runtime: `Node ${process.versions.node}`, short: true },
    how: 'this Node and its npm, `--ignore-scripts`; `import` and `require`',
    async run({ app }) {
      app.link('node', process.execPath);
      app.link('npm', programOnPath('npm'));
      await app.run([programOnPath('npm'), ...INSTALL, '--ignore-scripts']);
      return `${await both(app, 'node')}; pqsock ${(await app.run(['node', MAIN, '--version'])).trim()}`;
    },
  },
  ...TYPES,
  ...['20', '22', '24', '26'].map((major) => onNode(`node-${major}`, 'npm-11')),
  onNode('node-24', 'npm-12'),
  {
    ...{ target: HERE, runtime: 'Node 24', how: 'pnpm 12' },
    async run({ app }) {
      app.link('node', runtime('node-24/bin/node'));
      await app.run([runtime('@pnpm/exe.linux-x64/pnpm'), 'add', 'pqsock']);
      return both(app, 'node');
    },
  },
  {
    ...{ target: HERE, runtime: 'Bun 1.4', how: 'Bun' },
    async run({ app }) {
      const bun = runtime('@oven/bun-linux-x64/bin/bun');
      await app.run([bun, 'add', 'pqsock']);
      return both(app, bun);
    },
  },
  {
    ...{ target: HERE, runtime: 'Deno 2.9', how: 'Deno, `--allow-ffi` and what a program needs else' },
    async run({ app }) {
      const deno = runtime('@deno/linux-x64-glibc/deno');
      await app.run([deno, 'install', 'npm:pqsock'], DENO);
      const allowed = ['ffi', 'read', 'write', 'net', 'env', 'sys'].map((what) => `--allow-${what}`);
      return report(await app.exchange({ command: [deno, 'run', ...allowed], env: DENO }));
    },
  },
  ...EMULATED,
  ...INSPECTED,
];

const INSTALL = ['install', '--no-audit', '--no-fund', 'pqsock'];
const DENO = { DENO_NO_UPDATE_CHECK: '1' };

/**
 * @param {string} node a package of runtimes/
 * @param {string} npm another
 * @returns {Row}
 */
function onNode(node, npm) {
  const [major, with_] = [node, npm].map((name) => name.replace('-', ' '));
  return {
    target: HERE,
    runtime: `${major}`.replace('node', 'Node'),
    how: `${with_}`,
    async run({ app }) {
      const program = runtime(`${node}/bin/node`);
      app.link('node', program);
      await app.run([program, runtime(`${npm}/bin/npm-cli.js`), ...INSTALL]);
      return `${await both(app, 'node')} (${(await app.run([program, '--version'])).trim()})`;
    },
  };
}

/**
 * With `import` and with `require`.
 *
 * @param {Application} app
 * @param {string} program
 */
async function both(app, program) {
  const runtime = { command: [program] };
  const esm = await app.exchange(runtime);
  await app.exchange(runtime, runtime, 'cjs.cjs');
  return `${report(esm)}; ESM and CJS`;
}

/** @param {Awaited<ReturnType<Application['exchange']>>} result */
function report({ addon }) {
  return `${EXCHANGE}; records ${addon.records}`;
}

/** @param {string} path */
function runtime(path) {
  return join(packages('runtimes'), path);
}

/** @param {string} name */
function programOnPath(name) {
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}
