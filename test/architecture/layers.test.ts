/** The layers of lib/: imports point down, nothing goes round in a circle, and node: modules are where they may be. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const LIB = join(__dirname, '../../lib');

/** Rank and permitted node: modules of each folder; `.` are the files of lib/ itself but the public entry points. */
const LAYERS: Record<string, { rank: number; node: string[] | 'any' }> = {
  '.': { rank: 0, node: ['diagnostics_channel'] },
  native: { rank: 1, node: ['module', 'url'] },
  wire: { rank: 1, node: [] },
  crypto: { rank: 2, node: ['crypto', 'util'] },
  keys: { rank: 3, node: ['fs', 'path'] },
  record: { rank: 3, node: [] },
  trust: { rank: 4, node: ['fs', 'path'] },
  handshake: { rank: 5, node: [] },
  session: { rank: 6, node: [] },
  net: { rank: 7, node: ['events', 'net', 'os', 'stream', 'timers', 'util'] },
  metrics: { rank: 7, node: ['perf_hooks'] },
  adapters: { rank: 8, node: ['http', 'stream'] },
  entry: { rank: 9, node: [] },
  cli: { rank: 10, node: 'any' },
};
const ENTRY_POINTS = ['index.ts', 'oqs.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const source = readFileSync(join(LIB, file), 'utf8');
  const found = source.matchAll(/^(?:import|export)\b([^;]*?)\bfrom '([^']+)';/gms);
  return [...found].map(([, what = '', target = '']) => ({
    from: file,
    to: target.startsWith('.') ? normalize(join(dirname(file), target)).replace(/\.js$/, '.ts') : target,
    typeOnly: /^\s*type\b/.test(what),
  }));
}

function folderOf(file: string): string {
  if (ENTRY_POINTS.includes(file)) return 'entry';
  return file.includes('/') ? (file.split('/')[0] as string) : '.';
}

function layerOf(file: string): { rank: number; node: string[] | 'any' } {
  const layer = LAYERS[folderOf(file)];
  if (layer === undefined) throw new Error(`${file} is in a folder that has no rank`);
  return layer;
}

const own = imports.filter(({ to }) => to.endsWith('.ts'));

describe('the layers of lib/', () => {
  it('has files and imports to look at', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(own.length).toBeGreaterThan(80);
    for (const { to } of own) expect(files).toContain(relative('.', to));
  });

  it('imports only from its own folder or from a lower rank', () => {
    const upwards = own.filter(
      ({ from, to }) => folderOf(from) !== folderOf(to) && layerOf(to).rank >= layerOf(from).rank,
    );
    expect(upwards).toEqual([]);
  });

  it('lets the command line import the public API and the metrics alone', () => {
    const allowed = ['cli', 'entry', 'metrics'];
    const inside = own.filter(({ from, to }) => folderOf(from) === 'cli' && !allowed.includes(folderOf(to)));
    expect(inside).toEqual([]);
  });

  it('imports node: modules only where the table lets it', () => {
    const forbidden = imports.filter(({ from, to, typeOnly }) => {
      const { node } = layerOf(from);
      return to.startsWith('node:') && !typeOnly && node !== 'any' && !node.includes(to.slice('node:'.length));
    });
    expect(forbidden).toEqual([]);
  });

  it('lets nobody but the command line import the metrics', () => {
    const users = own.filter(({ from, to }) => folderOf(to) === 'metrics' && folderOf(from) !== 'metrics');
    expect(users.filter(({ from }) => folderOf(from) !== 'cli')).toEqual([]);
  });

  it('touches files of trusted keys only in four of its files', () => {
    const store = imports.filter(({ from, to }) => folderOf(from) === 'trust' && to.startsWith('node:'));
    const names = ['trust/file-lock.ts', 'trust/read-trust-file.ts', 'trust/replace-file.ts', 'trust/trust-file.ts'];
    expect([...new Set(store.map(({ from }) => from))].sort()).toEqual(names);
  });

  it('touches files of keys only in keys/key-file.ts', () => {
    const fromKeys = imports.filter(({ from, to }) => folderOf(from) === 'keys' && to.startsWith('node:'));
    expect(new Set(fromKeys.map(({ from }) => from))).toEqual(new Set(['keys/key-file.ts']));
  });

  it('imports third-party packages only in the command line', () => {
    const foreign = imports.filter(({ to }) => !to.endsWith('.ts') && !to.startsWith('node:'));
    expect(foreign.filter(({ from }) => folderOf(from) !== 'cli')).toEqual([]);
  });

  it('has no circle of imports', () => {
    const open = new Set<string>();
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (open.has(file)) throw new Error(`a circle: ${[...path, file].join(' → ')}`);
      if (done.has(file)) return;
      open.add(file);
      for (const { to } of own.filter(({ from, typeOnly }) => from === file && !typeOnly)) visit(to, [...path, file]);
      open.delete(file);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it('names an algorithm only in crypto/suites.ts', () => {
    const code = (file: string) => readFileSync(join(LIB, file), 'utf8').replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
    const naming = files.filter((file) => /Kyber1024|ML-KEM-1024|Dilithium5|ML-DSA-87/.test(code(file)));
    const forPeople = (file: string) => file.startsWith('cli/') || file === 'handshake/seed/steps.ts';
    expect(naming.filter((file) => !forPeople(file))).toEqual(['crypto/suites.ts']);
  });

  it('keeps every file under 400 lines', () => {
    const long = files.filter((file) => readFileSync(join(LIB, file), 'utf8').split('\n').length > 400);
    expect(long).toEqual([]);
  });
});
