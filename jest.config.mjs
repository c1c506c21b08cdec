// @ts-check
/** Jest in CommonJS mode: swc turns TypeScript and ES modules into it; `./x.js` in an import is `./x.ts`. */

/** @type {import('jest').Config} */
const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/', '<rootDir>/deps/liboqs'],
};

/** The tests of the algorithms that have signatures in them. */
const SIGNATURES = ['acvp', 'kat', 'primitives', 'verification-defects', 'wycheproof-ml-dsa'].map(
  (name) => `<rootDir>/test/oqs/${name}.test.ts`,
);

/** @type {import('jest').Config} */
export default {
  testTimeout: 30_000,
  projects: [
    { ...shared, displayName: 'pqsock', testMatch: ['<rootDir>/test/**/*.test.ts'] },
    // The same tests of the algorithms with the CPU's features hidden from liboqs: its reference code.
    {
      ...shared,
      displayName: 'reference',
      testMatch: ['<rootDir>/test/oqs/**/*.test.ts'],
      setupFiles: ['<rootDir>/test/support/use-reference-code.ts'],
    },
    // Once more with both codes, and all signature keys prepared.
    {
      ...shared,
      displayName: 'prepared',
      testMatch: SIGNATURES,
      setupFilesAfterEnv: ['<rootDir>/test/support/use-prepared-keys.ts'],
    },
    {
      ...shared,
      displayName: 'prepared-reference',
      testMatch: SIGNATURES,
      setupFiles: ['<rootDir>/test/support/use-reference-code.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/support/use-prepared-keys.ts'],
    },
  ],
};
