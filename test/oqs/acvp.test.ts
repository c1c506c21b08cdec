/** NIST's ACVP vectors for FIPS 203 and FIPS 204, the groups of ML-KEM-1024 and ML-DSA-87. */
import { Kem, Sig } from '../../lib/oqs.js';
import { encapsulateFrom, kemKeypairFrom, signFrom } from '../support/fixed-random.js';
import { describeWithPrograms } from '../support/requirements.js';
import { FETCH_TIMEOUT, fromHex, readLiboqsVectors } from '../support/vectors.js';

/** The bytes are hexadecimal, in upper case; which of them there are depends on the file. */
type Test = Readonly<Partial<Record<HexField, string>>> & {
  readonly tcId: number;
  readonly testPassed?: boolean;
  readonly reason?: string;
};
type HexField =
  | 'd'
  | 'z'
  | 'ek'
  | 'dk'
  | 'm'
  | 'c'
  | 'k'
  | 'seed'
  | 'pk'
  | 'sk'
  | 'message'
  | 'context'
  | 'rnd'
  | 'signature';

interface Group {
  readonly tgId: number;
  readonly parameterSet: string;
  readonly dk?: string;
  readonly tests: readonly Test[];
}

const FILES = [
  'ML-KEM-keyGen-FIPS203',
  'ML-KEM-encapDecap-FIPS203',
  'ML-DSA-keyGen-FIPS204',
  'ML-DSA-sigGen-FIPS204',
  'ML-DSA-sigVer-FIPS204',
] as const;
type File = (typeof FILES)[number];

/** Groups that are run below: the file, the group, how many tests it has. */
const RUN: readonly (readonly [File, number, number])[] = [
  ['ML-KEM-keyGen-FIPS203', 3, 25],
  ['ML-KEM-encapDecap-FIPS203', 3, 25],
  ['ML-KEM-encapDecap-FIPS203', 6, 10],
  ['ML-DSA-keyGen-FIPS204', 3, 25],
  ['ML-DSA-sigGen-FIPS204', 5, 15],
  ['ML-DSA-sigGen-FIPS204', 17, 15],
  ['ML-DSA-sigVer-FIPS204', 5, 15],
];

/** Groups that can't be run: liboqs 0.13.0 has ML-DSA's "pure" external interface (FIPS 204 §5.2, §5.3) and no other. */
const NOT_EXPRESSIBLE: readonly (readonly [File, number, number, string])[] = [
  ['ML-DSA-sigGen-FIPS204', 6, 15, 'HashML-DSA (FIPS 204 §5.4): liboqs has no pre-hashing'],
  ['ML-DSA-sigGen-FIPS204', 11, 15, 'starts from mu (FIPS 204 §6.2): liboqs takes messages only'],
  ['ML-DSA-sigGen-FIPS204', 12, 15, 'internal interface (FIPS 204 §6.2): liboqs puts the context before the message'],
  ['ML-DSA-sigGen-FIPS204', 18, 15, 'HashML-DSA (FIPS 204 §5.4): liboqs has no pre-hashing'],
  ['ML-DSA-sigGen-FIPS204', 23, 15, 'starts from mu (FIPS 204 §6.2): liboqs takes messages only'],
  ['ML-DSA-sigGen-FIPS204', 24, 15, 'internal interface (FIPS 204 §6.2): liboqs puts the context before the message'],
  ['ML-DSA-sigVer-FIPS204', 6, 15, 'HashML-DSA (FIPS 204 §5.4): liboqs has no pre-hashing'],
  ['ML-DSA-sigVer-FIPS204', 11, 15, 'starts from mu (FIPS 204 §6.3): liboqs takes messages only'],
  ['ML-DSA-sigVer-FIPS204', 12, 15, 'internal interface (FIPS 204 §6.3): liboqs puts the context before the message'],
];

describeWithPrograms(__filename, "NIST's ACVP vectors", () => {
  const groups = new Map<File, readonly Group[]>();
  beforeAll(() => {
    for (const file of FILES) {
      const { testGroups } = readLiboqsVectors<{ testGroups: Group[] }>(`ACVP_Vectors/${file}/internalProjection.json`);
      groups.set(
        file,
        testGroups.filter(({ parameterSet }) => /-(1024|87)$/.test(parameterSet)),
      );
    }
  }, FETCH_TIMEOUT);

  const group = (file: File, id: number): Group => {
    const found = groups.get(file)?.find(({ tgId }) => tgId === id);
    if (found === undefined) throw new Error(`${file} has no group ${id}`);
    return found;
  };

  it('has no group that is neither run nor listed as not expressible', () => {
    const published = [...groups].flatMap(([file, all]) => all.map(({ tgId, tests }) => [file, tgId, tests.length]));
    const known = [...RUN, ...NOT_EXPRESSIBLE].map(([file, tgId, tests]) => [file, tgId, tests]);
    expect(published.sort()).toEqual(known.sort());
  });

  it('makes the key pairs of ML-KEM-1024 (keyGen, group 3)', () => {
    for (const { tcId, d, z, ek, dk } of group('ML-KEM-keyGen-FIPS203', 3).tests) {
      const { publicKey, secretKey } = kemKeypairFrom(fromHex(`${d}${z}`), 'ML-KEM-1024');
      expect({ tcId, ek: hex(publicKey), dk: hex(secretKey) }).toEqual({ tcId, ek, dk });
    }
  });

  it('encapsulates and decapsulates with ML-KEM-1024 (encapDecap, group 3)', () => {
    for (const { tcId, ek = '', dk = '', m = '', c, k } of group('ML-KEM-encapDecap-FIPS203', 3).tests) {
      const { ciphertext, sharedSecret } = encapsulateFrom(fromHex(m), 'ML-KEM-1024', fromHex(ek));
      const decapsulated = new Kem('ML-KEM-1024').decapsulateSync(fromHex(dk), ciphertext);
      const made = { tcId, c: hex(ciphertext), k: hex(sharedSecret), again: hex(decapsulated.export()) };
      expect(made).toEqual({ tcId, c, k, again: k });
    }
  });

  it('decapsulates right and changed ciphertexts with ML-KEM-1024 (encapDecap, group 6)', () => {
    const { dk = '', tests } = group('ML-KEM-encapDecap-FIPS203', 6);
    for (const { tcId, c = '', k } of tests) {
      const sharedSecret = new Kem('ML-KEM-1024').decapsulateSync(fromHex(dk), fromHex(c));
      expect({ tcId, k: hex(sharedSecret.export()) }).toEqual({ tcId, k });
    }
  });

  it('makes the key pairs of ML-DSA-87 (keyGen, group 3)', () => {
    for (const { tcId, seed = '', pk, sk } of group('ML-DSA-keyGen-FIPS204', 3).tests) {
      const { publicKey, secretKey } = new Sig('ML-DSA-87').keypairSync({ seed: fromHex(seed) });
      expect({ tcId, pk: hex(publicKey), sk: hex(secretKey.export()) }).toEqual({ tcId, pk, sk });
    }
  });

  it.each([
    { id: 5, how: 'deterministically' },
    { id: 17, how: 'hedged with the given randomness' },
  ])('signs with ML-DSA-87 $how (sigGen, group $id)', ({ id }) => {
    for (const { tcId, message = '', context = '', sk = '', rnd = NO_RANDOM, signature } of group(
      'ML-DSA-sigGen-FIPS204',
      id,
    ).tests) {
      const made = signFrom(fromHex(rnd), 'ML-DSA-87', fromHex(message), fromHex(sk), fromHex(context));
      expect({ tcId, signature: hex(made) }).toEqual({ tcId, signature });
    }
  });

  it('accepts and rejects signatures of ML-DSA-87 (sigVer, group 5)', () => {
    for (const { tcId, message = '', context = '', pk = '', signature = '', testPassed, reason } of group(
      'ML-DSA-sigVer-FIPS204',
      5,
    ).tests) {
      const options = { context: fromHex(context) };
      const valid = new Sig('ML-DSA-87').verifySync(fromHex(message), fromHex(signature), fromHex(pk), options);
      expect({ tcId, reason, valid }).toEqual({ tcId, reason, valid: testPassed });
    }
  });
});

function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

/** Deterministic signing: 32 zero bytes in place of the randomness (FIPS 204, Algorithm 2). */
const NO_RANDOM = '00'.repeat(32);
