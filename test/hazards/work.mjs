// @ts-check
/** Work for the pool, in the amounts that the scripts of this folder need. */
import { Kem, Sig } from 'pqsock/oqs';

const kems = Kem.algorithms.map((name) => new Kem(name));
const sigs = Sig.algorithms.map((name) => new Sig(name));

/** Starts one operation of each kind and algorithm. Whoever doesn't wait for them gets them over with an exit. */
export function startEachOperation() {
  const message = Buffer.from('a message');
  return [...kems.map(exchange), ...sigs.map((sig) => signAndVerify(sig, message))];
}

/** Starts as many signatures over long messages as keep every thread of the pool in mid-operation for a while. */
export function startLongOperations() {
  const message = Buffer.alloc(32 * 1024 * 1024);
  return Array.from({ length: 4 }, () => signAndVerify(/** @type {Sig} */ (sigs[0]), message));
}

/** @param {Kem} kem */
async function exchange(kem) {
  const { publicKey, secretKey } = await kem.keypair();
  const { ciphertext, sharedSecret } = await kem.encapsulate(publicKey);
  const decapsulated = await kem.decapsulate(secretKey, ciphertext);
  if (!decapsulated.equals(sharedSecret)) throw new Error(`${kem.algorithm}: the secrets differ`);
}

/**
 * @param {Sig} sig
 * @param {Uint8Array} message
 */
async function signAndVerify(sig, message) {
  const { publicKey, secretKey } = sig.keypairSync();
  const signature = await sig.sign(message, secretKey);
  if (!(await sig.verify(message, signature, publicKey))) throw new Error(`${sig.algorithm}: not verified`);
}
