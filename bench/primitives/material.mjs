// @ts-check
/** The keys, ciphertexts and signatures that all contenders work on: the same for each. */
import { randomBytes } from 'node:crypto';
import { Kem, Sig } from 'pqsock/oqs';

/**
 * @typedef {import('pqsock/oqs').KemName} KemName
 * @typedef {import('pqsock/oqs').SigName} SigName
 * @typedef {import('pqsock/oqs').Secret} Secret
 */

/**
 * @typedef {object} KemMaterial
 * @property {'kem'} kind
 * @property {KemName} algorithm
 * @property {Kem} kem
 * @property {Uint8Array} publicKey
 * @property {Secret} secretKey
 * @property {Uint8Array} ciphertext
 * @property {Secret} sharedSecret
 */

/**
 * @typedef {object} SigMaterial
 * @property {'sig'} kind
 * @property {SigName} algorithm
 * @property {Sig} sig
 * @property {Uint8Array} publicKey
 * @property {Secret} secretKey
 * @property {Uint8Array} message 32 bytes
 * @property {Uint8Array} signature over the message, and valid
 */

/** @typedef {KemMaterial | SigMaterial} Material */

/** The names of the operations, in the order of the tables. */
export const OPERATIONS = {
  kem: /** @type {const} */ (['keypair', 'encapsulate', 'decapsulate']),
  sig: /** @type {const} */ (['keypair', 'sign', 'verify']),
};

/** @returns {Material[]} one for each algorithm */
export function makeMaterials() {
  return [...Kem.algorithms.map(makeKemMaterial), ...Sig.algorithms.map(makeSigMaterial)];
}

/**
 * @param {KemName} algorithm
 * @returns {KemMaterial}
 */
function makeKemMaterial(algorithm) {
  const kem = new Kem(algorithm);
  const { publicKey, secretKey } = kem.keypairSync();
  const { ciphertext, sharedSecret } = kem.encapsulateSync(publicKey);
  return { kind: 'kem', algorithm, kem, publicKey, secretKey, ciphertext, sharedSecret };
}

/**
 * @param {SigName} algorithm
 * @returns {SigMaterial}
 */
function makeSigMaterial(algorithm) {
  const sig = new Sig(algorithm);
  const { publicKey, secretKey } = sig.keypairSync();
  const message = randomBytes(32);
  return { kind: 'sig', algorithm, sig, publicKey, secretKey, message, signature: sig.signSync(message, secretKey) };
}

const counted = new Uint8Array(32);
const counter = new Float64Array(counted.buffer, 0, 1);

/** A message that nobody has signed yet: how long a signature takes depends on the message. Valid until the next. */
export function freshMessage() {
  counter[0] = (counter[0] ?? 0) + 1;
  return counted;
}
