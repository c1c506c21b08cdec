/** `pqsock info`, as a user runs it, and what it knows of liboqs. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { addonInfo } from '../../lib/index.js';
import { addon } from '../../lib/native/load.js';
import { nativeCipher } from '../../lib/record/native-cipher.js';

const ROOT = join(__dirname, '../..');

function run(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): string {
  const env = { ...process.env, ...environment };
  return execFileSync(process.execPath, [join(ROOT, 'dist/bundle/main.js'), 'info', ...args], {
    encoding: 'utf8',
    env,
  });
}

describe('addonInfo', () => {
  it('names the liboqs that is built, and all of its patches', () => {
    const { version } = require(join(ROOT, 'deps/liboqs.json')) as { version: string };
    const patches = readdirSync(join(ROOT, 'deps/patches')).map((name) => name.replace(/\.patch$/, ''));
    expect(addonInfo().liboqs).toEqual({ version, patches: patches.sort() });
  });

  it('names the addon, and whether it seals records', () => {
    const { path, prebuilt, records } = addonInfo();
    expect(realpathSync(path)).toBe(realpathSync(join(ROOT, 'build/Release/pqsock.node')));
    expect(prebuilt).toBe(false);
    expect(records).toBe(nativeCipher(addon) === undefined ? 'portable' : 'native');
  });

  (existsSync('/proc/cpuinfo') ? it : it.skip)(
    'names the features of the CPU that the system names, of those that liboqs looks for',
    () => {
      const asked = process.arch === 'arm64' ? ['asimd'] : ['avx2', 'bmi2', 'popcnt'];
      const [, flags = ''] = /^(?:flags|Features)\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1')) ?? [];
      expect(addonInfo().cpuFeatures).toEqual(asked.filter((name) => flags.split(' ').includes(name)));
      expect(addonInfo()).toMatchObject({ platform: process.platform, arch: process.arch });
    },
  );
});

describe('pqsock info', () => {
  it('says which package, addon and platform there are', () => {
    const { version } = require(join(ROOT, 'package.json')) as { version: string };
    const info = JSON.parse(run(['--json']));
    const { liboqs, cpuFeatures, records, path, prebuilt } = addonInfo();
    expect(info).toMatchObject({ version, liboqs, cpuFeatures, records, addon: { path, prebuilt } });
    expect(info).toMatchObject({ node: process.versions.node, platform: process.platform, arch: process.arch });
    expect(info.napi).toBe(Number(process.versions['napi']));
    const text = run();
    for (const value of [version, liboqs.version, ...liboqs.patches, process.arch, path]) expect(text).toContain(value);
  });

  it('tells a prebuilt addon from one that was built here', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-info-'));
    const prebuilt = join(folder, `prebuilds/${process.platform}-${process.arch}/pqsock.node`);
    mkdirSync(dirname(prebuilt), { recursive: true });
    cpSync(addonInfo().path, prebuilt);
    try {
      const info = JSON.parse(run(['--json'], { PQSOCK_PREBUILD: folder }));
      expect(info.addon).toEqual({ path: prebuilt, prebuilt: true });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

(existsSync('/dev/full') ? it : it.skip)('says in one line that stdout can’t be written', () => {
  const full = openSync('/dev/full', 'w');
  const main = join(ROOT, 'dist/bundle/main.js');
  const { status, stderr } = spawnSync(process.execPath, [main, 'info'], { stdio: ['ignore', full], encoding: 'utf8' });
  closeSync(full);
  expect([status, stderr]).toEqual([3, "error: stdout can't be written: ENOSPC\nhint: look where it goes to\n"]);
});
