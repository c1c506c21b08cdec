// @ts-check
/** Packages of one algorithm each. */
import { loadRival, versionOf } from '../../rivals/load.mjs';
import { freshMessage } from '../material.mjs';

/**
 * @typedef {import('./rival.mjs').Rival} Rival
 * @typedef {import('./rival.mjs').PlainKem} PlainKem
 */

/** Kyber of round 3, on arrays of numbers. @returns {Promise<Rival>} */
export async function crystalsKyber() {
  const { default: crystals } = await loadRival('crystals-kyber');
  return {
    ...identity('crystals-kyber', 'pure JS'),
    algorithms: {
      Kyber1024: (/** @type {PlainKem} */ material) => {
        const [publicKey, secretKey, ciphertext] = [material.publicKey, material.secretKey, material.ciphertext].map(
          (bytes) => [...bytes],
        );
        return {
          keypair: () => crystals.KeyGen1024(),
          encapsulate: () => {
            const [made, sharedSecret] = crystals.Encrypt1024(publicKey);
            return { ciphertext: made, sharedSecret };
          },
          decapsulate: () => crystals.Decrypt1024(ciphertext, secretKey),
        };
      },
    },
  };
}

/** @returns {Promise<Rival>} */
export async function mlkem() {
  const kem = await (await loadRival('mlkem')).createMlKem1024();
  return {
    ...identity('mlkem', 'pure JS'),
    algorithms: {
      'ML-KEM-1024': (/** @type {PlainKem} */ { publicKey, secretKey, ciphertext }) => ({
        keypair: () => kem.generateKeyPair(),
        encapsulate: () => {
          const [made, sharedSecret] = kem.encap(publicKey);
          return { ciphertext: made, sharedSecret };
        },
        decapsulate: () => kem.decap(ciphertext, secretKey),
      }),
    },
  };
}

// The strongest that it has: Dilithium of round 2 with public keys of 1,760 bytes. Dilithium5 has 2,592.
const STRONGEST = 3;

/** It has no Dilithium5, nor any of round 3, and is so slow that it has to come seldom. @returns {Promise<Rival>} */
export async function dilithiumCrystals() {
  const { default: made } = await loadRival('dilithium-crystals-js');
  const dilithium = await made;
  return {
    ...identity('dilithium-crystals-js', 'WASM'),
    apart: 'Dilithium of round 2 with keys of 1,760 bytes, which is weaker and less work',
    every: 12,
    algorithms: {
      Dilithium5: () => {
        const { publicKey, privateKey } = dilithium.generateKeys(STRONGEST);
        const message = Uint8Array.from(freshMessage());
        const { signature } = dilithium.sign(message, privateKey, STRONGEST);
        return {
          keypair: () => dilithium.generateKeys(STRONGEST),
          sign: (text = freshMessage()) => dilithium.sign(text, privateKey, STRONGEST).signature,
          verify: () => dilithium.verify(signature, message, publicKey, STRONGEST).result === 0,
        };
      },
    },
  };
}

/**
 * @template {Rival['how']} How
 * @param {string} name
 * @param {How} how
 */
function identity(name, how) {
  return { name, title: `${name} ${versionOf(name)}`, how };
}
