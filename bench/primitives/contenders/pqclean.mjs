// @ts-check
/** The reference code of PQClean as a native addon, inline. */
import { loadPqclean, versionOf } from '../../rivals/load.mjs';
import { freshMessage } from '../material.mjs';

/**
 * @typedef {import('./rival.mjs').Rival} Rival
 * @typedef {import('./rival.mjs').PlainKem} PlainKem
 * @typedef {import('./rival.mjs').PlainSig} PlainSig
 */

/** @returns {Promise<Rival>} */
export async function pqclean() {
  const { KEM, Sign } = loadPqclean();
  const [kem, sig] = [new KEM('ml-kem-1024'), new Sign('ml-dsa-87')];
  return {
    name: 'pqclean',
    title: `pqclean ${versionOf('pqclean')}`,
    how: 'native',
    algorithms: {
      'ML-KEM-1024': (/** @type {PlainKem} */ { publicKey, secretKey, ciphertext }) => ({
        keypair: () => kem.keypair(),
        encapsulate: () => {
          const { encryptedKey, key } = kem.generateKey(publicKey);
          return { ciphertext: encryptedKey, sharedSecret: key };
        },
        decapsulate: () => kem.decryptKey(secretKey, ciphertext),
      }),
      'ML-DSA-87': (/** @type {PlainSig} */ { message, signature, publicKey, secretKey }) => ({
        keypair: () => sig.keypair(),
        sign: (text = freshMessage()) => sig.sign(secretKey, text),
        verify: () => sig.verify(publicKey, message, signature),
      }),
    },
  };
}
