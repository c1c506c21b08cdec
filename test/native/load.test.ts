/** Which addon is loaded, and what is said when there is none. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addon } from '../../lib/native/load.js';

const ROOT = join(__dirname, '../..');

it('has one function for each thing that lib/native/addon.ts names, and no other', () => {
  expect(Object.keys(addon).sort()).toEqual([
    'configurePeers',
    'configurePool',
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

describe('where there is no addon', () => {
  let empty = '';
  beforeAll(() => {
    empty = mkdtempSync(join(tmpdir(), 'pqsock-no-addon-'));
  });
  afterAll(() => rmSync(empty, { recursive: true }));

  it('the package says for which platform it has none, and what to run', () => {
    const program = `import(${JSON.stringify(pathToFileURL(join(ROOT, 'dist/bundle/oqs.js')).href)}).catch(
      ({ name, code, message, cause }) => console.log(JSON.stringify({ name, code, message, cause: String(cause) })))`;
    const { stdout } = spawnSync(process.execPath, ['-e', program], {
      encoding: 'utf8',
      env: { ...process.env, PQSOCK_PREBUILD: empty },
    });
    const platform = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
    expect(JSON.parse(stdout)).toEqual({
      name: 'LocalError',
      code: 'PQ_ERR_ADDON',
      message: expect.stringMatching(new RegExp(`^no addon for ${platform} in .*npm ci && npm run build`)),
      cause: expect.stringContaining('No native build was found'),
    });
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
