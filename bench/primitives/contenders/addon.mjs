// @ts-check
/** The addon, through `pqsock/oqs`: inline, one at a time off the event loop, and many at once. */
import { freshMessage } from '../material.mjs';
import { awaited, inline } from './timing.mjs';

/**
 * @typedef {import('../material.mjs').Material} Material
 * @typedef {import('../rounds.mjs').Task} Task
 */

export const IN_FLIGHT = 32;
export const PREPARED = 'prepared';

/**
 * @param {Material} material
 * @returns {Record<string, Pick<Task, 'contender' | 'run'>[]>} by operation
 */
export function addonTasks(material) {
  return material.kind === 'kem' ? kemTasks(material) : sigTasks(material);
}

/** @param {import('../material.mjs').KemMaterial} material */
function kemTasks({ kem, publicKey, secretKey, ciphertext }) {
  return {
    keypair: both(
      () => kem.keypairSync(),
      () => kem.keypair(),
    ),
    encapsulate: both(
      () => kem.encapsulateSync(publicKey),
      () => kem.encapsulate(publicKey),
    ),
    decapsulate: both(
      () => kem.decapsulateSync(secretKey, ciphertext),
      () => kem.decapsulate(secretKey, ciphertext),
    ),
  };
}

/** @param {import('../material.mjs').SigMaterial} material */
function sigTasks(material) {
  const { sig, publicKey, secretKey, message, signature } = material;
  return {
    keypair: both(
      () => sig.keypairSync(),
      () => sig.keypair(),
    ),
    sign: [
      ...both(
        () => sig.signSync(freshMessage(), secretKey),
        () => sig.sign(freshMessage(), secretKey),
      ),
      prepared(material, () => sig.signSync(freshMessage(), secretKey)),
    ],
    verify: [
      ...both(
        () => sig.verifySync(message, signature, publicKey),
        () => sig.verify(message, signature, publicKey),
      ),
      prepared(material, () => sig.verifySync(message, signature, publicKey)),
    ],
  };
}

/**
 * The same with a key that is prepared: before the slice, so that the others have none.
 *
 * @param {import('../material.mjs').SigMaterial} material
 * @param {() => unknown} call
 */
function prepared({ sig, publicKey }, call) {
  const timed = inline(call);
  const run = (/** @type {number} */ calls) => {
    const key = sig.prepare(publicKey);
    try {
      return timed(calls);
    } finally {
      key.dispose();
    }
  };
  return { contender: PREPARED, run };
}

/**
 * @param {() => unknown} sync
 * @param {() => Promise<unknown>} async
 */
function both(sync, async) {
  return [
    { contender: 'sync', run: inline(sync) },
    { contender: 'async', run: awaited(async, { width: 1 }) },
    { contender: 'inFlight', run: awaited(async, { width: IN_FLIGHT }) },
  ];
}
