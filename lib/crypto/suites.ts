/** The algorithms as data: the only file of `lib/` that names one. A new algorithm is a row. */
import { pqError } from '../errors.js';

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
  },
} as const satisfies Record<string, SigAlgorithm>;

export type KemName = keyof typeof KEM_ALGORITHMS;
export type SigName = keyof typeof SIG_ALGORITHMS;

/** What the seed profile is made of. */
export const SEED_SUITE = { kem: 'Kyber1024', sig: 'Dilithium5' } as const satisfies { kem: KemName; sig: SigName };

/** @throws PQ_ERR_UNKNOWN_ALGORITHM */
export function kemAlgorithm(name: KemName): KemAlgorithm {
  return findAlgorithm(KEM_ALGORITHMS, name);
}

/** @throws PQ_ERR_UNKNOWN_ALGORITHM */
export function sigAlgorithm(name: SigName): SigAlgorithm {
  return findAlgorithm(SIG_ALGORITHMS, name);
}

function findAlgorithm<T>(table: Record<string, T>, name: string): T {
  const algorithm = Object.hasOwn(table, name) ? table[name] : undefined;
  if (algorithm !== undefined) return algorithm;
  const known = Object.keys(table).join(', ');
  throw pqError('PQ_ERR_UNKNOWN_ALGORITHM', `no algorithm ${JSON.stringify(String(name))}: there are ${known}`);
}
