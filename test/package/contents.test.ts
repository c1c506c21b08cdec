/** What is in the package, what is not, and what is said of it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type InstalledPackage, installPackage } from '../support/installed-package.js';
import { PACKING_TIME, packedPackage } from '../support/packed-package.js';
import { describeWithPrograms } from '../support/requirements.js';

const ROOT = join(__dirname, '../..');

/**
 * Bytes in the tarball: of an addon, and of all else. There are seven addons, those for ARM and Windows smaller; that all
 * is under 2 MB is seen by `npm run test:platforms`.
 */
const MOST = { addon: 205_000, else: 720_000 };

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

describeWithPrograms(__filename, 'the packed package', () => {
  let installed: InstalledPackage;
  let files: string[];
  beforeAll(() => {
    installed = installPackage();
    files = filesBelow(installed.path);
  }, PACKING_TIME);
  afterAll(() => installed.remove());

  const read = (path: string): string => readFileSync(join(installed.path, path), 'utf8');

  it('has these files, and no other', () => {
    const inFolder = (folder: string, rule: RegExp): string[] =>
      filesBelow(join(ROOT, folder)).flatMap((path) => (rule.test(path) ? `${folder}/${path}` : []));
    const manifest = readFileSync(join(ROOT, 'deps/liboqs.manifest'), 'utf8').trimEnd().split('\n');
    const headers = ['js_native_api', 'js_native_api_types', 'node_api', 'node_api_types', 'napi', 'napi-inl'];
    const expected = [
      ...['package.json', 'README.md', 'LICENSE', 'THIRD-PARTY-LICENSES.txt', 'sbom.cdx.json', 'CMakeLists.txt'],
      ...inFolder('dist/bundle', /^[\w-]+\.js$/),
      ...publicTypes(['index', 'oqs']).map((path) => `dist/types/${path}.d.ts`),
      ...inFolder('native', /^[^/]+\.(cc|h)$/),
      ...['native/exports.map', 'native/exports.txt'],
      ...headers.map((name) => `native/include/${name}.h`),
      ...['native/include/napi-inl.deprecated.h', 'native/include/node_api.def'],
      ...inFolder('deps', /^(?!make-|trim-)[^/]+\.mjs$|^liboqs\.(json|manifest)$|^patches\//),
      ...manifest.map((line) => `deps/liboqs-src/${line.slice(42)}`),
      'deps/liboqs-src/.pqsock-stamp',
    ];
    expect(files.filter((path) => !path.startsWith('prebuilds/')).sort()).toEqual(expected.sort());
    expect(files.filter((path) => path.startsWith('prebuilds/'))).toEqual([
      expect.stringMatching(
        new RegExp(`^prebuilds/${process.platform}-${process.arch}/node\\.napi\\.(glibc\\.|musl\\.)?node$`),
      ),
    ]);
  });

  it('is small', () => {
    const [addon = ''] = files.filter((path) => path.startsWith('prebuilds/'));
    const bytes = gzipSync(readFileSync(join(installed.path, addon)), { level: 9 }).length;
    expect(bytes).toBeLessThan(MOST.addon);
    expect(statSync(packedPackage()).size - bytes).toBeLessThan(MOST.else);
  });

  it('runs nothing when it is installed', () => {
    const { scripts, gypfile } = JSON.parse(read('package.json')) as { scripts: object; gypfile?: boolean };
    const run = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
    expect(Object.keys(scripts).filter((name) => run.includes(name))).toEqual([]);
    expect([gypfile, files.includes('binding.gyp')]).toEqual([undefined, false]);
  });

  it('has the source of liboqs as it is upstream, every byte', () => {
    const blobHash = (path: string): string => {
      const bytes = readFileSync(join(installed.path, 'deps/liboqs-src', path));
      return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    };
    const lines = read('deps/liboqs.manifest').trimEnd().split('\n');
    expect(lines.map((line) => `${blobHash(line.slice(42))}  ${line.slice(42)}`)).toEqual(lines);
  });

  describe('names', () => {
    it("everybody's terms: no file has a notice that is another's than its component's", () => {
      const text = read('THIRD-PARTY-LICENSES.txt');
      const components = [...text.matchAll(/^={100}\n([\w-]+): .*\n(.*)\n.*\nin (.*)$/gm)].map(
        ([, name = '', licence = '', paths = '']) => ({ name, licence, paths: paths.split(', ') }),
      );
      expect(components.length).toBeGreaterThan(15);
      const owner = (path: string): string | undefined => {
        const of = components.flatMap(({ name, paths }) => paths.map((start) => ({ name, start })));
        const fitting = of.filter(({ start }) => path.startsWith(start));
        return fitting.sort((a, b) => b.start.length - a.start.length)[0]?.name;
      };
      const foreign = files.filter((path) => /^(deps\/liboqs-src\/|native\/include\/)/.test(path));
      expect(foreign.filter((path) => owner(path) === undefined)).toEqual([]);
      // MIT of the project as a whole is what these say of themselves, if they say anything.
      const own = foreign.filter((path) => owner(path) === 'liboqs' && !path.endsWith('LICENSE.txt'));
      const others = /Copyright|SPDX-License-Identifier: (?!MIT$)|public domain|hereby waive/im;
      expect(own.filter((path) => others.test(read(path)))).toEqual([]);
      for (const { name, paths } of components.filter(({ name }) => !BUILT_IN.includes(name))) {
        expect([name, files.some((path) => owner(path) === name)]).toEqual([name, true]);
        for (const start of paths) expect([start, files.some((path) => path.startsWith(start))]).toEqual([start, true]);
      }
    });

    it('in the SBOM all that is inside and beside it, each once, and says the same each time', () => {
      const bom = JSON.parse(read('sbom.cdx.json'));
      const components: Component[] = bom.components;
      const refs = [bom.metadata.component, ...components].map((component) => component['bom-ref']);
      expect(new Set(refs).size).toBe(refs.length);
      for (const { ref, dependsOn } of bom.dependencies)
        expect(refs).toEqual(expect.arrayContaining([ref, ...dependsOn]));
      expect(bom.dependencies).toHaveLength(refs.length);
      const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
      const inside = [...read('THIRD-PARTY-LICENSES.txt').matchAll(/^={100}\n([\w-]+): /gm)].map(([, name]) => name);
      expect(components.map(({ name }) => name).sort()).toEqual([...Object.keys(dependencies), ...inside].sort());
      const { version } = JSON.parse(readFileSync(join(ROOT, 'deps/liboqs.json'), 'utf8'));
      expect(components.find(({ name }) => name === 'liboqs')?.version).toBe(version);
      expect(JSON.stringify(bom)).not.toMatch(/undefined|serialNumber|timestamp/);
    });
  });
});

/** What only an addon has, of which one is here. */
const BUILT_IN = ['llvm-runtimes', 'compiler-rt-of-zig', 'mingw-w64-runtime'];

/** The modules that these export something of, their own included; names below lib/, without an ending. */
function publicTypes(entries: readonly string[]): string[] {
  const found = new Set(entries);
  for (const module of found) {
    const types = readFileSync(join(ROOT, `dist/${module}.d.ts`), 'utf8');
    for (const [, target = ''] of types.matchAll(/'(\.[^']*)\.js'/g)) found.add(join(module, '..', target));
  }
  return [...found];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
