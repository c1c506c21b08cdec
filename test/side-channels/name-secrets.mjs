// @ts-check
/** Names the secrets of connections, from what the peer has computed and what liboqs took from the system's randomness. */
import { createCipheriv, createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { KEM_ALGORITHMS, SIG_ALGORITHMS } from '../../dist/crypto/suites.js';

/**
 * @typedef {import('./find-secrets.mjs').NamedSecret} NamedSecret
 * @typedef {{ key: string, data: string, digest: string }} Hmac hex
 * @typedef {{ hmac?: Hmac, cipherKey?: string }} Computed what the peer has computed, or encrypted under
 */

const LABEL = 'pqsock1 ';
const KEY_LENGTH = 32;
const HASH_LENGTH = 64;
/** What an HMAC's key is under while it is hashed, inside and outside (RFC 2104). */
const PADS = [0x36, 0x5c];
/** Where the packed vector s ends in a KEM's secret key, and where z begins: s, public key, its hash, z. */
const S_LENGTH = 1536;
const Z_OFFSET = 3136;

/**
 * The secrets of the key schedule, in the order in which they came to be. PROTOCOL.md, chapters 7 and 9. The seed
 * profile has none but its key.
 *
 * @param {readonly Computed[]} computed all of one connection, and of no other
 * @returns {NamedSecret[]}
 */
export function namedSchedule(computed) {
  /** @type {NamedSecret[]} */
  const named = [];
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @type {Set<string>} */
  const macKeys = new Set();
  /** @type {Set<string>} */
  const cipherKeys = new Set();
  /** @param {string} name @param {Uint8Array} bytes */
  const add = (name, bytes) => {
    counts.set(name, (counts.get(name) ?? -1) + 1);
    const numbered = `${name} ${counts.get(name)}`;
    named.push({ name: numbered, bytes });
    if (bytes.length < HASH_LENGTH) return;
    for (const pad of PADS) named.push({ name: `${numbered} as HMAC pads it`, bytes: bytes.map((byte) => byte ^ pad) });
  };
  /** @param {Buffer} key */
  const addKey = (key) => {
    if (cipherKeys.has(key.toString('hex'))) return;
    cipherKeys.add(key.toString('hex'));
    add('key', key);
    add('GHASH key', ghashKey(key));
  };
  for (const { hmac, cipherKey } of computed) {
    if (cipherKey !== undefined) addKey(Buffer.from(cipherKey, 'hex'));
    if (hmac === undefined) continue;
    const [key, data, digest] = [hmac.key, hmac.data, hmac.digest].map((hex) => Buffer.from(hex, 'hex'));
    if (key === undefined || data === undefined || digest === undefined) continue;
    const label = labelOf(data);
    if (label === 'derived' || isZero(key) || macKeys.has(hmac.key)) continue; // a constant, and MACs, which are sent
    if (label?.endsWith('finished')) macKeys.add(hmac.digest);
    if (label === undefined) {
      add('ss', data);
      add('extracted', digest);
    } else if (label === 'key iv') {
      addKey(digest.subarray(0, KEY_LENGTH));
      add('iv', digest.subarray(KEY_LENGTH, data.readUInt16BE(0)));
    } else add(label, digest);
  }
  return named;
}

/**
 * What only the process that is dumped had: the randomness of liboqs's operations, and the KEM's secret keys.
 *
 * @param {readonly Buffer[]} random in the order in which it was taken
 * @param {keyof typeof KEM_ALGORITHMS} kem
 * @returns {{ secrets: NamedSecret[], kemPublicKeys: Buffer[] }}
 */
export function namedOwn(random, kem) {
  const secrets = random.flatMap((bytes, i) => [
    { name: `randomness ${i}`, bytes },
    { name: `SHA3-256 of randomness ${i}`, bytes: createHash('sha3-256').update(bytes).digest() }, // m, in round 3
  ]);
  /** @type {Buffer[]} */
  const kemPublicKeys = [];
  random.forEach((bytes, i) => {
    const seed = Buffer.concat([bytes, ...(kem === 'Kyber1024' ? random.slice(i + 1, i + 2) : [])]);
    if (seed.length !== 64) return;
    const { publicKey, secretKey } = keyPair('kemKeypair', KEM_ALGORITHMS[kem], seed);
    kemPublicKeys.push(publicKey);
    secrets.push({ name: `kem_sk's s from randomness ${i}`, bytes: secretKey.subarray(0, S_LENGTH) });
    secrets.push({ name: `kem_sk's z from randomness ${i}`, bytes: secretKey.subarray(Z_OFFSET) });
  });
  return { secrets, kemPublicKeys };
}

/**
 * The key pair of an identity, from its seed.
 *
 * @param {Buffer} seed
 * @param {keyof typeof SIG_ALGORITHMS} sig
 */
export function identityFrom(seed, sig) {
  return keyPair('sigKeypair', SIG_ALGORITHMS[sig], seed);
}

/**
 * @param {'kemKeypair' | 'sigKeypair'} operation
 * @param {{ number: number, publicKeyLength: number, secretKeyLength: number }} algorithm
 * @param {Buffer} random
 */
function keyPair(operation, { number, publicKeyLength, secretKeyLength }, random) {
  const addon = createRequire(import.meta.url)('../../build/test-addon/build/Release/pqsock-test.node');
  const [publicKey, secretKey] = [Buffer.alloc(publicKeyLength), Buffer.alloc(secretKeyLength)];
  addon.withRandomBytes(random, () => addon[operation](number, publicKey, secretKey));
  return { publicKey, secretKey };
}

/**
 * The label of HKDF-Expand's info, if it is one.
 *
 * @param {Buffer} data
 */
function labelOf(data) {
  const name = data.subarray(3, 3 + (data[2] ?? 0)).toString('latin1');
  return name.startsWith(LABEL) ? name.slice(LABEL.length) : undefined;
}

/** @param {Uint8Array} bytes */
function isZero(bytes) {
  return bytes.every((byte) => byte === 0);
}

/**
 * With which GCM's tags can be forged: the zero block, encrypted.
 *
 * @param {Uint8Array} key
 */
function ghashKey(key) {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(Buffer.alloc(16));
}
