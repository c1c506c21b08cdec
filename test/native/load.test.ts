/** Which addon is loaded, and what is said when there is none. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addon, addonPath } from '../../lib/native/load.js';

const ROOT = join(__dirname, '../..');

it('has one function for each thing that lib/native/addon.ts names, and no other', () => {
  expect(Object.keys(addon).sort()).toEqual([
    'configurePeers',
    'configurePool',
    'cpuFeatures',
    'handshakeAccept',
    'handshakeAnswer',
    'handshakeAnswerJointly',
    'handshakeOffer',
    'kemCheckPublicKey',
    'kemDecapsulate',
    'kemEncapsulate',
    'kemKeypair',
    'matrixCounts',
    'openRecords',
    'operationCounts',
    'prepareKey',
    'releaseKey',
    'sealRecords',
    'sigKeypair',
    'sigKeypairFrom',
    'sigPublicKey',
    'sigSign',
    'sigVerify',
    'sigVerifyPeer',
    'submit',
  ]);
});

describe('a package that was installed', () => {
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'pqsock-load-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Everything but an addon. */
  function installIn(place: string): string {
    const at = join(folder, place, 'node_modules/pqsock');
    for (const path of ['package.json', 'dist/bundle']) cpSync(join(ROOT, path), join(at, path), { recursive: true });
    cpSync(join(ROOT, 'node_modules/node-gyp-build'), join(at, 'node_modules/node-gyp-build'), { recursive: true });
    return at;
  }

  function putAddon(at: string, name: string, from = addonPath): string {
    const path = join(at, `prebuilds/${process.platform}-${process.arch}`, name);
    cpSync(from, path);
    return path;
  }

  function load(at: string): Record<string, string> {
    const program = `import(${JSON.stringify(pathToFileURL(join(at, 'dist/bundle/index.js')).href)}).then(
      ({ addonInfo }) => console.log(JSON.stringify(addonInfo())),
      ({ name, code, message }) => console.log(JSON.stringify({ name, code, message })))`;
    return JSON.parse(spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout);
  }

  it('says for which platform it has no addon, where it looked, and what to run', () => {
    const at = installIn('app');
    const libc = process.platform === 'linux' ? ' (glibc [\\d.]+|musl)' : '';
    const platform = `${process.platform} ${process.arch}${libc}, Node-API ${process.versions['napi']} \\(Node .*\\)`;
    const { name, code, message } = load(at);
    expect([name, code]).toEqual(['LocalError', 'PQ_ERR_ADDON']);
    expect(message).toMatch(new RegExp(`^no addon for ${platform}; tried: `));
    expect(message).toContain(`${at} (has neither build/Release/ nor prebuilds/${process.platform}-${process.arch}/`);
    expect(message).toContain('Build one with `npx pqsock build-native`');
  });

  it('names every file that it could not load, and why', () => {
    const at = installIn('app');
    const [glibc, musl] = ['glibc', 'musl'].map((libc) => putAddon(at, `node.napi.${libc}.node`, __filename));
    expect(load(at)['message']).toMatch(new RegExp(`tried: ${glibc} \\(.+\\); ${musl} \\(.+\\)\\. Build one`));
  });

  it.each(['glibc', 'musl'])('loads the one for %s, whatever libc the system seems to have', (libc) => {
    const at = installIn('app');
    const [right = '', wrong = ''] = libc === 'musl' ? ['musl', 'glibc'] : ['glibc', 'musl'];
    putAddon(at, `node.napi.${wrong}.node`, __filename);
    const path = putAddon(at, `node.napi.${right}.node`);
    expect(load(at)).toMatchObject({ path, prebuilt: true });
  });

  // Without an Electron: there the archive is a file, which its fs shows as this folder.
  it("loads the one beside an archive of Electron's", () => {
    const at = installIn('app.asar');
    const path = putAddon(join(folder, 'app.asar.unpacked/node_modules/pqsock'), 'node.napi.node');
    expect(load(at)).toMatchObject({ path, prebuilt: true });
  });
});

// A configuration of the build that leaves it out passes every other test, at a fifth of the speed.
(process.arch === 'x64' ? it : it.skip)('is built with the code for AVX2 of all four algorithms', () => {
  const config = readFileSync(join(ROOT, 'build/liboqs/include/oqs/oqsconfig.h'), 'utf8');
  const fast = [...config.matchAll(/^#define OQS_ENABLE_((?:KEM|SIG)_\w+_(?:avx2|x86_64)) 1$/gm)].map(
    ([, name]) => name,
  );
  expect(fast).toEqual(['KEM_kyber_1024_avx2', 'KEM_ml_kem_1024_x86_64', 'SIG_dilithium_5_avx2', 'SIG_ml_dsa_87_avx2']);
});
