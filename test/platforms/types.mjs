// @ts-check
/** Rows about the types, and what publint and attw say of the package. */
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages, ROOT } from './tools.mjs';

/** @typedef {import('./rows.mjs').Row} Row */

/** @type {Row[]} */
export const TYPES = [
  project('program.mts', 'node16', 'node16'),
  project('program.mts', 'nodenext', 'nodenext'),
  project('program.mts', 'esnext', 'bundler'),
  project('program.cts', 'nodenext', 'nodenext'),
  {
    ...{ target: 'any', runtime: 'publint', how: '`--strict`', short: true },
    async run({ app, tarball }) {
      app.link('node', process.execPath);
      await app.run([
        process.execPath,
        join(packages('checkers'), 'publint/src/cli.js'),
        tarball,
        '--strict',
        '--pack',
        'false',
      ]);
      return 'nothing to say';
    },
  },
  {
    ...{ target: 'any', runtime: '@arethetypeswrong/cli', how: '`--profile esm-only`', short: true },
    async run({ app, tarball }) {
      app.link('node', process.execPath);
      const program = join(packages('checkers'), '@arethetypeswrong/cli/dist/index.js');
      await app.run([process.execPath, program, tarball, '--profile', 'esm-only', '--no-emoji']);
      return 'no problems';
    },
  },
];

/**
 * @param {string} program
 * @param {string} module
 * @param {string} resolution
 * @returns {Row}
 */
function project(program, module, resolution) {
  const kind = program.endsWith('.cts') ? 'CommonJS' : 'ESM';
  return {
    ...{ target: 'any', runtime: 'TypeScript 7.0', short: true },
    how: `${kind}, \`moduleResolution: ${resolution}\`, strict, no \`skipLibCheck\``,
    async run({ app, tarball }) {
      const folder = join(app.folder, 'node_modules');
      mkdirSync(join(folder, 'pqsock'), { recursive: true });
      app.link('tar', '/bin/tar');
      app.link('gzip', '/bin/gzip');
      await app.run(['tar', '-xzf', tarball, '--strip-components=1', '-C', join(folder, 'pqsock')]);
      for (const name of ['@types', 'undici-types']) symlinkSync(join(ROOT, 'node_modules', name), join(folder, name));
      copyFileSync(fileURLToPath(new URL(`programs/${program}`, import.meta.url)), join(app.folder, program));
      const compilerOptions = {
        ...{ module, moduleResolution: resolution, target: 'es2022', strict: true, noEmit: true, types: ['node'] },
        ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
      };
      writeFileSync(join(app.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [program] }));
      await app.run([process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.']);
      return 'types found, and right';
    },
  };
}
