// @ts-check
/**
 * The algorithms of the three suites with given random bytes, for make.mjs: liboqs by the addon of the tests, X25519,
 * hashes and AES by node:crypto. Nothing here comes from lib/.
 */
import { createCipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Where the addon of the tests is built: `node native/build.mjs --test`. */
const ADDON = fileURLToPath(new URL('../../build/test-addon/build/Release/pqsock-test.node', import.meta.url));

/** Whether that was done. */
export const isBuilt = () => existsSync(ADDON);

/**
 * A suite of PROTOCOL.md chapter 2. `kem` and `sig` are the addon's numbers; `rnd` is how many random bytes a
 * signature takes.
 *
 * @typedef {object} Suite
 * @property {number} id
 * @property {string} name
 * @property {number} sigalg
 * @property {string} label in fingerprints
 * @property {number} kem
 * @property {number} sig
 * @property {number} skLength
 * @property {number} sigLength
 * @property {number} rnd
 * @property {boolean} hybrid
 */

const DILITHIUM = { sigalg: 1, label: 'dilithium5', sig: 2, skLength: 4864, sigLength: 4595, rnd: 64 };
const ML_DSA = { sigalg: 2, label: 'mldsa87', sig: 3, skLength: 4896, sigLength: 4627, rnd: 32 };

/** @type {readonly Suite[]} */
export const SUITES = [
  { id: 1, name: 'kyber1024-dilithium5', kem: 0, hybrid: false, ...DILITHIUM },
  { id: 2, name: 'mlkem1024-mldsa87', kem: 1, hybrid: false, ...ML_DSA },
  { id: 3, name: 'x25519mlkem1024-mldsa87', kem: 1, hybrid: true, ...ML_DSA },
];

const KEM_LENGTH = 1568; // of a public key and of a ciphertext
const KEM_SK_LENGTH = 3168;
const SIG_PK_LENGTH = 2592;
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** @param {Uint8Array[]} parts */
export const sha512 = (...parts) => createHash('sha512').update(Buffer.concat(parts)).digest();

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} bytes
 */
export const hmac = (key, bytes) => createHmac('sha512', key).update(bytes).digest();

/**
 * @param {Buffer} keyAndIv 44 bytes
 * @param {number} seq
 * @param {Buffer} aad
 * @param {Buffer} pt
 */
export function sealRecord(keyAndIv, seq, aad, pt) {
  const nonce = Buffer.from(keyAndIv.subarray(32));
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ BigInt(seq), 4);
  const cipher = createCipheriv('aes-256-gcm', keyAndIv.subarray(0, 32), nonce).setAAD(aad);
  return Buffer.concat([cipher.update(pt), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @param {Suite} suite
 * @param {Buffer} seed 32 bytes
 */
export function sigKeypair({ sig, skLength }, seed) {
  const [pk, sk] = [Buffer.alloc(SIG_PK_LENGTH), Buffer.alloc(skLength)];
  fixed(seed, (addon) => addon.sigKeypair(sig, pk, sk));
  return { pk, sk };
}

/**
 * @param {Suite} suite
 * @param {Buffer} sk
 * @param {Buffer} message
 * @param {Buffer} rnd
 */
export function sign({ sig, sigLength }, sk, message, rnd) {
  const signature = Buffer.alloc(sigLength);
  fixed(rnd, (addon) => addon.sigSign(sig, signature, sk, message, Buffer.alloc(0)));
  return signature;
}

/**
 * Both sides of a KEM: kem_pk, kem_ct and ss.
 *
 * @param {Suite} suite
 * @param {{ kem_seed: Buffer, kem_m: Buffer, x25519_sk_c?: Buffer | undefined, x25519_sk_s?: Buffer | undefined }} random
 */
export function keyExchange({ kem }, { kem_seed, kem_m, x25519_sk_c, x25519_sk_s }) {
  const [pk, sk] = [Buffer.alloc(KEM_LENGTH), Buffer.alloc(KEM_SK_LENGTH)];
  const [ct, ss, same] = [Buffer.alloc(KEM_LENGTH), Buffer.alloc(32), Buffer.alloc(32)];
  fixed(kem_seed, (addon) => addon.kemKeypair(kem, pk, sk));
  fixed(kem_m, (addon) => addon.kemEncapsulate(kem, ct, ss, pk));
  fixed(Buffer.alloc(0), (addon) => addon.kemDecapsulate(kem, same, sk, ct));
  if (!same.equals(ss)) throw new Error('the two sides of the KEM have different secrets');
  if (x25519_sk_c === undefined || x25519_sk_s === undefined) return { kem_pk: pk, kem_ct: ct, ss };
  const [client, server] = [curveKey(x25519_sk_c), curveKey(x25519_sk_s)];
  const agreed = diffieHellman({ privateKey: client.secret, publicKey: server.key });
  return {
    kem_pk: Buffer.concat([pk, client.share]),
    kem_ct: Buffer.concat([ct, server.share]),
    ss: Buffer.concat([ss, agreed]),
  };
}

/** @param {Buffer} scalar 32 bytes, as they are: X25519 itself clears and sets the bits that RFC 7748 says */
function curveKey(scalar) {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, scalar]), format: 'der', type: 'pkcs8' });
  const key = createPublicKey(/** @type {any} */ (secret));
  return { secret, key, share: key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length) };
}

/**
 * Runs one operation, which takes exactly these random bytes.
 *
 * @param {Buffer} random
 * @param {(addon: any) => number} operation
 */
function fixed(random, operation) {
  const addon = createRequire(import.meta.url)(ADDON);
  let status = -1;
  const left = addon.withRandomBytes(random, () => {
    status = operation(addon);
  });
  if (status !== 0 || left !== 0) throw new Error(`an operation ended with ${status}, and left ${left} random bytes`);
}
