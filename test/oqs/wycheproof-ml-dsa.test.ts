/** Project Wycheproof's vectors for ML-DSA-87. */
import { Sig } from '../../lib/oqs.js';
import { signFrom } from '../support/fixed-random.js';
import { outcomeOf } from '../support/outcome.js';
import { describeWithPrograms } from '../support/requirements.js';
import { FETCH_TIMEOUT, fetchWycheproof, fromHex, readWycheproof, type WycheproofTest } from '../support/vectors.js';

interface VerifyTest extends WycheproofTest {
  readonly publicKey: string;
  readonly msg: string;
  readonly ctx?: string;
  readonly sig: string;
}

interface SignTest extends WycheproofTest {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly privateSeed: string;
  /** Absent if the test begins after the message was hashed, with mu (FIPS 204 §6.2): liboqs takes messages only. */
  readonly msg?: string;
  readonly ctx?: string;
  readonly rnd?: string;
  readonly sig: string;
}

/** mldsa_87_sign_noseed_test.json: tests that begin with mu. */
const MU_OF_KEYS = idsFrom(59, 68);
/** mldsa_87_sign_seed_test.json: tests that begin with mu. */
const MU_OF_SEEDS = [...idsFrom(59, 68), ...idsFrom(92, 98)];
/** mldsa_87_sign_seed_test.json: seeds of another length than 32. */
const WRONG_SEED_LENGTHS = [82, 83, 84];
/**
 * mldsa_87_sign_noseed_test.json: secret keys with coefficients of s1 or s2 out of range, which Wycheproof wants to be
 * refused. publicKeyOf does; liboqs signs with them. Signing has no such check in FIPS 204 (Algorithms 2 and 7).
 */
const OUT_OF_RANGE_KEYS = [47, 48];

describeWithPrograms(__filename, "Wycheproof's vectors for ML-DSA-87", () => {
  const sig = new Sig('ML-DSA-87');
  beforeAll(fetchWycheproof, FETCH_TIMEOUT);

  it('accepts and rejects 241 signatures, and refuses wrong lengths of public key and context', () => {
    const tests = readWycheproof<VerifyTest>('mldsa_87_verify_test.json');
    for (const { tcId, publicKey, msg, ctx, sig: signature, result, flags } of tests) {
      const outcome = outcomeOf(() =>
        sig.verifySync(fromHex(msg), fromHex(signature), fromHex(publicKey), optionsOf(ctx)),
      );
      expect({ tcId, outcome }).toEqual({ tcId, outcome: refusalOf(flags) ?? result === 'valid' });
    }
    expect(tests).toHaveLength(241);
    expect(tests.filter(({ flags }) => refusalOf(flags) !== undefined)).toHaveLength(9);
  });

  it('signs with 54 secret keys, and refuses 3 wrong lengths of secret key and context', () => {
    const tests = readWycheproof<SignTest>('mldsa_87_sign_noseed_test.json');
    const run = tests.filter(({ tcId }) => ![...MU_OF_KEYS, ...OUT_OF_RANGE_KEYS].includes(tcId));
    for (const test of run) {
      expectSignature(test, fromHex(test.privateKey));
      if (test.privateKey.length !== HEX_SECRET_KEY) continue;
      expect(sig.publicKeyOfSync(fromHex(test.privateKey))).toEqual(fromHex(test.publicKey));
    }
    expect(countsOf(run)).toEqual({ valid: 54, invalid: 3 });
    expect(idsOf(tests, ({ msg }) => msg === undefined)).toEqual(MU_OF_KEYS);
  });

  it('signs with secret keys whose s1 or s2 is out of range, which Wycheproof refuses, as publicKeyOf does', () => {
    const tests = readWycheproof<SignTest>('mldsa_87_sign_noseed_test.json');
    const outOfRange = tests.filter(({ flags }) => flags?.includes('InvalidPrivateKey'));
    for (const { privateKey, msg = '' } of outOfRange) {
      expect(outcomeOf(() => sig.signSync(fromHex(msg), fromHex(privateKey)).length)).toBe(sig.signatureLength);
      expect(outcomeOf(() => sig.publicKeyOfSync(fromHex(privateKey)))).toBe('PQ_ERR_INVALID_SECRET_KEY');
    }
    expect(idsOf(outOfRange, ({ result }) => result === 'invalid')).toEqual(OUT_OF_RANGE_KEYS);
  });

  it('makes 76 key pairs from seeds, signs with 75, and refuses a context that is too long', () => {
    const tests = readWycheproof<SignTest>('mldsa_87_sign_seed_test.json');
    const run = tests.filter(({ tcId }) => ![...MU_OF_SEEDS, ...WRONG_SEED_LENGTHS].includes(tcId));
    for (const test of run) {
      const { tcId, privateSeed, publicKey } = test;
      const made = new Sig('ML-DSA-87').keypairSync({ seed: fromHex(privateSeed) });
      expect({ tcId, publicKey: made.publicKey.toString('hex') }).toEqual({ tcId, publicKey });
      expectSignature(test, made.secretKey.export());
    }
    expect(countsOf(run)).toEqual({ valid: 75, invalid: 1 });
    expect(idsOf(tests, ({ msg }) => msg === undefined)).toEqual(MU_OF_SEEDS);
    const wrong = tests.filter(({ privateSeed }) => privateSeed.length !== HEX_SEED);
    expect(idsOf(wrong, ({ result }) => result === 'invalid')).toEqual(WRONG_SEED_LENGTHS);
    for (const { privateSeed } of wrong) {
      expect(outcomeOf(() => sig.keypairSync({ seed: fromHex(privateSeed) }))).toBe('PQ_ERR_INVALID_LENGTH');
    }
  });

  /** A right one is compared bit by bit, with the randomness of the test; a wrong one goes through the public API. */
  function expectSignature(test: SignTest, secretKey: Uint8Array): void {
    const { tcId, result, msg = '', ctx, rnd, sig: signature } = test;
    const outcome =
      result === 'valid'
        ? signFrom(fromHex(rnd ?? NO_RANDOM), 'ML-DSA-87', fromHex(msg), secretKey, fromHex(ctx ?? '')).toString('hex')
        : outcomeOf(() => sig.signSync(fromHex(msg), secretKey, optionsOf(ctx)).toString('hex'));
    expect({ tcId, outcome }).toEqual({ tcId, outcome: result === 'valid' ? signature : 'PQ_ERR_INVALID_LENGTH' });
  }
});

function optionsOf(ctx: string | undefined): { context?: Uint8Array } {
  return ctx === undefined ? {} : { context: fromHex(ctx) };
}

/** What is not a signature that is wrong but a call that is: the API says so instead of `false`. */
function refusalOf(flags: readonly string[] = []): string | undefined {
  const wrongCall = flags.includes('IncorrectPublicKeyLength') || flags.includes('InvalidContext');
  return wrongCall ? 'PQ_ERR_INVALID_LENGTH' : undefined;
}

function idsOf(tests: readonly SignTest[], wanted: (test: SignTest) => boolean): number[] {
  return tests.filter(wanted).map(({ tcId }) => tcId);
}

function countsOf(tests: readonly SignTest[]): { valid: number; invalid: number } {
  const valid = tests.filter(({ result }) => result === 'valid').length;
  return { valid, invalid: tests.length - valid };
}

function idsFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const HEX_SEED = 2 * 32;
const HEX_SECRET_KEY = 2 * 4896;
/** Deterministic signing: 32 zero bytes in place of the randomness (FIPS 204, Algorithm 2). */
const NO_RANDOM = '00'.repeat(32);
