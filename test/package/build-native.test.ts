/** `pqsock build-native`: an installed package compiles its addon by itself, or says why it can't. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type InstalledPackage, installPackage } from '../support/installed-package.js';
import { PACKING_TIME } from '../support/packed-package.js';
import { describeWithPrograms } from '../support/requirements.js';

/** Half a minute of one core, on a machine that has other things to do. In milliseconds. */
const BUILD_TIME = 300_000;

/** What a Debian with CMake and a C++ compiler has, for the compiler's own calls too. */
const TOOLCHAIN = ['cmake', 'c++', 'cc', 'make', 'as', 'ld', 'ar', 'ranlib', 'sh'];

describeWithPrograms(__filename, 'pqsock build-native', () => {
  let installed: InstalledPackage;
  let addon = '';
  beforeAll(() => {
    installed = installPackage();
    addon = join(installed.path, 'build/Release/pqsock.node');
    rmSync(join(installed.path, 'prebuilds'), { recursive: true });
  }, PACKING_TIME);
  afterAll(() => installed.remove());

  function pqsock(
    verb: string,
    programs?: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): { status: number | null; stdout: string; stderr: string } {
    const PATH = programs === undefined ? process.env['PATH'] : folderWith(programs);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(installed.path, 'dist/bundle/main.js'), verb],
      {
        env: { PATH, TMPDIR: installed.folder, ...environment },
        encoding: 'utf8',
      },
    );
    return { status, stdout, stderr };
  }

  /** A PATH on which there is nothing else. */
  function folderWith(programs: readonly string[]): string {
    const folder = join(installed.folder, programs.join('-') || 'nothing');
    mkdirSync(folder, { recursive: true });
    for (const name of programs) {
      const link = join(folder, name);
      if (!existsSync(link)) symlinkSync(whereIs(name), link);
    }
    return folder;
  }

  it.each([
    ['CMake', []],
    ['a C++ compiler', ['cmake']],
    ['make or Ninja', ['cmake', 'c++', 'cc']],
  ])('says that %s is missing, and how to get it', (what, programs) => {
    const { status, stderr } = pqsock('build-native', programs);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^error: ${what.replaceAll('+', '\\+')} is missing\nhint: .+\n$`)),
    ]);
  });

  it.each(['', ' ', 'c++ -O2', '/no/such/c++'])('takes CXX=%j as CMake does', (CXX) => {
    const { status, stderr } = pqsock('build-native', ['cmake', 'c++', 'cc'], { CXX });
    const missing = CXX.startsWith('/') ? 'a C++ compiler' : 'make or Ninja';
    expect([status, stderr.split('\n')[0]]).toEqual([1, `error: ${missing} is missing`]);
  });

  it('that is stopped has the exit code of the signal, and leaves nothing', () => {
    const folder = folderWith(['c++', 'make', 'sh', 'sleep']);
    writeFileSync(join(folder, 'cmake'), '#!/bin/sh\n[ "$1" = --version ] && exit\nkill $PPID\nexec sleep 60\n', {
      mode: 0o755,
    });
    expect(pqsock('build-native', ['c++', 'make', 'sh', 'sleep'])).toMatchObject({
      status: 143,
      stderr: 'preparing the build\n',
    });
    expect(readdirSync(installed.folder).filter((name) => name.startsWith('pqsock-build-'))).toEqual([]);
  });

  it('is what the package without an addon says to run', () => {
    expect(pqsock('info')).toMatchObject({ status: 1, stderr: expect.stringContaining('npx pqsock build-native') });
  });

  it('says what went wrong, where the whole of it is, and leaves nothing half done', () => {
    const patch = join(installed.path, 'deps/patches/random-seed.patch');
    const whole = readFileSync(patch);
    writeFileSync(patch, whole.toString().replace('\n@@ -', '\n@@ -9'));
    try {
      const { status, stderr } = pqsock('build-native');
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: the build failed: patch random-seed\.patch does not apply/m);
      const [, log = ''] = /^hint: the whole output is in (.*)$/m.exec(stderr) ?? [];
      expect(readFileSync(log, 'utf8')).toContain('random-seed.patch');
      expect(readdirSync(installed.folder).filter((name) => name.startsWith('pqsock-build-'))).toEqual([
        expect.stringMatching(/\.log$/),
      ]);
      expect(existsSync(dirname(addon))).toBe(false);
    } finally {
      writeFileSync(patch, whole);
    }
  });

  it(
    'compiles the addon with CMake and a C++ compiler and nothing else, and from then on the package has it',
    () => {
      const { status, stderr } = pqsock('build-native', TOOLCHAIN);
      expect([status, stderr]).toEqual([0, expect.stringContaining(`built ${addon}\n`)]);
      expect(readdirSync(dirname(addon))).toEqual(['pqsock.node']);
      const { stdout } = pqsock('info', []);
      expect(stdout).toContain(`${addon} (built here)`);
      const program = `const { Identity } = await import('pqsock');
        console.log((await Identity.generate({ algorithm: 'ML-DSA-87' })).fingerprint)`;
      const args = ['--input-type=module', '--eval', program];
      const made = spawnSync(process.execPath, args, { cwd: installed.folder, encoding: 'utf8' });
      expect(made.stdout).toMatch(/^pqsock1:mldsa87:/);
    },
    BUILD_TIME,
  );
});

function whereIs(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${program} is not on PATH`);
  return found;
}
