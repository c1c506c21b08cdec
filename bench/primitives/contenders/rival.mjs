// @ts-check
/** What another implementation has to offer, and the proof that it does the same work as the addon. */
import { Kem, Secret, Sig } from 'pqsock/oqs';

/**
 * @typedef {import('../material.mjs').PlainMaterial} PlainMaterial
 * @typedef {import('../material.mjs').PlainKem} PlainKem
 * @typedef {import('../material.mjs').PlainSig} PlainSig
 * @typedef {ArrayLike<number>} Bytes
 */

/**
 * @typedef {object} KemCalls
 * @property {() => unknown} keypair
 * @property {() => { ciphertext: Bytes, sharedSecret: Bytes }} encapsulate
 * @property {() => Bytes} decapsulate
 */

/** @typedef {{ keypair: () => unknown, sign: (message?: Uint8Array) => Bytes, verify: () => boolean }} SigCalls */

/**
 * @typedef {object} Rival
 * @property {string} name in figures; stays the same from version to version
 * @property {string} title with its version
 * @property {'pure JS' | 'WASM' | 'native'} how
 * @property {Record<string, (material: any) => KemCalls | SigCalls>} algorithms what it does, by the addon's names
 * @property {string} [apart] why it cannot work on the addon's keys; it is not comparable in full then
 * @property {number} [every] takes part in each n-th round only
 */

/**
 * @param {Rival} rival
 * @param {PlainMaterial} material of an algorithm that it has
 * @returns {Record<string, () => unknown>} its calls, by the names of the operations
 * @throws {Error} if it and the addon do not understand each other
 */
export function callsOf(rival, material) {
  const calls = rival.algorithms[material.algorithm]?.(material);
  if (calls === undefined) throw new Error(`${rival.title} has no ${material.algorithm}`);
  const agrees = 'sign' in calls ? agreesOnSignatures(calls, material, rival) : agreesOnSecrets(calls, material);
  if (!agrees) throw new Error(`${rival.title} and the addon do not understand each other`);
  return 'sign' in calls ? { ...calls, sign: () => calls.sign() } : { ...calls };
}

/**
 * @param {KemCalls} calls
 * @param {PlainMaterial} material
 */
function agreesOnSecrets(calls, material) {
  if (material.kind !== 'kem') return false;
  const { algorithm, secretKey, sharedSecret } = material;
  const made = calls.encapsulate();
  const decapsulated = new Kem(algorithm).decapsulateSync(secretKey, Uint8Array.from(made.ciphertext));
  return isSecret(decapsulated, made.sharedSecret) && isSecret(Secret.from(sharedSecret), calls.decapsulate());
}

/**
 * @param {SigCalls} calls
 * @param {PlainMaterial} material
 * @param {Rival} rival
 */
function agreesOnSignatures(calls, material, { apart }) {
  if (material.kind !== 'sig' || !calls.verify()) return false;
  const { algorithm, message, publicKey } = material;
  return apart !== undefined || new Sig(algorithm).verifySync(message, Uint8Array.from(calls.sign(message)), publicKey);
}

/**
 * @param {Secret} secret
 * @param {Bytes} bytes
 */
function isSecret(secret, bytes) {
  return secret.equals(Secret.from(Uint8Array.from(bytes)));
}
