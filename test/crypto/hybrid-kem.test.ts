/** X25519 beside a KEM, against node:crypto's own X25519 and RFC 7748. */
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { hybridKem } from '../../lib/crypto/hybrid-kem.js';
import type { Operation } from '../../lib/crypto/operation.js';
import { primitivesOf } from '../../lib/crypto/primitives.js';
import { SUITES } from '../../lib/crypto/suites.js';
import { Kem, Secret } from '../../lib/oqs.js';
import { lengthsAlive, secretsMade } from '../support/secrets-made.js';

const mlKem = new Kem('ML-KEM-1024');
const plain = primitivesOf(SUITES['mlkem1024-mldsa87']).kem;
const hybrid = hybridKem(plain);
const pair = hybrid.keypair().runSync();
const refused = expect.objectContaining({ code: 'PQ_ERR_DECODE' });

/**
 * The points of small order, and other encodings of them: 0, 1, two of order 8, and p − 1, p, p + 1; with the top bit,
 * which is masked, they are the same points.
 */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((hex) => {
  const masked = Buffer.from(hex, 'hex');
  masked.writeUInt8(masked.readUInt8(31) | 0x80, 31);
  return [Buffer.from(hex, 'hex'), masked];
});

const raw = (key: KeyObject) => Buffer.from(key.export({ format: 'jwk' }).x as string, 'base64url');
const imported = (share: Uint8Array) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(share).toString('base64url') }, format: 'jwk' });

describe('a hybrid KEM', () => {
  it('has 32 bytes more of everything', () => {
    expect(hybrid.algorithm).toMatchObject({
      publicKeyLength: 1600,
      secretKeyLength: 3200,
      ciphertextLength: 1600,
      sharedSecretLength: 64,
    });
    const { ciphertext, sharedSecret } = hybrid.encapsulate(pair.publicKey).runSync();
    expect([pair.publicKey.length, pair.secretKey.length, ciphertext.length, sharedSecret.length]).toEqual([
      1600, 3200, 1600, 64,
    ]);
  });

  it('comes to the same secret on both sides, another one each time', () => {
    const made = [1, 2].map(() => hybrid.encapsulate(pair.publicKey).runSync());
    for (const { ciphertext, sharedSecret } of made) {
      expect(hybrid.decapsulate(pair.secretKey, ciphertext).runSync().equals(sharedSecret)).toBe(true);
    }
    const [a, b] = made.map(({ sharedSecret }) => sharedSecret.export());
    expect(a?.subarray(0, 32)).not.toEqual(b?.subarray(0, 32));
    expect(a?.subarray(32)).not.toEqual(b?.subarray(32));
  });

  it('works off the event loop as well, and after a verification', async () => {
    const made = await hybrid.keypair().run();
    const { ciphertext, sharedSecret } = await hybrid.encapsulate(made.publicKey).run();
    expect((await hybrid.decapsulate(made.secretKey, ciphertext).run()).equals(sharedSecret)).toBe(true);
  });

  it('is the KEM’s part, then the curve’s, as node:crypto has it', () => {
    const own = generateKeyPairSync('x25519');
    const kemPair = mlKem.keypairSync();
    const publicKey = Buffer.concat([kemPair.publicKey, raw(own.publicKey)]);
    const { ciphertext, sharedSecret } = hybrid.encapsulate(publicKey).runSync();
    const expected = Buffer.concat([
      mlKem.decapsulateSync(kemPair.secretKey, ciphertext.subarray(0, 1568)).export(),
      diffieHellman({ privateKey: own.privateKey, publicKey: imported(ciphertext.subarray(1568)) }),
    ]);
    expect(sharedSecret.export()).toEqual(expected);
  });

  it('has the shared secret of RFC 7748 §6.1', () => {
    const alice = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');
    const bob = Buffer.from('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f', 'hex');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    const kemPair = mlKem.keypairSync();
    const secretKey = Secret.from(Buffer.concat([kemPair.secretKey.export(), alice]));
    const ciphertext = Buffer.concat([mlKem.encapsulateSync(kemPair.publicKey).ciphertext, bob]);
    expect(hybrid.decapsulate(secretKey, ciphertext).runSync().export().toString('hex', 32)).toBe(shared);
  });

  it('needs both halves: a change in either gives another secret, and only that half of it', () => {
    const { ciphertext, sharedSecret } = hybrid.encapsulate(pair.publicKey).runSync();
    const expected = sharedSecret.export();
    for (const [at, changed, same] of [
      [0, [0, 32], [32, 64]],
      [1567, [0, 32], [32, 64]],
      [1568, [32, 64], [0, 32]],
      [1599, [32, 64], [0, 32]],
    ] as const) {
      const other = Buffer.from(ciphertext);
      other.writeUInt8(other.readUInt8(at) ^ 1, at);
      const secret = hybrid.decapsulate(pair.secretKey, other).runSync().export();
      expect(secret.subarray(...changed)).not.toEqual(expected.subarray(...changed));
      expect(secret.subarray(...same)).toEqual(expected.subarray(...same));
    }
  });

  it('looks at the coefficients of the KEM’s key', () => {
    expect(hybrid.isPublicKey(pair.publicKey)).toBe(true);
    const bad = Buffer.from(pair.publicKey);
    bad.fill(0xff, 0, 3);
    expect(hybrid.isPublicKey(bad)).toBe(false);
    const share = Buffer.from(pair.publicKey);
    share.fill(0xff, 1568); // a share may be anything
    expect(hybrid.isPublicKey(share)).toBe(true);
  });
});

describe('an X25519 share', () => {
  it.each(SMALL_ORDER.map((share) => [share.toString('hex')]))('of small order is refused: %s', (hex) => {
    const share = Buffer.from(hex, 'hex');
    const publicKey = Buffer.concat([pair.publicKey.subarray(0, 1568), share]);
    const { ciphertext } = hybrid.encapsulate(pair.publicKey).runSync();
    const answer = Buffer.concat([ciphertext.subarray(0, 1568), share]);
    const made = secretsMade(() => {
      expect(() => hybrid.encapsulate(publicKey).runSync()).toThrow(refused);
      expect(() => hybrid.decapsulate(pair.secretKey, answer).runSync()).toThrow(refused);
    });
    expect(made.length).toBeGreaterThan(2);
    expect(lengthsAlive(made)).toEqual([]);
  });

  it('above the prime, and with the top bit, is taken as RFC 7748 §5 has it', () => {
    const { ciphertext } = hybrid.encapsulate(pair.publicKey).runSync();
    const curve = (share: string) => {
      const answer = Buffer.concat([ciphertext.subarray(0, 1568), Buffer.from(share, 'hex')]);
      return hybrid.decapsulate(pair.secretKey, answer).runSync().export().toString('hex', 32);
    };
    const nine = `09${'00'.repeat(31)}`;
    const nineAbove = `f6${'ff'.repeat(30)}7f`; // 9 + p
    const nineMasked = `09${'00'.repeat(30)}80`;
    expect(curve(nineAbove)).toBe(curve(nine));
    expect(curve(nineMasked)).toBe(curve(nine));
  });
});

describe('the secrets of a hybrid KEM', () => {
  it('are wiped but for the result', () => {
    const made = secretsMade(() => {
      const own = hybrid.keypair().runSync();
      const { ciphertext } = hybrid.encapsulate(own.publicKey).runSync();
      hybrid.decapsulate(own.secretKey, ciphertext).runSync();
    });
    expect(lengthsAlive(made)).toEqual([64, 64, 3200]); // the key pair is whoever made it to dispose of
    expect(made.length).toBeGreaterThan(6);
  });

  it('are wiped when nobody wants the result any more', () => {
    const runAndDiscard = <T>(operation: Operation<T>): T => {
      const result = operation.runSync();
      operation.discard(result);
      return result;
    };
    const made = secretsMade(() => {
      runAndDiscard(hybrid.keypair());
      const { ciphertext } = runAndDiscard(hybrid.encapsulate(pair.publicKey));
      runAndDiscard(hybrid.decapsulate(pair.secretKey, ciphertext));
    });
    expect(made.length).toBeGreaterThan(6);
    expect(lengthsAlive(made)).toEqual([]);
    expect(pair.secretKey.disposed).toBe(false);
  });
});
