import { inspect } from 'node:util';
import { fingerprintOf, Identity, parseFingerprint } from '../../lib/index.js';
import { Secret, Sig } from '../../lib/oqs.js';

const sig = new Sig('Dilithium5');
const keys = sig.keypairSync();
const other = sig.keypairSync();
const parts = { profile: 'seed', ...keys } as const;
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

  it('needs a profile, which has no default', async () => {
    await expect(Identity.generate({} as never)).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_OPTION' });
    await expect(Identity.generate(undefined as never)).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_OPTION' });
    expect(() => Identity.from({ ...parts, profile: 'other' as 'seed' })).toThrow(code('PQ_ERR_INVALID_OPTION'));
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
  });
});

describe('a fingerprint', () => {
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
