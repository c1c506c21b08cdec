/**
 * The scripts of deps/ as a build runs them: as child processes, on a copy of the scripts with a tree
 * and a manifest of four files, so that no network and no real liboqs is needed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const DEPS = join(__dirname, '..', '..', 'deps');
const { PATH, SystemRoot } = process.env;
const onPosix = process.platform === 'win32' ? it.skip : it;

const TREE: Record<string, string> = {
  'CMakeLists.txt': 'project(fake)\n',
  'src/oqs.h': '#define FAKE 1\n',
  'src/sign.c': 'int verify(void) {\n  unpack();\n  return compare();\n}\n',
  'src/z.c': 'int z;\n',
};
const PATCH = `Why: a test.
Test: none

--- a/src/sign.c
+++ b/src/sign.c
@@ -1,4 +1,5 @@
 int verify(void) {
   unpack();
+  check();
   return compare();
 }
`;
const CORRECTED = 'int verify(void) {\n  unpack();\n  check();\n  return compare();\n}\n';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pqsock-deps-'));
  copyScripts();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('where the source comes from', () => {
  it('is LIBOQS_SOURCE_DIR first, even when deps/liboqs is populated', () => {
    writeTree('deps/liboqs');
    const named = writeTree('elsewhere');
    const run = prepare({ LIBOQS_SOURCE_DIR: named });
    expect(run.stdout).toContain(`from LIBOQS_SOURCE_DIR (${named})`);
    expect(read('out/src/sign.c')).toBe(CORRECTED);
  });

  it('is never something else when LIBOQS_SOURCE_DIR is wrong', () => {
    writeTree('deps/liboqs');
    const run = prepare({ LIBOQS_SOURCE_DIR: join(root, 'nowhere') });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^error: LIBOQS_SOURCE_DIR names .*nowhere, which is not a liboqs/);
    expect(run.stderr).toMatch(/^hint: name the folder/m);
    expect(existsSync(join(root, 'out'))).toBe(false);
  });

  it('is never silently unchecked when the destination is up to date', () => {
    writeTree('deps/liboqs');
    expect(prepare().status).toBe(0);
    expect(prepare({ LIBOQS_SOURCE_DIR: join(root, 'nowhere') }).status).toBe(1);
  });

  it('is deps/liboqs when it is populated, which stays as it was', () => {
    const submodule = writeTree('deps/liboqs');
    writeTree('deps/liboqs-src');
    expect(prepare().stdout).toContain('from deps/liboqs\n');
    expect(readdirSync(submodule).sort()).toEqual(['CMakeLists.txt', 'src']);
    expect(read('deps/liboqs/src/sign.c')).toBe(TREE['src/sign.c']);
  });

  it('is deps/liboqs-src, as the npm package carries it', () => {
    writeTree('elsewhere');
    const env = { LIBOQS_SOURCE_DIR: join(root, 'elsewhere') };
    const trimmed = node('trim-liboqs.mjs', [join(root, 'deps', 'liboqs-src')], env);
    expect(trimmed.status).toBe(0);
    expect(read('deps/liboqs-src/src/sign.c')).toBe(TREE['src/sign.c']);
    expect(prepare().stdout).toContain('from deps/liboqs-src\n');
    expect(read('out/src/sign.c')).toBe(CORRECTED);
  });

  it('is the submodule, fetched by git, in a clone without --recurse-submodules', () => {
    const upstream = writeTree('upstream');
    const commit = commitAll(upstream);
    cloneWithSubmodule(upstream, commit);
    const run = prepare({ PATH, ...LOCAL_GIT });
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('from deps/liboqs, fetched by git');
    expect(read('out/src/sign.c')).toBe(CORRECTED);
  });

  onPosix('is the crate, from the folder that cargo names', () => {
    writeTree('registry/oqs-sys/liboqs');
    const run = prepare({ PATH: fakeCargo(join(root, 'registry', 'oqs-sys')) });
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('from the crate oqs-sys (');
    expect(read('out/src/sign.c')).toBe(CORRECTED);
  });

  it('is asked for by an error that names all four ways when there is none', () => {
    const run = prepare();
    expect(run.status).toBe(1);
    const [error, hint, ...rest] = run.stderr.trimEnd().split('\n');
    expect(error).toMatch(/^error: no source of liboqs 0\.13\.0: /);
    expect(error).toContain('LIBOQS_SOURCE_DIR is not set');
    expect(error).toContain('deps/liboqs is empty');
    expect(error).toContain('git: this is not a git checkout');
    expect(error).toContain('cargo fetch: cargo is not on PATH');
    expect(hint).toMatch(/^hint: .*LIBOQS_SOURCE_DIR.*git submodule update.*git.*cargo/);
    expect(rest).toEqual([]);
  });

  it('is not fetched by git when git is not on PATH, and the error says so', () => {
    mkdirSync(join(root, '.git'));
    expect(prepare().stderr).toContain('git submodule update: git is not on PATH');
  });

  it('leaves the index as it was when the remote does not answer', () => {
    cloneWithSubmodule(join(root, 'gone'), '21b3f8b0fadbb19e2c6a5df0f165c953ead164e1');
    const before = readFileSync(join(root, '.git', 'index'));
    const status = git(root, 'status', '--porcelain', '--untracked-files=no');
    const run = prepare({ PATH, CARGO_HOME: root, ...LOCAL_GIT, ...NO_CARGO });
    expect(run.stderr).toMatch(/git submodule update: fatal: .*gone/);
    expect(readFileSync(join(root, '.git', 'index')).equals(before)).toBe(true);
    expect(git(root, 'status', '--porcelain', '--untracked-files=no')).toBe(status);
  });
});

describe('the proof', () => {
  it('refuses a changed file and names it', () => {
    writeTree('deps/liboqs');
    write('deps/liboqs/src/z.c', 'int y;\n');
    const run = prepare();
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('error: deps/liboqs is not the pinned liboqs');
    expect(run.stderr).toContain('not the pinned file: src/z.c\n');
    expect(run.stderr).toContain('hint: run git submodule update --init --force deps/liboqs');
    expect(existsSync(join(root, 'out'))).toBe(false);
  });

  it('refuses a changed file in LIBOQS_SOURCE_DIR too', () => {
    const named = writeTree('elsewhere');
    write('elsewhere/src/z.c', 'int y;\n');
    expect(prepare({ LIBOQS_SOURCE_DIR: named }).stderr).toContain('not the pinned file: src/z.c');
  });

  it('refuses a tree with a missing file and names it', () => {
    writeTree('deps/liboqs');
    rmSync(join(root, 'deps', 'liboqs', 'src', 'z.c'));
    const run = prepare();
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('missing: src/z.c\n');
  });

  it('says so when only the line endings differ', () => {
    writeTree('deps/liboqs');
    write('deps/liboqs/src/z.c', 'int z;\r\n');
    expect(prepare().stderr).toMatch(/^hint: only line endings differ: .*core\.autocrlf/m);
  });

  it('copies nothing that the manifest does not list', () => {
    writeTree('deps/liboqs');
    write('deps/liboqs/src/extra.c', 'int extra;\n');
    expect(prepare().status).toBe(0);
    expect(existsSync(join(root, 'out', 'src', 'extra.c'))).toBe(false);
  });

  it('makes no manifest of a tree whose hashes are not the pin’s', () => {
    const tree = writeTree('tree');
    mkdirSync(join(tree, '.CMake'));
    const before = read('deps/liboqs.manifest');
    const run = node('make-manifest.mjs', [tree]);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^error: tree \.CMake is [0-9a-f]{40}, and d8f9f914/);
    expect(read('deps/liboqs.manifest')).toBe(before);
  });

  it('names blobs and trees as git does, whatever the order of files and folders', () => {
    for (const path of ['a/x', 'a.b', 'a-b', 'a0', 'é', 'b/c/d']) write(`tree/${path}`, path);
    commitAll(join(root, 'tree'));
    const expected = git(join(root, 'tree'), 'write-tree');
    rmSync(join(root, 'tree', '.git'), { recursive: true });
    const script = `import { treeHash } from ${moduleUrl('git-hash.mjs')};
      process.stdout.write(treeHash(process.argv[1]));`;
    expect(evaluate(script, [join(root, 'tree')]).stdout).toBe(expected);
  });
});

describe('the corrections', () => {
  it('stop the build when the context is not exactly what the patch says', () => {
    writeTree('deps/liboqs');
    write('deps/patches/one.patch', PATCH.replace(' int verify', ' int  verify'));
    const run = prepare();
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(
      'error: patch one.patch does not apply: src/sign.c:1: expected "int  verify(void) {", found',
    );
    expect(run.stderr).toMatch(/^hint: /m);
    expect(readdirSync(root).filter((name) => name.startsWith('out'))).toEqual([]);
  });

  it.each([
    ['a line number that is off by one', PATCH.replace('@@ -1,4 +1,5 @@', '@@ -2,4 +2,5 @@')],
    ['a new line number that is off by one', PATCH.replace('+1,5 @@', '+2,5 @@')],
    ['a count that is too small', PATCH.replace('@@ -1,4 +1,5 @@', '@@ -1,3 +1,5 @@')],
    ['a count that is too large', PATCH.replace('@@ -1,4 +1,5 @@', '@@ -1,5 +1,6 @@')],
    ['a file that is not in the source', PATCH.replaceAll('src/sign.c', 'src/other.c')],
    ['two names for one file', PATCH.replace('b/src/sign.c', 'b/src/z.c')],
    ['no diff', 'Why: a test.\n'],
    ['text after the diff', `${PATCH}-- \n2.39.5\n`],
    ['no context', PATCH.replace(/@@.*/s, '@@ -3,0 +3,1 @@\n+  check();\n')],
  ])('refuse %s', (_, patch) => {
    writeTree('deps/liboqs');
    write('deps/patches/one.patch', patch);
    const run = prepare();
    expect(run.stderr).toContain('error: patch one.patch does not apply: ');
    expect(run.status).toBe(1);
  });
});

describe('the destination', () => {
  it('is left alone when manifest and patches are the same', () => {
    writeTree('deps/liboqs');
    prepare();
    const before = statSync(join(root, 'out', 'src', 'sign.c')).mtimeMs;
    rmSync(join(root, 'deps', 'liboqs'), { recursive: true });
    const run = prepare();
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('up to date');
    expect(statSync(join(root, 'out', 'src', 'sign.c')).mtimeMs).toBe(before);
  });

  it('is made anew when a patch changes', () => {
    writeTree('deps/liboqs');
    prepare();
    write('out/src/stale.c', 'int stale;\n');
    write('deps/patches/one.patch', PATCH.replace('check();', 'check(1);'));
    expect(prepare().status).toBe(0);
    expect(read('out/src/sign.c')).toContain('check(1);');
    expect(existsSync(join(root, 'out', 'src', 'stale.c'))).toBe(false);
  });

  it('keeps the old tree when the new one can’t be made', () => {
    writeTree('deps/liboqs');
    prepare();
    write('deps/patches/two.patch', PATCH);
    expect(prepare().status).toBe(1);
    expect(read('out/src/sign.c')).toBe(CORRECTED);
  });

  it('is never a folder that holds something else', () => {
    writeTree('deps/liboqs');
    write('out/letter.txt', 'mine');
    const run = prepare();
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^error: .*out holds something else/);
    expect(read('out/letter.txt')).toBe('mine');
  });
});

describe('a command that takes too long', () => {
  onPosix('is stopped with all that it started', () => {
    const script = `import { runCommand } from ${moduleUrl('run-command.mjs')};
      const options = { cwd: '.', env: process.env, seconds: 0.2 };
      const { failure } = await runCommand('sh', ['-c', 'sleep 60 & sleep 60'], options);
      process.stdout.write(failure);`;
    const started = Date.now();
    const run = evaluate(script, [], { PATH });
    expect(run.stdout).toBe('sh took longer than 0.2 s');
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});

/** Local remotes are refused by git for submodules unless they are allowed. */
const LOCAL_GIT = {
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'protocol.file.allow',
  GIT_CONFIG_VALUE_0: 'always',
  GIT_CONFIG_NOSYSTEM: '1',
};
/** Makes a cargo on PATH fail at once, without the network. */
const NO_CARGO = { CARGO_NET_OFFLINE: 'true' };

function copyScripts() {
  for (const name of readdirSync(DEPS)) {
    if (/\.(mjs|json|toml|lock)$/.test(name)) cpSync(join(DEPS, name), join(root, 'deps', name));
  }
  const lines = Object.entries(TREE).map(([path, text]) => `${blob(text)}  ${path}\n`);
  write('deps/liboqs.manifest', lines.join(''));
  write('deps/patches/one.patch', PATCH);
}

function prepare(env: NodeJS.ProcessEnv = {}) {
  return node('liboqs-source.mjs', [join(root, 'out')], env);
}

function node(script: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  return run([join(root, 'deps', script), ...args], env);
}

function evaluate(script: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  return run(['--input-type=module', '--eval', script, ...args], env);
}

/** The environment holds only what a test gives: PATH leads to an empty folder if it gives none. */
function run(args: string[], env: NodeJS.ProcessEnv) {
  return spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: join(root, 'empty'), HOME: root, SystemRoot, ...env },
  });
}

function moduleUrl(script: string) {
  return JSON.stringify(pathToFileURL(join(DEPS, script)).href);
}

function git(cwd: string, ...args: string[]) {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid'];
  const env = { PATH, SystemRoot, HOME: root };
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...env, GIT_CONFIG_NOSYSTEM: '1' },
  });
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
  return stdout.trim();
}

function commitAll(folder: string) {
  git(folder, 'init', '--quiet');
  git(folder, '-c', 'core.autocrlf=false', 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'test');
  return git(folder, 'rev-parse', 'HEAD');
}

function cloneWithSubmodule(upstream: string, commit: string) {
  const url = pathToFileURL(upstream).href;
  write('.gitmodules', `[submodule "deps/liboqs"]\n\tpath = deps/liboqs\n\turl = ${url}\n`);
  git(root, 'init', '--quiet');
  git(root, 'add', '.gitmodules');
  git(root, 'update-index', '--add', '--cacheinfo', `160000,${commit},deps/liboqs`);
  git(root, 'commit', '--quiet', '--message', 'test');
}

/** A `cargo` that fetches nothing and names `crate` as the folder of oqs-sys. */
function fakeCargo(crate: string) {
  const metadata = { packages: [{ name: 'oqs-sys', manifest_path: join(crate, 'Cargo.toml') }] };
  const text = `#!/usr/bin/env node\nif (process.argv[2] === 'metadata') console.log(${JSON.stringify(
    JSON.stringify(metadata),
  )});\n`;
  write('bin/cargo', text);
  chmodSync(join(root, 'bin', 'cargo'), 0o755);
  return [join(root, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
}

function writeTree(folder: string) {
  for (const [path, text] of Object.entries(TREE)) write(`${folder}/${path}`, text);
  return join(root, folder);
}

function write(path: string, text: string) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function read(path: string) {
  return readFileSync(join(root, path), 'utf8');
}

function blob(text: string) {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}
