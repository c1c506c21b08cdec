// @ts-check
/**
 * Makes liboqs.manifest from a whole liboqs tree: `node deps/make-manifest.mjs <tree>`. It first
 * proves, by git's tree hashes, that the tree is the pin's; a tree that isn't makes no manifest.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobHash, treeHash } from './git-hash.mjs';
import { isMain, runMain } from './run-main.mjs';
import { SourceError } from './source-error.mjs';

/**
 * @param {string} tree a whole liboqs tree
 * @returns {string} the manifest's text, sorted by path
 */
export function makeManifest(tree) {
  provePin(tree);
  return filesBelow(tree, '')
    .filter((path) => NEEDED.some((rule) => rule.test(path)) && !UNUSED.some((r) => r.test(path)))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((path) => `${blobHash(readFileSync(join(tree, path)))}  ${path}\n`)
    .join('');
}

/** @param {string} tree */
function provePin(tree) {
  const pin = JSON.parse(readFileSync(join(import.meta.dirname, 'liboqs.json'), 'utf8'));
  /** @type {(kind: string, path: string, expected: string, actual: string) => void} */
  const same = (kind, path, expected, actual) => {
    if (actual === expected) return;
    throw new SourceError(
      `${kind} ${path} is ${actual}, and ${expected} in liboqs ${pin.version}`,
      `give a whole, unchanged tree of ${pin.repository} at ${pin.commit}`,
    );
  };
  for (const [path, expected] of Object.entries(pin.trees)) {
    same('tree', path, expected, treeHash(join(tree, path)));
  }
  for (const [path, expected] of Object.entries(pin.blobs)) {
    same('file', path, expected, blobHash(readFileSync(join(tree, path))));
  }
}

/**
 * @param {string} root
 * @param {string} below
 * @returns {string[]}
 */
function filesBelow(root, below) {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below ? `${below}/${entry.name}` : entry.name;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

/**
 * What the build compiles, includes or configures with, on x86-64 and aarch64. An implementation's
 * folder is taken whole, so that its licence and its platform-dependent headers come with it.
 */
const NEEDED = [
  /^(CMakeLists|LICENSE)\.txt$/,
  /^\.CMake\/(alg_support\.cmake|compiler_opts\.cmake|cmake_uninstall\.cmake\.in)$/,
  /^src\/(CMakeLists\.txt|Config\.cmake\.in|liboqs\.pc\.in|oqs\.h|oqsconfig\.h\.cmake)$/,
  /^src\/common\//,
  /^src\/(kem\/kem|sig\/sig|sig_stfl\/sig_stfl)\.[ch]$/,
  /^src\/kem\/kyber\/(CMakeLists\.txt|kem_kyber\.h|kem_kyber_1024\.c)$/,
  /^src\/kem\/kyber\/(oldpqclean|pqcrystals-kyber)_kyber1024_(aarch64|avx2|ref)\//,
  /^src\/kem\/ml_kem\/(CMakeLists\.txt|kem_ml_kem\.h|kem_ml_kem_1024\.c)$/,
  /^src\/kem\/ml_kem\/mlkem-native_ml-kem-1024_(aarch64|ref|x86_64)\//,
  /^src\/sig\/dilithium\/(CMakeLists\.txt|sig_dilithium\.h|sig_dilithium_5\.c)$/,
  /^src\/sig\/dilithium\/(oldpqclean|pqcrystals-dilithium)_dilithium5_(aarch64|avx2|ref)\//,
  /^src\/sig\/ml_dsa\/(CMakeLists\.txt|sig_ml_dsa\.h|sig_ml_dsa_87\.c)$/,
  /^src\/sig\/ml_dsa\/pqcrystals-dilithium-standard_ml-dsa-87_(avx2|ref)\//,
];

/** OpenSSL's versions of the hashes and ciphers, libjade, and notes for readers: never built here. */
const UNUSED = [/\/\w*ossl\w*\.[ch]$/, /^src\/common\/libjade_shims\//, /\/README\.md$/];

if (isMain(import.meta.url)) {
  await runMain('node deps/make-manifest.mjs <liboqs tree>', (tree) => {
    writeFileSync(join(import.meta.dirname, 'liboqs.manifest'), makeManifest(tree));
  });
}
