/** Project Wycheproof's vectors for ML-KEM-1024. */
import { Kem } from '../../lib/oqs.js';
import { encapsulateFrom, kemKeypairFrom } from '../support/fixed-random.js';
import { outcomeOf } from '../support/outcome.js';
import { describeWithPrograms } from '../support/requirements.js';
import { FETCH_TIMEOUT, fetchWycheproof, fromHex, readWycheproof, type WycheproofTest } from '../support/vectors.js';

interface KeyTest extends WycheproofTest {
  readonly seed: string;
  readonly ek: string;
  readonly dk: string;
}

interface CiphertextTest extends WycheproofTest {
  readonly ek: string;
  readonly c: string;
  readonly K: string;
}

/** In mlkem_1024_test.json: seeds of another length than 64. The addon makes keys from its own random bytes only. */
const WRONG_SEED_LENGTHS = [...idsFrom(102, 111), ...idsFrom(122, 131)];

describeWithPrograms(__filename, "Wycheproof's vectors for ML-KEM-1024", () => {
  const kem = new Kem('ML-KEM-1024');
  beforeAll(fetchWycheproof, FETCH_TIMEOUT);

  const decapsulated = (dk: Uint8Array, c: string): string =>
    outcomeOf(() => kem.decapsulateSync(dk, fromHex(c)).export().toString('hex'));

  it('makes the key pairs of 100 seeds', () => {
    const tests = readWycheproof<KeyTest>('mlkem_1024_keygen_seed_test.json');
    for (const { tcId, seed, ek, dk } of tests) {
      const { publicKey, secretKey } = kemKeypairFrom(fromHex(seed), 'ML-KEM-1024');
      expect({ tcId, ek: publicKey.toString('hex'), dk: secretKey.toString('hex') }).toEqual({ tcId, ek, dk });
    }
    expect(tests).toHaveLength(100);
  });

  it('encapsulates for 133 public keys', () => {
    const tests = encapsulations('valid');
    for (const { tcId, m, ek, c, K } of tests) {
      const { ciphertext, sharedSecret } = encapsulateFrom(fromHex(m), 'ML-KEM-1024', fromHex(ek));
      expect({ tcId, c: ciphertext.toString('hex'), K: sharedSecret.toString('hex') }).toEqual({ tcId, c, K });
    }
    expect(tests).toHaveLength(133);
  });

  it('refuses 136 public keys that are too short, too long, or not reduced', () => {
    const tests = encapsulations('invalid');
    for (const { tcId, ek } of tests) {
      const code = ek.length === HEX_PUBLIC_KEY ? 'PQ_ERR_INVALID_PUBLIC_KEY' : 'PQ_ERR_INVALID_LENGTH';
      expect({ tcId, outcome: outcomeOf(() => kem.encapsulateSync(fromHex(ek))) }).toEqual({ tcId, outcome: code });
    }
    expect(tests).toHaveLength(136);
    expect(tests.filter(({ ek }) => ek.length === HEX_PUBLIC_KEY)).toHaveLength(116);
  });

  it('decapsulates right, changed, too short and too long ciphertexts of 182 keys', () => {
    const tests = readWycheproof<CiphertextTest & KeyTest>('mlkem_1024_test.json');
    const expressible = tests.filter(({ tcId }) => !WRONG_SEED_LENGTHS.includes(tcId));
    for (const { tcId, seed, ek, c, K, result } of expressible) {
      const { publicKey, secretKey } = kemKeypairFrom(fromHex(seed), 'ML-KEM-1024');
      const made = { tcId, ek: publicKey.toString('hex'), outcome: decapsulated(secretKey, c) };
      expect(made).toEqual({ tcId, ek, outcome: result === 'valid' ? K : 'PQ_ERR_INVALID_LENGTH' });
    }
    expect(expressible).toHaveLength(182);
    expect(tests.filter(({ seed }) => seed.length !== HEX_SEED).map(({ tcId }) => tcId)).toEqual(WRONG_SEED_LENGTHS);
  });

  it('decapsulates with 9 expanded secret keys, and refuses the wrong ones', () => {
    const tests = readWycheproof<CiphertextTest & KeyTest>('mlkem_1024_semi_expanded_decaps_test.json');
    for (const { tcId, dk, c, K, flags } of tests) {
      expect({ tcId, outcome: decapsulated(fromHex(dk), c) }).toEqual({ tcId, outcome: K ?? refusalOf(flags) });
    }
    expect(tests).toHaveLength(9);
  });
});

function encapsulations(wanted: WycheproofTest['result']): (CiphertextTest & { readonly m: string })[] {
  const tests = readWycheproof<CiphertextTest & { m: string }>('mlkem_1024_encaps_test.json');
  return tests.filter(({ result }) => result === wanted);
}

function refusalOf(flags: readonly string[] = []): string {
  return flags.includes('InvalidDecapsulationKey') ? 'PQ_ERR_INVALID_SECRET_KEY' : 'PQ_ERR_INVALID_LENGTH';
}

function idsFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const HEX_PUBLIC_KEY = 2 * 1568;
const HEX_SEED = 2 * 64;
