/** The package as npm packs it, installed in another folder. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as index from '../../lib/index.js';
import * as oqs from '../../lib/oqs.js';
import { type InstalledPackage, installPackage } from '../support/installed-package.js';
import { PACKING_TIME } from '../support/packed-package.js';
import { describeWithPrograms } from '../support/requirements.js';

const ROOT = join(__dirname, '../..');

let folder: string;
let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage('@types', 'undici-types');
  folder = installed.folder;
}, PACKING_TIME);
afterAll(() => installed.remove());

describeWithPrograms(__filename, 'the package', () => {
  it('exports from both entry points what their sources do, under the same names', () => {
    const namesOf = (exported: object) =>
      Object.entries(exported)
        .map(([name, value]) => [name, typeof value === 'function' ? value.name : typeof value])
        .sort();
    const printed = run(`
    const namesOf = ${namesOf};
    console.log(JSON.stringify([namesOf(await import('pqsock')), namesOf(await import('pqsock/oqs'))]));
  `);
    expect(JSON.parse(printed)).toEqual([namesOf(index), namesOf(oqs)]);
  });

  it('has one class of each name, whichever entry point it comes from', () => {
    const printed = run(`
    import * as index from 'pqsock';
    import * as oqs from 'pqsock/oqs';
    const both = Object.keys(oqs).filter((name) => name in index);
    const identity = await index.Identity.generate();
    const failure = await new oqs.Kem('ML-KEM-1024').encapsulate(new Uint8Array(1)).catch((error) => error);
    console.log(both.every((name) => oqs[name] === index[name]), both.length,
      index.Identity.secretKeyOf(identity) instanceof oqs.Secret, failure instanceof index.MisuseError);
  `);
    expect(printed).toBe('true 5 true true\n');
  });

  it('loads a few files, none of which is a module of its own source', () => {
    const modules = readdirSync(join(installed.path, 'dist'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.js'),
    );
    expect(modules.filter((path) => !path.startsWith('bundle'))).toEqual([]);
    expect(modules.length).toBeLessThan(10);
  });

  it('has the command', () => {
    const { bin, version } = require(join(ROOT, 'package.json')) as { bin: { pqsock: string }; version: string };
    const printed = execFileSync(process.execPath, [join(installed.path, bin.pqsock), '--version'], {
      encoding: 'utf8',
    });
    expect(printed).toBe(`${version}\n`);
  });

  it('has the types of all that it exports', () => {
    const file = join(folder, 'program.mts');
    writeFileSync(
      file,
      `import { connect, Identity, type PqSocket } from 'pqsock';
     import { Kem, type Secret } from 'pqsock/oqs';
     const identity = await Identity.generate();
     export const socket: PqSocket = connect({ port: 1, identity, trust: identity.fingerprint });
     export const secret: Secret = (await new Kem('ML-KEM-1024').keypair()).secretKey;
     // @ts-expect-error — it is no number
     export const port: number = socket;`,
    );
    const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    expect(execFileSync(process.execPath, [tsc, ...flags, file], { cwd: folder, encoding: 'utf8' })).toBe('');
  });
});

/** What a program prints that imports the package. */
function run(program: string): string {
  const args = ['--input-type=module', '--eval', program];
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
}
