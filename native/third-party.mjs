// @ts-check
/**
 * What is in the package and is not ours, but for the packages that npm installs beside it: liboqs and the parts that it
 * is made of, the headers, and what zig puts into the prebuilt addons. native/package-parts.mjs makes the licences and
 * the SBOM of it.
 */

/**
 * @typedef {{
 *   name: string,
 *   version?: string,
 *   what: string,
 *   licence: string,
 *   from: string,
 *   in: string[],
 *   texts: string[],
 *   partOf?: string,
 * }} Component
 *   licence: an SPDX expression, or a name that SPDX has none for; from: where it comes from; in: paths in the package
 *   that begin with one of these, the longest of all components counts; texts: files with its terms (`#` is the
 *   comment that one begins with), below deps/liboqs-src, node_modules, or native/licences, which has what comes with zig
 */

/** @type {readonly Component[]} */
export const THIRD_PARTY = [
  {
    name: 'liboqs',
    version: '0.13.0',
    what: 'the post-quantum algorithms; changed by the patches in deps/patches',
    licence: 'MIT',
    from: 'https://github.com/open-quantum-safe/liboqs',
    in: ['deps/liboqs-src/'],
    texts: ['liboqs/LICENSE.txt'],
  },
  {
    ...part('pqcrystals-kyber', 'Kyber1024: reference and AVX2 code', '(CC0-1.0 OR Apache-2.0)'),
    from: 'https://github.com/pq-crystals/kyber',
    in: ['kem/kyber/pqcrystals-kyber_'].map(inLiboqs),
    texts: ['liboqs/src/kem/kyber/pqcrystals-kyber_kyber1024_ref/LICENSE'],
  },
  {
    ...part('pqcrystals-dilithium', 'Dilithium5 and ML-DSA-87: reference and AVX2 code', '(CC0-1.0 OR Apache-2.0)'),
    from: 'https://github.com/pq-crystals/dilithium',
    in: ['sig/dilithium/pqcrystals-dilithium_', 'sig/ml_dsa/pqcrystals-dilithium-standard_'].map(inLiboqs),
    texts: ['liboqs/src/sig/ml_dsa/pqcrystals-dilithium-standard_ml-dsa-87_ref/LICENSE'],
  },
  {
    ...part('pqclean', 'Kyber1024 and Dilithium5 for ARM', '(CC0-1.0 OR MIT)'),
    from: 'https://github.com/PQClean/PQClean',
    in: ['kem/kyber/oldpqclean_', 'sig/dilithium/oldpqclean_'].map(inLiboqs),
    texts: [
      'liboqs/src/sig/dilithium/oldpqclean_dilithium5_aarch64/LICENSE',
      'liboqs/src/sig/dilithium/oldpqclean_dilithium5_aarch64/ntt.c#',
      'liboqs/src/sig/dilithium/oldpqclean_dilithium5_aarch64/feat.S#',
    ],
  },
  {
    ...part('mlkem-native', 'ML-KEM-1024', 'Apache-2.0 AND MIT'),
    from: 'https://github.com/pq-code-package/mlkem-native',
    in: ['kem/ml_kem/mlkem-native_'].map(inLiboqs),
    texts: [
      'liboqs/src/kem/ml_kem/mlkem-native_ml-kem-1024_ref/mlkem/LICENSE',
      'liboqs/src/kem/ml_kem/mlkem-native_ml-kem-1024_aarch64/mlkem/native/aarch64/src/ntt.S#',
      'licences/LLVM.txt', // begins with the Apache License 2.0
    ],
  },
  {
    ...part('xkcp', 'Keccak', 'CC0-1.0'),
    from: 'https://github.com/XKCP/XKCP',
    in: ['common/sha3/xkcp_low/'].map(inLiboqs),
    texts: ['liboqs/src/common/sha3/xkcp_low/KeccakP-1600/plain-64bits/KeccakP-1600-opt64.c#'],
  },
  {
    ...part('cryptogams-keccak', 'Keccak for AVX2', 'CRYPTOGAMS'),
    from: 'https://github.com/dot-asm/cryptogams',
    in: ['common/sha3/xkcp_low/KeccakP-1600/avx2/KeccakP-1600-AVX2.S'].map(inLiboqs),
    texts: ['liboqs/src/common/sha3/xkcp_low/KeccakP-1600/avx2/KeccakP-1600-AVX2.S#', 'licences/CRYPTOGAMS.txt'],
  },
  {
    ...part('brg_endian', 'the byte order', 'Brian Gladman, 1998-2008'),
    from: 'https://github.com/BrianGladman',
    in: ['KeccakP-1600/plain-64bits', 'KeccakP-1600times4/avx2'].map((folder) =>
      inLiboqs(`common/sha3/xkcp_low/${folder}/brg_endian.h`),
    ),
    texts: ['liboqs/src/common/sha3/xkcp_low/KeccakP-1600/plain-64bits/brg_endian.h#'],
  },
  {
    ...part('cpu-features', 'which instructions the processor has', 'Apache-2.0'),
    from: 'https://github.com/google/cpu_features',
    in: ['common/common.c', 'common/x86_64_helpers.h'].map(inLiboqs),
    texts: ['liboqs/src/common/x86_64_helpers.h#', 'licences/LLVM.txt'], // which begins with the Apache License 2.0
  },
  {
    ...part('bearssl-aes', 'AES', 'MIT'),
    from: 'https://bearssl.org',
    in: ['common/aes/aes_c.c'].map(inLiboqs),
    texts: ['liboqs/src/common/aes/aes_c.c#'],
  },
  {
    ...part('dolbeau-aes', 'AES by instructions of the processor', 'public domain'),
    from: 'http://dolbeau.name/dolbeau/crypto/crypto.html',
    in: ['128_ni', '256_ni', '128_armv8', '256_armv8'].map((file) => inLiboqs(`common/aes/aes${file}.c`)),
    texts: ['liboqs/src/common/aes/aes128_ni.c#'],
  },
  {
    ...part('supercop-sha2', 'SHA-256 and SHA-512, after D. J. Bernstein', 'public domain'),
    from: 'https://bench.cr.yp.to/supercop.html',
    in: ['common/sha2/sha2_c.c', 'common/sha2/sha2_armv8.c'].map(inLiboqs),
    texts: ['liboqs/src/common/sha2/sha2_c.c#'],
  },
  {
    ...part('nist-rng', 'the generator of test vectors; in the source, not in the addon', 'NIST-Software'),
    from: 'https://csrc.nist.gov/projects/post-quantum-cryptography',
    in: ['common/rand/rand_nist.c'].map(inLiboqs),
    texts: ['liboqs/src/common/rand/rand_nist.c#'],
  },
  {
    name: 'node-addon-api',
    what: "Node-API's classes for C++",
    licence: 'MIT',
    from: 'https://github.com/nodejs/node-addon-api',
    in: ['native/include/napi'],
    texts: ['npm/node-addon-api/LICENSE.md'],
  },
  {
    name: 'node-api-headers',
    what: 'Node-API',
    licence: 'MIT',
    from: 'https://github.com/nodejs/node-api-headers',
    in: ['native/include/js_native_api', 'native/include/node_api'],
    texts: ['npm/node-api-headers/LICENSE'],
  },
  {
    name: 'llvm-runtimes',
    what: 'libc++, libc++abi and libunwind, as zig links them into the prebuilt addons',
    licence: 'Apache-2.0 WITH LLVM-exception',
    from: 'https://github.com/llvm/llvm-project',
    in: ['prebuilds/'],
    texts: ['licences/LLVM.txt'],
  },
  {
    name: 'compiler-rt-of-zig',
    what: "zig's compiler-rt, in the prebuilt addons",
    licence: 'MIT',
    from: 'https://ziglang.org',
    in: ['prebuilds/'],
    texts: ['licences/zig.txt'],
  },
  {
    name: 'mingw-w64-runtime',
    what: 'the C runtime of the prebuilt addon for Windows',
    licence: 'ZPL-2.1',
    from: 'https://www.mingw-w64.org',
    in: ['prebuilds/win32-x64/'],
    texts: ['licences/mingw-w64.txt'],
  },
];

/**
 * @param {string} name
 * @param {string} what
 * @param {string} licence
 */
function part(name, what, licence) {
  return { name, what, licence, partOf: 'liboqs' };
}

/** @param {string} path */
function inLiboqs(path) {
  return `deps/liboqs-src/src/${path}`;
}
