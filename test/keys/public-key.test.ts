/** Public keys in PEM and as JWK, and private JWKs. */
import fc from 'fast-check';
import {
  Identity,
  type Jwk,
  publicKeyFromJwk,
  publicKeyFromPem,
  publicKeyToJwk,
  publicKeyToPem,
} from '../../lib/index.js';
import { type DerValue, der, derOid, encodeDer, TAG } from '../../lib/keys/der.js';
import { encodePem } from '../../lib/keys/pem.js';
import { Sig } from '../../lib/oqs.js';
import { outcomeOf } from '../support/outcome.js';

const SEED = Buffer.alloc(32, 5);
const OIDS = { Dilithium5: '1.3.6.1.4.1.2.267.7.8.7', 'ML-DSA-87': '2.16.840.1.101.3.4.3.19' } as const;
const refused = (code: string) => expect.objectContaining({ code });

describe.each(Sig.algorithms)('a public key of %s', (algorithm) => {
  const identity = Identity.from({ algorithm, seed: SEED });
  const pem = publicKeyToPem(identity);
  const bits = Buffer.concat([Buffer.of(0), identity.publicKey]);
  const name = der(TAG.sequence, [derOid(OIDS[algorithm])]);
  const pemOf = (...values: DerValue[]) => encodePem('PUBLIC KEY', encodeDer(der(TAG.sequence, values)).export());

  it('is read as it was written, of an identity and of itself', () => {
    const read = publicKeyFromPem(pem);
    expect(read).toEqual({ algorithm, publicKey: identity.publicKey, fingerprint: identity.fingerprint });
    expect(publicKeyToPem(read)).toBe(pem);
    expect(publicKeyFromPem(Buffer.from(pem))).toEqual(read);
    expect(pemOf(name, der(TAG.bitString, bits)).export().toString()).toBe(pem);
  });

  it.each([
    ['a key one byte short', pemOf(name, der(TAG.bitString, bits.subarray(0, -1)))],
    ['a key one byte longer', pemOf(name, der(TAG.bitString, Buffer.concat([bits, SEED.subarray(31)])))],
    ['bits that are no bytes', pemOf(name, der(TAG.bitString, Buffer.concat([Buffer.of(1), identity.publicKey])))],
    ['parameters', pemOf(der(TAG.sequence, [derOid(OIDS[algorithm]), der(TAG.null, [])]), der(TAG.bitString, bits))],
    ['something after the key', pemOf(name, der(TAG.bitString, bits), der(TAG.null, []))],
    ['another algorithm', pemOf(der(TAG.sequence, [derOid('1.3.101.112')]), der(TAG.bitString, bits))],
    ['no algorithm', pemOf(der(TAG.bitString, bits))],
  ])('is refused with %s', (_, wrong) => {
    expect(() => publicKeyFromPem(wrong)).toThrow(refused('PQ_ERR_KEY_FORMAT'));
  });

  it('is refused when it is cut off, doubled, or in CR LF', () => {
    const codes = [...Array(pem.length - 1).keys()].map((length) =>
      outcomeOf(() => publicKeyFromPem(pem.slice(0, length))),
    );
    expect(new Set(codes)).toEqual(new Set(['PQ_ERR_KEY_FORMAT']));
    for (const wrong of [pem + pem, pem.replaceAll('\n', '\r\n'), `${pem}x`]) {
      expect(() => publicKeyFromPem(wrong)).toThrow(refused('PQ_ERR_KEY_FORMAT'));
    }
  });

  it('is not a private key', async () => {
    const secret = await identity.toPem();
    expect(() => publicKeyFromPem(secret)).toThrow(refused('PQ_ERR_KEY_FORMAT'));
    await expect(Identity.fromPem(pem)).rejects.toMatchObject({ code: 'PQ_ERR_KEY_FORMAT' });
  });

  it('is written only if it is one', () => {
    const { publicKey } = identity;
    expect(() => publicKeyToPem({ algorithm, publicKey: publicKey.subarray(1) })).toThrow(
      refused('PQ_ERR_INVALID_LENGTH'),
    );
    expect(() => publicKeyToPem({ algorithm: 'RSA' as never, publicKey })).toThrow(refused('PQ_ERR_UNKNOWN_ALGORITHM'));
    expect(() => publicKeyToPem({ algorithm, publicKey: 'x' as never })).toThrow(refused('PQ_ERR_INVALID_ARGUMENT'));
  });

  it('is an error of ours, or itself, with bytes changed', () => {
    const whole = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    fc.assert(
      fc.property(fc.nat(40), fc.uint8Array({ minLength: 1, maxLength: 6 }), (at, bytes) => {
        const changed = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + bytes.length)]);
        const text = encodePem('PUBLIC KEY', changed).export().toString();
        try {
          expect(publicKeyToPem(publicKeyFromPem(text))).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'PQ_ERR_KEY_FORMAT' });
        }
      }),
    );
  });
});

describe('a JWK', () => {
  const identity = Identity.from({ algorithm: 'ML-DSA-87', seed: SEED });
  const jwk = identity.toJwk();

  it('has the type AKP, the public key and the seed', async () => {
    expect(jwk).toEqual({
      kty: 'AKP',
      alg: 'ML-DSA-87',
      pub: identity.publicKey.toString('base64url'),
      priv: SEED.toString('base64url'),
    });
    const again = await Identity.fromJwk(JSON.parse(JSON.stringify({ ...jwk, kid: 'mine', use: 'sig' })));
    expect([again.fingerprint, again.profile]).toEqual([identity.fingerprint, 'hardened']);
    expect(again.toJwk()).toEqual(jwk);
  });

  it('is public without the seed', () => {
    const { priv, ...rest } = jwk;
    expect(publicKeyToJwk(identity)).toEqual(rest);
    expect(publicKeyFromJwk(rest)).toEqual(publicKeyFromPem(publicKeyToPem(identity)));
    expect(publicKeyFromJwk(jwk).fingerprint).toBe(identity.fingerprint);
    expect(priv).toHaveLength(43);
  });

  it('is not there for Dilithium5, nor for a secret key without its seed', async () => {
    const dilithium = await Identity.generate();
    expect(() => dilithium.toJwk()).toThrow(refused('PQ_ERR_KEY_FORMAT'));
    expect(() => publicKeyToJwk(dilithium)).toThrow(refused('PQ_ERR_KEY_FORMAT'));
    const { publicKey, secretKey } = new Sig('ML-DSA-87').keypairSync();
    const expanded = Identity.from({ algorithm: 'ML-DSA-87', publicKey, secretKey });
    expect(() => expanded.toJwk()).toThrow(refused('PQ_ERR_KEY_FORMAT'));
    expect(publicKeyFromJwk(publicKeyToJwk(expanded)).publicKey).toEqual(publicKey);
  });

  it('is refused when its public key is another one', async () => {
    const other = Identity.from({ algorithm: 'ML-DSA-87', seed: Buffer.alloc(32, 6) });
    await expect(Identity.fromJwk({ ...jwk, pub: other.toJwk().pub })).rejects.toMatchObject({
      code: 'PQ_ERR_INVALID_SECRET_KEY',
    });
  });

  const { pub, priv = '' } = jwk;
  it.each<[string, unknown]>([
    ['null', null],
    ['a text', JSON.stringify(jwk)],
    ['another type', { ...jwk, kty: 'OKP' }],
    ['no type', { ...jwk, kty: undefined }],
    ['another algorithm', { ...jwk, alg: 'ML-DSA-65' }],
    ['no algorithm', { ...jwk, alg: undefined }],
    ['Dilithium5', { ...jwk, alg: 'Dilithium5' }],
    ['no seed', { kty: 'AKP', alg: 'ML-DSA-87', pub }],
    ['no public key', { kty: 'AKP', alg: 'ML-DSA-87', priv }],
    ['a number for a seed', { ...jwk, priv: 1 }],
    ['a seed that is too short', { ...jwk, priv: priv.slice(1) }],
    ['a seed that is too long', { ...jwk, priv: `${priv}A` }],
    ['a seed with padding', { ...jwk, priv: `${priv}=` }],
    ['a seed with bits left over', { ...jwk, priv: `${priv.slice(0, 42)}V` }],
    ['a seed in base64', { ...jwk, priv: `${'+'.repeat(42)}8` }],
    ['a seed with a space', { ...jwk, priv: ` ${priv.slice(1)}` }],
    ['a public key that is too short', { ...jwk, pub: pub.slice(1) }],
  ])('is refused with %s, which no error shows', async (_, wrong) => {
    const error = await Identity.fromJwk(wrong as Jwk).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'PQ_ERR_KEY_FORMAT' });
    expect(error.message).not.toContain(priv.slice(4, 30));
  });
});
