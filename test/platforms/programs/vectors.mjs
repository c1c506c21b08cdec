// @ts-check
/**
 * Vectors without Jest, for a platform that has none: `vectors.mjs FOLDER`, which has calls.json of ../vectors.mjs. Prints
 * how many calls there were, and those whose result was another.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Kem, Sig } from 'pqsock/oqs';

/** @typedef {import('../vectors.mjs').Call} Call */

const NONE = Buffer.alloc(0);
/** @type {Call[]} */
const calls = JSON.parse(readFileSync(join(process.argv[2] ?? '', 'calls.json'), 'utf8'));
const wrong = calls.filter((call) => resultOf(call) !== call.expected);
console.log(JSON.stringify({ calls: calls.length, wrong: wrong.map(({ name }) => name) }));

/** @param {Call} call */
function resultOf({ what, algorithm, bytes }) {
  const [first = NONE, second = NONE, third = NONE, context] = bytes.map((hex) => Buffer.from(hex, 'hex'));
  try {
    switch (what) {
      case 'decapsulate':
        return hex(new Kem(algorithm).decapsulateSync(first, second).export());
      case 'encapsulate':
        return hex(new Kem(algorithm).encapsulateSync(first).ciphertext.subarray(0, 0));
      case 'verify':
        return String(new Sig(algorithm).verifySync(first, second, third, context === undefined ? {} : { context }));
      default: {
        const { publicKey, secretKey } = new Sig(algorithm).keypairSync({ seed: first });
        return `${hex(publicKey)} ${hex(secretKey.export())}`;
      }
    }
  } catch (error) {
    return String(/** @type {{ code?: string }} */ (error).code);
  }
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}
