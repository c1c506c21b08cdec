/** The suites by the algorithms that they are made of. */
import type { SigName, SuiteName } from '../index.js';

export interface SuiteAlgorithms {
  /** What its identities sign with. */
  readonly signature: SigName;
  readonly kem: string;
}

export const SUITE_ALGORITHMS: Readonly<Record<SuiteName, SuiteAlgorithms>> = {
  'kyber1024-dilithium5': { signature: 'Dilithium5', kem: 'Kyber1024' },
  'mlkem1024-mldsa87': { signature: 'ML-DSA-87', kem: 'ML-KEM-1024' },
  'x25519mlkem1024-mldsa87': { signature: 'ML-DSA-87', kem: 'ML-KEM-1024 with X25519' },
};

export const SUITE_NAMES = Object.keys(SUITE_ALGORITHMS) as readonly SuiteName[];
