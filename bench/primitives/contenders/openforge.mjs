// @ts-check
/** liboqs compiled to WASM; it wants Node 22 or later. */
import { loadRival, versionOf } from '../../rivals/load.mjs';
import { freshMessage } from '../material.mjs';

/**
 * @typedef {import('./rival.mjs').Rival} Rival
 * @typedef {import('./rival.mjs').PlainKem} PlainKem
 * @typedef {import('./rival.mjs').PlainSig} PlainSig
 */

const NAME = '@openforge-sh/liboqs';

/** @returns {Promise<Rival>} */
export async function openforge() {
  const { createKyber1024, createMLKEM1024, createMLDSA87 } = await loadRival(NAME);
  const [kyber, mlkem, mldsa] = [await createKyber1024(), await createMLKEM1024(), await createMLDSA87()];
  return {
    name: 'openforge-liboqs',
    title: `${NAME} ${versionOf(NAME)}`,
    how: 'WASM',
    algorithms: {
      Kyber1024: (material) => kemCalls(kyber, material),
      'ML-KEM-1024': (material) => kemCalls(mlkem, material),
      'ML-DSA-87': (/** @type {PlainSig} */ { message, signature, publicKey, secretKey }) => ({
        keypair: () => mldsa.generateKeyPair(),
        sign: (text = freshMessage()) => mldsa.sign(text, secretKey),
        verify: () => mldsa.verify(message, signature, publicKey),
      }),
    },
  };
}

/**
 * @param {any} kem
 * @param {PlainKem} material
 */
function kemCalls(kem, { publicKey, secretKey, ciphertext }) {
  return {
    keypair: () => kem.generateKeyPair(),
    encapsulate: () => kem.encapsulate(publicKey),
    decapsulate: () => kem.decapsulate(ciphertext, secretKey),
  };
}
