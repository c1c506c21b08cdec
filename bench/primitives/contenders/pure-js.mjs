// @ts-check
/**
 * The implementations in pure JavaScript: @noble/post-quantum 0.7.1 for the standards, its 0.1.0 and crystals-kyber for
 * what came before them. Each must get along with the addon before it is compared with it.
 */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { dilithium_v31 } from 'noble-post-quantum-draft/ml-dsa';
import { kyber1024 } from 'noble-post-quantum-draft/ml-kem';
import { Secret } from 'pqsock/oqs';
import { freshMessage } from '../material.mjs';

const crystals = createRequire(import.meta.url)('crystals-kyber');

/**
 * @typedef {import('../material.mjs').Material} Material
 * @typedef {import('../material.mjs').KemMaterial} KemMaterial
 * @typedef {import('../material.mjs').SigMaterial} SigMaterial
 */

/**
 * @typedef {object} KemCalls
 * @property {() => unknown} keypair
 * @property {() => { ciphertext: ArrayLike<number>, sharedSecret: ArrayLike<number> }} encapsulate
 * @property {() => ArrayLike<number>} decapsulate
 */

/** @typedef {{ keypair: () => unknown, sign: (message?: Uint8Array) => Uint8Array, verify: () => boolean }} SigCalls */

/**
 * @param {Material} material
 * @returns {{ name: string, calls: Record<string, () => unknown> }[]}
 * @throws {Error} if one of them does not get along with the addon
 */
export function pureJs(material) {
  const found = material.kind === 'kem' ? kems(material) : sigs(material);
  return found.map(({ name, calls }) => ({ name, calls: { ...calls } }));
}

/** @param {KemMaterial} material */
function kems(material) {
  const implementations = material.algorithm === 'Kyber1024' ? [draftKyber, crystalsKyber] : [nobleMlKem];
  return implementations.map((implementation) => {
    const { name, calls } = implementation(material);
    const { ciphertext, sharedSecret } = calls.encapsulate();
    const decapsulated = material.kem.decapsulateSync(material.secretKey, Uint8Array.from(ciphertext));
    prove(name, isSecret(decapsulated, sharedSecret) && isSecret(material.sharedSecret, calls.decapsulate()));
    return { name, calls };
  });
}

/** @param {SigMaterial} material */
function sigs(material) {
  const { name, calls } = (material.algorithm === 'Dilithium5' ? draftDilithium : nobleMlDsa)(material);
  const { sig, message, publicKey } = material;
  prove(name, calls.verify() && sig.verifySync(message, calls.sign(message), publicKey));
  return [{ name, calls: { ...calls, sign: () => calls.sign() } }];
}

/**
 * @param {KemMaterial} material
 * @returns {{ name: string, calls: KemCalls }}
 */
function draftKyber(material) {
  const { publicKey, secretKey, ciphertext } = plain(material);
  return {
    name: 'noble 0.1.0',
    calls: {
      keypair: () => kyber1024.keygen(),
      encapsulate: () => {
        const made = kyber1024.encapsulate(publicKey);
        return { ciphertext: made.cipherText, sharedSecret: made.sharedSecret };
      },
      decapsulate: () => kyber1024.decapsulate(ciphertext, secretKey),
    },
  };
}

/**
 * @param {KemMaterial} material
 * @returns {{ name: string, calls: KemCalls }}
 */
function nobleMlKem(material) {
  const { publicKey, secretKey, ciphertext } = plain(material);
  return {
    name: 'noble 0.7.1',
    calls: {
      keypair: () => ml_kem1024.keygen(),
      encapsulate: () => {
        const made = ml_kem1024.encapsulate(publicKey);
        return { ciphertext: made.cipherText, sharedSecret: made.sharedSecret };
      },
      decapsulate: () => ml_kem1024.decapsulate(ciphertext, secretKey),
    },
  };
}

/**
 * Kyber of round 3; it works on arrays of numbers.
 *
 * @param {KemMaterial} material
 * @returns {{ name: string, calls: KemCalls }}
 */
function crystalsKyber(material) {
  const { publicKey, secretKey, ciphertext } = plain(material);
  const arrays = [publicKey, secretKey, ciphertext].map((bytes) => [...bytes]);
  return {
    name: 'crystals-kyber 5.1.0',
    calls: {
      keypair: () => crystals.KeyGen1024(),
      encapsulate: () => {
        const [made, sharedSecret] = crystals.Encrypt1024(arrays[0]);
        return { ciphertext: made, sharedSecret };
      },
      decapsulate: () => crystals.Decrypt1024(arrays[2], arrays[1]),
    },
  };
}

/**
 * Signs with fresh randomness, as the others do.
 *
 * @param {SigMaterial} material
 * @returns {{ name: string, calls: SigCalls }}
 */
function draftDilithium({ message, signature, ...keys }) {
  const { dilithium5 } = dilithium_v31;
  const publicKey = Uint8Array.from(keys.publicKey);
  const secretKey = Uint8Array.from(keys.secretKey.export());
  return {
    name: 'noble 0.1.0',
    calls: {
      keypair: () => dilithium5.keygen(randomBytes(32)),
      sign: (text = freshMessage()) => dilithium5.sign(secretKey, text, randomBytes(dilithium5.signRandBytes)),
      verify: () => dilithium5.verify(publicKey, message, signature),
    },
  };
}

/**
 * @param {SigMaterial} material
 * @returns {{ name: string, calls: SigCalls }}
 */
function nobleMlDsa({ message, signature, ...keys }) {
  const publicKey = Uint8Array.from(keys.publicKey);
  const secretKey = Uint8Array.from(keys.secretKey.export());
  return {
    name: 'noble 0.7.1',
    calls: {
      keypair: () => ml_dsa87.keygen(),
      sign: (text = freshMessage()) => ml_dsa87.sign(text, secretKey),
      verify: () => ml_dsa87.verify(signature, message, publicKey),
    },
  };
}

/**
 * Arrays that are no Buffers and share no memory: what these implementations make themselves.
 *
 * @param {KemMaterial} material
 */
function plain({ publicKey, secretKey, ciphertext }) {
  return {
    publicKey: Uint8Array.from(publicKey),
    secretKey: Uint8Array.from(secretKey.export()),
    ciphertext: Uint8Array.from(ciphertext),
  };
}

/**
 * @param {Secret} secret
 * @param {ArrayLike<number>} bytes
 */
function isSecret(secret, bytes) {
  return secret.equals(Secret.from(Uint8Array.from(bytes)));
}

/**
 * @param {string} name
 * @param {boolean} agrees
 */
function prove(name, agrees) {
  if (!agrees) throw new Error(`${name} and the addon do not understand each other: there is nothing to compare`);
}
