// @ts-check
/** node:crypto, which has both standards from OpenSSL 3.5 on. */
import * as crypto from 'node:crypto';
import { freshMessage } from '../material.mjs';

/**
 * @typedef {import('./rival.mjs').Rival} Rival
 * @typedef {import('./rival.mjs').PlainKem} PlainKem
 * @typedef {import('./rival.mjs').PlainSig} PlainSig
 */

/** Newer than the types of Node 20. @type {any} */
const { createPublicKey, createPrivateKey, decapsulate, encapsulate, generateKeyPairSync, sign, verify } = crypto;

/** @returns {Promise<Rival>} */
export async function nodeCrypto() {
  const { node, openssl } = process.versions;
  return {
    name: 'node-crypto',
    title: `node:crypto of Node ${node} (OpenSSL ${openssl})`,
    how: 'native',
    algorithms: { 'ML-KEM-1024': kemCalls, 'ML-DSA-87': sigCalls },
  };
}

/** @param {PlainKem} material */
function kemCalls({ ciphertext, ...keys }) {
  const [publicKey, secretKey] = importKeys('ml-kem-1024', keys);
  return {
    keypair: () => generateKeyPairSync('ml-kem-1024'),
    encapsulate: () => {
      const made = encapsulate(publicKey);
      return { ciphertext: made.ciphertext, sharedSecret: made.sharedKey };
    },
    decapsulate: () => decapsulate(secretKey, ciphertext),
  };
}

/** @param {PlainSig} material */
function sigCalls({ message, signature, ...keys }) {
  const [publicKey, secretKey] = importKeys('ml-dsa-87', keys);
  return {
    keypair: () => generateKeyPairSync('ml-dsa-87'),
    sign: (/** @type {Uint8Array} */ text = freshMessage()) => sign(null, text, secretKey),
    verify: () => verify(null, message, publicKey, signature),
  };
}

/** What comes before the bytes of a key in SPKI, and before an expanded secret one in PKCS #8: RFC 9935, RFC 9881. */
const PREFIXES = {
  'ml-kem-1024': {
    spki: '30820632300b06096086480165030404030382062100',
    pkcs8: '30820c78020100300b060960864801650304040304820c6404820c60',
  },
  'ml-dsa-87': {
    spki: '30820a32300b060960864801650304031303820a2100',
    pkcs8: '30821338020100300b06096086480165030403130482132404821320',
  },
};

/**
 * Once, and not in what is timed.
 *
 * @param {keyof typeof PREFIXES} type
 * @param {{ publicKey: Uint8Array, secretKey: Uint8Array }} keys
 */
function importKeys(type, { publicKey, secretKey }) {
  const { spki, pkcs8 } = PREFIXES[type];
  const encode = (/** @type {string} */ prefix, /** @type {Uint8Array} */ bytes) =>
    Buffer.concat([Buffer.from(prefix, 'hex'), bytes]);
  return [
    createPublicKey({ key: encode(spki, publicKey), format: 'der', type: 'spki' }),
    createPrivateKey({ key: encode(pkcs8, secretKey), format: 'der', type: 'pkcs8' }),
  ];
}
