// @ts-check
/** A client's flight in suite 1, as whoever has seen an authorized public key can make it. PROTOCOL.md, chapter 4. */
import { randomBytes } from 'node:crypto';
import { Kem, Sig } from '../../dist/oqs.js';

/** Right in form; the signature is random. @param {Uint8Array} publicKey */
export function flightWith(publicKey) {
  const choice = [Buffer.from([1, 0, 1]), randomBytes(32), Buffer.from([0, publicKey.length >> 8, publicKey.length])];
  return Buffer.concat([
    frame(0x02, Buffer.concat([...choice, publicKey, Buffer.alloc(2)])),
    frame(0x03, new Kem('Kyber1024').keypairSync().publicKey),
    frame(0x04, randomBytes(new Sig('Dilithium5').signatureLength)),
  ]);
}

/**
 * @param {number} type
 * @param {Uint8Array} body
 */
export function frame(type, body) {
  return Buffer.concat([Buffer.from([type, body.length >> 16, body.length >> 8, body.length]), body]);
}
