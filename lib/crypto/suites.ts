/** The algorithms as data: the only file of `lib/` that names one. A new algorithm is a row. */
import { pqError, quoted } from '../errors.js';

/** A key encapsulation mechanism; all lengths in bytes. */
export interface KemAlgorithm {
  readonly name: string;
  /** Its row in native/algorithms.cc. */
  readonly number: number;
  readonly publicKeyLength: number;
  readonly secretKeyLength: number;
  readonly ciphertextLength: number;
  readonly sharedSecretLength: number;
}

/** A signature algorithm; all lengths in bytes. */
export interface SigAlgorithm {
  readonly name: string;
  /** Its row in native/algorithms.cc. */
  readonly number: number;
  readonly publicKeyLength: number;
  readonly secretKeyLength: number;
  readonly signatureLength: number;
  /** Its number on the wire and in fingerprints. */
  readonly sigalg: number;
  /** Its name in fingerprints. */
  readonly label: string;
  /** The hash of the public key in the secret key, `tr`: 64 bytes after its start, this long. */
  readonly trLength: number;
  /** Its object identifier in key files: of RFC 9881, or the one that the authors of Dilithium gave to round 3. */
  readonly oid: string;
  /** Its `alg` in a JWK, where there is one. */
  readonly jwk: string | undefined;
}

/** Kyber of round 3, and ML-KEM of FIPS 203. */
export const KEM_ALGORITHMS = {
  Kyber1024: {
    name: 'Kyber1024',
    number: 0,
    publicKeyLength: 1568,
    secretKeyLength: 3168,
    ciphertextLength: 1568,
    sharedSecretLength: 32,
  },
  'ML-KEM-1024': {
    name: 'ML-KEM-1024',
    number: 1,
    publicKeyLength: 1568,
    secretKeyLength: 3168,
    ciphertextLength: 1568,
    sharedSecretLength: 32,
  },
} as const satisfies Record<string, KemAlgorithm>;

/** Dilithium of round 3 (3.1), and ML-DSA of FIPS 204. */
export const SIG_ALGORITHMS = {
  Dilithium5: {
    name: 'Dilithium5',
    number: 2,
    publicKeyLength: 2592,
    secretKeyLength: 4864,
    signatureLength: 4595,
    sigalg: 0x01,
    label: 'dilithium5',
    trLength: 32,
    oid: '1.3.6.1.4.1.2.267.7.8.7',
    jwk: undefined,
  },
  'ML-DSA-87': {
    name: 'ML-DSA-87',
    number: 3,
    publicKeyLength: 2592,
    secretKeyLength: 4896,
    signatureLength: 4627,
    sigalg: 0x02,
    label: 'mldsa87',
    trLength: 64,
    oid: '2.16.840.1.101.3.4.3.19',
    jwk: 'ML-DSA-87',
  },
} as const satisfies Record<string, SigAlgorithm>;

/** The KEMs that there are. */
export type KemName = keyof typeof KEM_ALGORITHMS;
/** The signature algorithms that there are. */
export type SigName = keyof typeof SIG_ALGORITHMS;

/** The algorithms of the hardened profile's connections, which both sides agree on. PROTOCOL.md, "Suites". */
export interface Suite {
  readonly name: string;
  /** Its number on the wire. */
  readonly number: number;
  readonly kem: KemName;
  readonly sig: SigName;
  /** Its row in native/algorithms.cc, where a whole handshake is done by native code. */
  readonly row: number | undefined;
  /** Whether X25519 is used together with the KEM: whoever breaks one of them still lacks the other's secret. */
  readonly hybrid: boolean;
}

export const SUITES = {
  'kyber1024-dilithium5': {
    name: 'kyber1024-dilithium5',
    number: 0x0001,
    kem: 'Kyber1024',
    sig: 'Dilithium5',
    row: 4,
    hybrid: false,
  },
  'mlkem1024-mldsa87': {
    name: 'mlkem1024-mldsa87',
    number: 0x0002,
    kem: 'ML-KEM-1024',
    sig: 'ML-DSA-87',
    row: 5,
    hybrid: false,
  },
  'x25519mlkem1024-mldsa87': {
    name: 'x25519mlkem1024-mldsa87',
    number: 0x0003,
    kem: 'ML-KEM-1024',
    sig: 'ML-DSA-87',
    row: undefined,
    hybrid: true,
  },
} as const satisfies Record<string, Suite>;

/** The suites of the hardened profile: a KEM and a signature algorithm each. */
export type SuiteName = keyof typeof SUITES;

/** The suites that are used unless others are listed, the preferred one first. */
export const DEFAULT_SUITES: readonly SuiteName[] = ['kyber1024-dilithium5', 'mlkem1024-mldsa87'];

/** The signature algorithm of an identity unless another is asked for: the default suite's. */
export const DEFAULT_SIG = 'Dilithium5' as const satisfies SigName;

/** What the seed profile is made of. */
export const SEED_SUITE = { kem: 'Kyber1024', sig: 'Dilithium5', row: undefined, hybrid: false } as const;

/** @throws PQ_ERR_UNKNOWN_ALGORITHM */
export function kemAlgorithm(name: KemName): KemAlgorithm {
  return findAlgorithm(KEM_ALGORITHMS, name);
}

/** @throws PQ_ERR_UNKNOWN_ALGORITHM */
export function sigAlgorithm(name: SigName): SigAlgorithm {
  return findAlgorithm(SIG_ALGORITHMS, name);
}

/** The signature algorithm with this number on the wire, if we have it. */
export function sigByNumber(sigalg: number): SigName | undefined {
  return (Object.keys(SIG_ALGORITHMS) as SigName[]).find((name) => SIG_ALGORITHMS[name].sigalg === sigalg);
}

/** The suite with this number on the wire, if we have it. */
export function suiteNameOf(number: number): SuiteName | undefined {
  return (Object.keys(SUITES) as SuiteName[]).find((name) => SUITES[name].number === number);
}

function findAlgorithm<T>(table: Record<string, T>, name: string): T {
  const algorithm = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
  if (algorithm !== undefined) return algorithm;
  const known = Object.keys(table).join(', ');
  throw pqError('PQ_ERR_UNKNOWN_ALGORITHM', `${quoted(name)} is no algorithm: there are ${known}`);
}
