/** Which liboqs the addon is made of: deps/liboqs.json and deps/patches/ by their names, which no package has. */
export const LIBOQS = {
  version: '0.13.0',
  patches: [
    'dilithium5-avx2-use-hint',
    'dilithium5-avx2-z-bound',
    'ml-dsa-87-avx2-use-hint',
    'ml-dsa-87-avx2-z-bound',
    'prepared-dilithium5-aarch64',
    'prepared-dilithium5-avx2',
    'prepared-dilithium5-ref',
    'prepared-matrix',
    'prepared-ml-dsa-87-avx2',
    'prepared-ml-dsa-87-ref',
    'public-key-dilithium5',
    'public-key-ml-dsa-87',
    'random-seed',
    'sha3-state-kept',
    'sha3-state-zeroed',
  ],
} as const;
