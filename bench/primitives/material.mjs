// @ts-check
/** The keys, ciphertexts and signatures that all contenders work on: the same for each. */
import { randomBytes } from 'node:crypto';
import { Kem, Secret, Sig } from 'pqsock/oqs';

/**
 * @typedef {import('pqsock/oqs').KemName} KemName
 * @typedef {import('pqsock/oqs').SigName} SigName
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

/**
 * The same as bytes, in arrays that are no Buffers and share no memory: for other implementations and processes.
 *
 * @typedef {object} PlainKem
 * @property {'kem'} kind
 * @property {KemName} algorithm
 * @property {Uint8Array} publicKey
 * @property {Uint8Array} secretKey
 * @property {Uint8Array} ciphertext
 * @property {Uint8Array} sharedSecret
 */

/**
 * @typedef {object} PlainSig
 * @property {'sig'} kind
 * @property {SigName} algorithm
 * @property {Uint8Array} publicKey
 * @property {Uint8Array} secretKey
 * @property {Uint8Array} message
 * @property {Uint8Array} signature
 */

/** @typedef {PlainKem | PlainSig} PlainMaterial */

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

/**
 * @param {Material} material
 * @returns {PlainMaterial}
 */
export function toPlain(material) {
  const { publicKey, secretKey } = material;
  const keys = { publicKey: Uint8Array.from(publicKey), secretKey: Uint8Array.from(secretKey.export()) };
  if (material.kind === 'kem') {
    const { kind, algorithm, ciphertext, sharedSecret } = material;
    const made = { ciphertext: Uint8Array.from(ciphertext), sharedSecret: Uint8Array.from(sharedSecret.export()) };
    return { kind, algorithm, ...keys, ...made };
  }
  const { kind, algorithm, message, signature } = material;
  return { kind, algorithm, ...keys, message: Uint8Array.from(message), signature: Uint8Array.from(signature) };
}

/**
 * The other way round.
 *
 * @param {PlainMaterial} plain
 * @returns {Material}
 */
export function fromPlain(plain) {
  const secretKey = Secret.from(plain.secretKey);
  return plain.kind === 'kem'
    ? { ...plain, kem: new Kem(plain.algorithm), secretKey, sharedSecret: Secret.from(plain.sharedSecret) }
    : { ...plain, sig: new Sig(plain.algorithm), secretKey };
}

const counted = new Uint8Array(32);
const counter = new Float64Array(counted.buffer, 0, 1);

/** A message that nobody has signed yet: how long a signature takes depends on the message. Valid until the next. */
export function freshMessage() {
  counter[0] = (counter[0] ?? 0) + 1;
  return counted;
}
