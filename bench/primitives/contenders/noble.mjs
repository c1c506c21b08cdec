// @ts-check
/** @noble/post-quantum: 0.7.1 for the standards, and its first version, the last with what came before them. */
import { randomBytes } from 'node:crypto';
import { loadRival, versionOf } from '../../rivals/load.mjs';
import { freshMessage } from '../material.mjs';

/**
 * @typedef {import('./rival.mjs').Rival} Rival
 * @typedef {import('./rival.mjs').PlainKem} PlainKem
 * @typedef {import('./rival.mjs').PlainSig} PlainSig
 */

/** @returns {Promise<Rival>} */
export async function noble() {
  const { ml_kem1024 } = await loadRival('@noble/post-quantum', '/ml-kem.js');
  const { ml_dsa87 } = await loadRival('@noble/post-quantum', '/ml-dsa.js');
  const version = versionOf('@noble/post-quantum');
  return {
    name: `noble-${version}`,
    title: `noble ${version}`,
    how: 'pure JS',
    algorithms: {
      'ML-KEM-1024': (material) => kemCalls(ml_kem1024, material),
      'ML-DSA-87': (/** @type {PlainSig} */ { message, signature, publicKey, secretKey }) => ({
        keypair: () => ml_dsa87.keygen(),
        sign: (text = freshMessage()) => ml_dsa87.sign(text, secretKey),
        verify: () => ml_dsa87.verify(signature, message, publicKey),
      }),
    },
  };
}

/** @returns {Promise<Rival>} */
export async function nobleDraft() {
  const { kyber1024 } = await loadRival('noble-post-quantum-draft', '/ml-kem');
  const { dilithium_v31 } = await loadRival('noble-post-quantum-draft', '/ml-dsa');
  const { dilithium5 } = dilithium_v31;
  const version = versionOf('noble-post-quantum-draft');
  return {
    name: `noble-${version}`,
    title: `noble ${version}`,
    how: 'pure JS',
    algorithms: {
      Kyber1024: (material) => kemCalls(kyber1024, material),
      // With fresh randomness, as the others do.
      Dilithium5: (/** @type {PlainSig} */ { message, signature, publicKey, secretKey }) => ({
        keypair: () => dilithium5.keygen(randomBytes(32)),
        sign: (text = freshMessage()) => dilithium5.sign(secretKey, text, randomBytes(dilithium5.signRandBytes)),
        verify: () => dilithium5.verify(publicKey, message, signature),
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
    keypair: () => kem.keygen(),
    encapsulate: () => {
      const made = kem.encapsulate(publicKey);
      return { ciphertext: made.cipherText, sharedSecret: made.sharedSecret };
    },
    decapsulate: () => kem.decapsulate(ciphertext, secretKey),
  };
}
