import { inspect } from 'node:util';
import { fingerprintOf, Identity, parseFingerprint } from '../../lib/index.js';
import { Secret, Sig } from '../../lib/oqs.js';
import { checkText } from '../support/check-values.js';

const sig = new Sig('Dilithium5');
const keys = sig.keypairSync();
const other = sig.keypairSync();
const parts = { profile: 'seed', ...keys } as const;
const disposed = sig.keypairSync().secretKey;
disposed.dispose();
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('an identity', () => {
  it('is made of fresh keys, each time others', async () => {
    const [a, b] = await Promise.all([Identity.generate({ profile: 'seed' }), Identity.generate({ profile: 'seed' })]);
    expect(a.algorithm).toBe('Dilithium5');
    expect(a.profile).toBe('seed');
    expect(a.publicKey.length).toBe(2592);
    expect(a.fingerprint).not.toBe(b.fingerprint);
  });

  it('is made of keys that exist, which it copies', () => {
    const publicKey = Buffer.from(keys.publicKey);
    const identity = Identity.from({ profile: 'seed', publicKey, secretKey: keys.secretKey });
    publicKey.fill(0);
    expect(identity.publicKey).toEqual(keys.publicKey);
    expect(identity.fingerprint).toBe(fingerprintOf('Dilithium5', keys.publicKey));
  });

  it('takes a secret key as plain bytes as well', () => {
    expect(Identity.from({ ...parts, secretKey: keys.secretKey.export() }).fingerprint).toMatch(/^pqsock1:dilithium5:/);
  });

  it('is of the hardened profile and of Dilithium5 unless said otherwise', async () => {
    const made = [await Identity.generate(), await Identity.generate(null as never), Identity.from(keys)];
    expect(made.map(({ profile, algorithm }) => [profile, algorithm])).toEqual(
      made.map(() => ['hardened', 'Dilithium5']),
    );
    expect(made.map(({ fingerprint }) => fingerprint.slice(0, 19))).toEqual(made.map(() => 'pqsock1:dilithium5:'));
  });

  it('is of no other profile than the two', async () => {
    const profile = 'other' as 'seed';
    await expect(Identity.generate({ profile })).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_OPTION' });
    expect(() => Identity.from({ ...parts, profile })).toThrow(code('PQ_ERR_INVALID_OPTION'));
  });

  it('is not of the default algorithm because of a misspelt option', async () => {
    const misspelt = { algoritm: 'ML-DSA-87' } as object;
    await expect(Identity.generate(misspelt)).rejects.toMatchObject({
      code: 'PQ_ERR_INVALID_OPTION',
      message: expect.stringContaining('algoritm'),
    });
    expect(() => Identity.from({ ...parts, ...misspelt })).toThrow(code('PQ_ERR_INVALID_OPTION'));
  });

  it('is of ML-DSA-87 if asked for, with keys of its lengths', async () => {
    const made = await Identity.generate({ algorithm: 'ML-DSA-87' });
    expect(made.fingerprint).toMatch(/^pqsock1:mldsa87:[\w-]{43}$/);
    expect([made.publicKey.length, Identity.secretKeyOf(made).length]).toEqual([2592, 4896]);
    const mldsa = new Sig('ML-DSA-87').keypairSync();
    expect(Identity.from({ algorithm: 'ML-DSA-87', ...mldsa }).publicKey).toEqual(mldsa.publicKey);
    expect(() => Identity.from({ algorithm: 'ML-DSA-87', ...keys })).toThrow(code('PQ_ERR_INVALID_LENGTH'));
  });

  it('of ML-DSA-87 refuses keys that differ only in the last byte of the hash of 64', () => {
    const { publicKey, secretKey } = new Sig('ML-DSA-87').keypairSync();
    const spoiled = secretKey.export();
    spoiled.writeUInt8(spoiled.readUInt8(127) ^ 1, 127); // ρ, K and the first 63 bytes of tr are right
    const wrong = { algorithm: 'ML-DSA-87', publicKey, secretKey: spoiled } as const;
    expect(() => Identity.from(wrong)).toThrow(code('PQ_ERR_INVALID_SECRET_KEY'));
  });

  it('is of an algorithm that there is', async () => {
    const algorithm = 'Falcon-1024' as 'ML-DSA-87';
    await expect(Identity.generate({ algorithm })).rejects.toMatchObject({ code: 'PQ_ERR_UNKNOWN_ALGORITHM' });
    expect(() => Identity.from({ ...keys, algorithm })).toThrow(code('PQ_ERR_UNKNOWN_ALGORITHM'));
  });

  it('is of Dilithium5 for the seed profile', async () => {
    await expect(Identity.generate({ algorithm: 'ML-DSA-87', profile: 'seed' })).rejects.toMatchObject({
      code: 'PQ_ERR_INVALID_OPTION',
    });
  });

  it('refuses keys that don’t belong together', () => {
    expect(() => Identity.from({ ...parts, publicKey: other.publicKey })).toThrow(code('PQ_ERR_INVALID_SECRET_KEY'));
    const spoiled = Buffer.from(keys.publicKey);
    spoiled.writeUInt8(spoiled.readUInt8(2591) ^ 1, 2591); // ρ is still the same: the hash is not
    expect(() => Identity.from({ ...parts, publicKey: spoiled })).toThrow(code('PQ_ERR_INVALID_SECRET_KEY'));
  });

  it.each([
    ['a public key one byte too short', { publicKey: Buffer.alloc(2591) }, 'PQ_ERR_INVALID_LENGTH'],
    ['a secret key one byte too long', { secretKey: Buffer.alloc(4865) }, 'PQ_ERR_INVALID_LENGTH'],
    ['a public key as text', { publicKey: 'text' }, 'PQ_ERR_INVALID_ARGUMENT'],
    ['no secret key', { secretKey: undefined }, 'PQ_ERR_INVALID_ARGUMENT'],
    ['a secret key that was disposed of', { secretKey: disposed }, 'PQ_ERR_SECRET_DISPOSED'],
  ])('refuses %s', (_, change, expected) => {
    expect(() => Identity.from({ ...parts, ...change } as never)).toThrow(code(expected));
  });

  it('shows its secret key nowhere', () => {
    const identity = Identity.from(parts);
    const secret = keys.secretKey.export();
    const shown = inspect(identity, { showHidden: true, depth: 9 }) + JSON.stringify(identity);
    expect(shown).not.toContain(secret.toString('hex', 40, 60));
    expect(shown).not.toContain(secret.toString('base64', 33, 63));
  });

  it('wipes its secret key when it is disposed of', () => {
    const identity = Identity.from(parts);
    const secret = Identity.secretKeyOf(identity);
    identity[Symbol.dispose]();
    expect(() => Secret.bytesOf(secret)).toThrow(code('PQ_ERR_SECRET_DISPOSED'));
    expect(keys.secretKey.disposed).toBe(false); // it had a copy of its own
  });
});

describe('a fingerprint', () => {
  it.each([
    ['Dilithium5', 'dilithium5'],
    ['ML-DSA-87', 'mldsa87'],
  ] as const)('of %s is the one in PROTOCOL.md', (algorithm, label) => {
    const [expected] = checkText(new RegExp(`(pqsock1:${label}:[\\w-]{43})`));
    expect(fingerprintOf(algorithm, Buffer.alloc(2592, 0x22))).toBe(expected);
    expect(parseFingerprint(expected ?? '')).toBe(expected);
  });

  it('is the hash of label, algorithm and key', () => {
    expect(fingerprintOf('Dilithium5', Buffer.alloc(2592))).toBe(
      'pqsock1:dilithium5:YfnrXPd4_c803x2iY-aLnN-3Kd5WnRpirZQISZR9rkI',
    );
    expect(fingerprintOf('ML-DSA-87', Buffer.alloc(2592))).toMatch(/^pqsock1:mldsa87:[\w-]{43}$/);
  });

  it.each([
    '',
    'any',
    'pqsock1:dilithium5:short',
    `pqsock1:dilithium5:${'A'.repeat(42)}B`, // four bits too many
    `pqsock1:dilithium5:${'A'.repeat(44)}`,
    `pqsock2:dilithium5:${'A'.repeat(43)}`,
    `pqsock1:rsa:${'A'.repeat(43)}`,
    ` pqsock1:dilithium5:${'A'.repeat(43)}`,
    `pqsock1:dilithium5:${'A'.repeat(43)}:`,
  ])('is not %j', (text) => {
    expect(() => parseFingerprint(text)).toThrow(code('PQ_ERR_INVALID_OPTION'));
  });
});
