// @ts-check
/**
 * Loaded before endpoint.mjs in the peer of the process that is dumped: tells the parent every HMAC that is computed,
 * which is all of the key schedule, the keys that are encrypted under, and what came over the wire.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { SUITES } from '../../dist/crypto/suites.js';

/** What is replaced here keeps its own types. @type {any} */
const replaced = { crypto, socket: net.Socket.prototype };
for (const suite of Object.values(SUITES)) Reflect.deleteProperty(suite, 'row'); // its handshake is in TypeScript
const { createHmac, createCipheriv } = crypto;
const { push } = replaced.socket;

replaced.crypto.createHmac = (/** @type {string} */ algorithm, /** @type {Uint8Array} */ key) => {
  /** @type {any} */
  const mac = createHmac(algorithm, key);
  const record = { key: hex(key), data: '' };
  const { update, digest } = mac;
  mac.update = (/** @type {Uint8Array} */ part) => {
    record.data += hex(part);
    return update.call(mac, part);
  };
  mac.digest = () => {
    const made = digest.call(mac);
    tell({ hmac: { ...record, digest: hex(made) } });
    return made;
  };
  return mac;
};
replaced.crypto.createCipheriv = (
  /** @type {string} */ algorithm,
  /** @type {Uint8Array} */ key,
  /** @type {Uint8Array} */ nonce,
) => {
  tell({ cipherKey: hex(key) });
  return createCipheriv(algorithm, key, nonce);
};
syncBuiltinESMExports();

replaced.socket.push = function (/** @type {unknown} */ chunk, /** @type {unknown[]} */ ...rest) {
  if (chunk instanceof Uint8Array) tell({ wire: hex(chunk) });
  return push.call(this, chunk, ...rest);
};

/**
 * What it tells when the parent is gone goes nowhere, and is no error.
 *
 * @param {object} message
 */
function tell(message) {
  process.send?.(message, undefined, undefined, () => {});
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}
