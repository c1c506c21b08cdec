/** What is said of keys: of all kinds and forms, in text and in files, and nothing that is secret. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeKey,
  describeKeyFile,
  Identity,
  publicKeyToJwk,
  publicKeyToPem,
  writeIdentity,
  writePublicKey,
} from '../../lib/index.js';
import { der, derInteger, derOid, encodeDer, TAG } from '../../lib/keys/der.js';
import { encodePem } from '../../lib/keys/pem.js';
import { Secret, Sig } from '../../lib/oqs.js';
import { lengthsAlive } from '../support/secrets-made.js';

const SEED = Buffer.alloc(32, 7);
const OIDS = { Dilithium5: '1.3.6.1.4.1.2.267.7.8.7', 'ML-DSA-87': '2.16.840.1.101.3.4.3.19' } as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-description-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Sig.algorithms)('a key of %s', (algorithm) => {
  const identity = Identity.from({ algorithm, seed: SEED });
  const { fingerprint } = identity;
  const secretKey = new Sig(algorithm).keypairSync({ seed: SEED }).secretKey.export();
  const [seed, expanded] = [der(TAG.octetString, SEED), der(TAG.octetString, secretKey)];

  it.each([
    ['seed', der(TAG.context0, SEED)],
    ['expanded', expanded],
    ['both', der(TAG.sequence, [seed, expanded])],
  ])('that is kept as %s is described so', async (form, key) => {
    const info = der(TAG.sequence, [
      derInteger(0),
      der(TAG.sequence, [derOid(OIDS[algorithm])]),
      der(TAG.octetString, [key]),
    ]);
    const pem = encodePem('PRIVATE KEY', encodeDer(info).export());
    const description = { kind: 'secret', format: 'pem', algorithm, fingerprint, profile: 'hardened', form };
    expect(await describeKey(pem)).toEqual(description);
    expect(await describeKey(pem.export().toString())).toEqual(description);
  });

  it('that is public is described as such', async () => {
    const description = { kind: 'public', format: 'pem', algorithm, fingerprint };
    expect(await describeKey(publicKeyToPem(identity))).toEqual(description);
  });

  it('that is encrypted shows its rounds, and with the passphrase all', async () => {
    const pem = await identity.toPem({ passphrase: 'open sesame' });
    const outside = { kind: 'secret', format: 'pem', rounds: 600_000 };
    expect(await describeKey(pem)).toEqual(outside);
    const inside = { algorithm, fingerprint, profile: 'hardened', form: 'seed' };
    expect(await describeKey(pem, { passphrase: 'open sesame' })).toEqual({ ...outside, ...inside });
    await expect(describeKey(pem, { passphrase: 'wrong' })).rejects.toMatchObject({ code: 'PQ_ERR_PASSPHRASE_WRONG' });
  });
});

describe('a JWK', () => {
  const identity = Identity.from({ algorithm: 'ML-DSA-87', seed: SEED });
  const known = { format: 'jwk', algorithm: 'ML-DSA-87', fingerprint: identity.fingerprint };

  it('is described, a secret one as its seed', async () => {
    expect(await describeKey(JSON.stringify(publicKeyToJwk(identity)))).toEqual({ kind: 'public', ...known });
    const secret = Buffer.from(JSON.stringify(identity.toJwk()));
    expect(await describeKey(secret)).toEqual({ kind: 'secret', ...known, profile: 'hardened', form: 'seed' });
  });

  it('that is no JSON, or whose parts are two keys’, is refused without a word of it', async () => {
    const error = await describeKey('{"priv":sesame}').catch((reason) => reason);
    expect([error.code, error.cause]).toEqual(['PQ_ERR_KEY_FORMAT', undefined]);
    expect(error.message).not.toContain('sesame');
    const other = publicKeyToJwk(Identity.from({ algorithm: 'ML-DSA-87', seed: Buffer.alloc(32, 8) }));
    const mixed = JSON.stringify({ ...identity.toJwk(), pub: other.pub });
    await expect(describeKey(mixed)).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_SECRET_KEY' });
  });
});

describe('a file', () => {
  it('of the seed profile is described like others, with its size and mode', async () => {
    const path = join(folder, 'seed.pem');
    const identity = await Identity.generate({ profile: 'seed' });
    await writeIdentity(path, identity);
    expect(await describeKeyFile(path)).toMatchObject({
      kind: 'secret',
      profile: 'seed',
      fingerprint: identity.fingerprint,
      bytes: (await identity.toPem()).length,
      exposed: false,
      ...(process.platform !== 'win32' && { mode: '0600' }),
    });
  });

  (process.platform === 'win32' ? it.skip : it)('that others can read is exposed, if its key is secret', async () => {
    const identity = await Identity.generate();
    for (const [path, exposed] of [
      [join(folder, 'a.pem'), true],
      [join(folder, 'a.pub'), false],
    ] as const) {
      await (exposed ? writeIdentity(path, identity) : writePublicKey(path, identity));
      chmodSync(path, 0o640);
      expect(await describeKeyFile(path)).toMatchObject({ mode: '0640', exposed, fingerprint: identity.fingerprint });
    }
  });

  it('that holds no key, or is none, is an error with its name', async () => {
    const path = join(folder, 'words');
    writeFileSync(path, 'open sesame\n');
    const error = { code: 'PQ_ERR_KEY_FORMAT', message: expect.stringContaining('words": ') };
    await expect(describeKeyFile(path)).rejects.toMatchObject(error);
    await expect(describeKeyFile(folder)).rejects.toMatchObject({ code: 'PQ_ERR_KEY_FILE' });
    await expect(describeKeyFile(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

it('leaves no secret behind', async () => {
  const made: Secret[] = [];
  const keep = <T extends Secret>(secret: T): T => {
    made.push(secret);
    return secret;
  };
  const [allocate, from] = [Secret.allocate, Secret.from];
  const pem = await Identity.from({ seed: SEED }).toPem();
  const spies = [
    jest.spyOn(Secret, 'allocate').mockImplementation((length) => keep(allocate.call(Secret, length))),
    jest.spyOn(Secret, 'from').mockImplementation((bytes) => keep(from.call(Secret, bytes))),
  ];
  await describeKey(pem);
  for (const spy of spies) spy.mockRestore();
  expect(made.length).toBeGreaterThan(3);
  expect(lengthsAlive(made)).toEqual([]);
});
