/** The algorithms as data. */
import { shake256 } from '../../lib/crypto/hash.js';
import { KEM_ALGORITHMS, kemAlgorithm, SEED_SUITE, SIG_ALGORITHMS, sigAlgorithm } from '../../lib/crypto/suites.js';
import { Kem, Sig } from '../../lib/oqs.js';

describe('the tables', () => {
  const rows = [...Object.entries(KEM_ALGORITHMS), ...Object.entries(SIG_ALGORITHMS)];

  it('call each row what it is called, and number the rows as native/algorithms.cc does', () => {
    expect(rows.map(([name, row]) => [name, row.number])).toEqual(rows.map(([, row], number) => [row.name, number]));
  });

  it('give each signature its own number and name on the wire', () => {
    const signatures = Object.values(SIG_ALGORITHMS);
    expect(new Set(signatures.map(({ sigalg }) => sigalg)).size).toBe(signatures.length);
    expect(new Set(signatures.map(({ label }) => label)).size).toBe(signatures.length);
  });

  it('have the algorithms of the seed profile', () => {
    expect([kemAlgorithm(SEED_SUITE.kem).number, sigAlgorithm(SEED_SUITE.sig).number]).toEqual([0, 2]);
  });

  // FIPS 204 §7.2, skEncode: ρ (32 bytes), K (32), tr. In round 3 tr is 32 bytes, later 64.
  it.each(Sig.algorithms)('know where %s has the hash of its public key in the secret key', (name) => {
    const lengths = Array.from({ length: 4 }, () => {
      const { publicKey, secretKey } = new Sig(name).keypairSync();
      const key = secretKey.export().subarray(64);
      return shake256(publicKey, 200).findIndex((byte, i) => byte !== key[i]);
    });
    // One byte after it may be right by chance, but not with every key.
    expect(Math.min(...lengths)).toBe(sigAlgorithm(name).trLength);
  });
});

describe('a name that is not in the table', () => {
  const unknown = expect.objectContaining({ code: 'PQ_ERR_UNKNOWN_ALGORITHM', name: 'MisuseError' });
  const names: unknown[] = [
    '',
    'kyber1024',
    'Kyber1024 ',
    'ML-KEM-768',
    'toString',
    'constructor',
    '__proto__',
    undefined,
    null,
    0,
    Symbol('Kyber1024'),
    {},
    Object.create(null), // has no text
  ];

  it.each(names)('is refused, with those that are: %p', (name) => {
    expect(() => new Kem(name as never)).toThrow(unknown);
    expect(() => new Sig(name as never)).toThrow(unknown);
    expect(() => new Kem(name as never)).toThrow('Kyber1024, ML-KEM-1024');
    expect(() => new Sig(name as never)).toThrow('Dilithium5, ML-DSA-87');
  });

  it('is one of the other kind as well', () => {
    expect(() => new Kem('Dilithium5' as never)).toThrow(unknown);
    expect(() => new Sig('ML-KEM-1024' as never)).toThrow(unknown);
  });
});
