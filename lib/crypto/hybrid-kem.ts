/**
 * X25519 (RFC 7748) beside a KEM: `pk = kem pk || x25519 pk`, `ct = kem ct || x25519 epk`, `ss = kem ss || x25519 ss`.
 * The curve's part runs inline in node:crypto, about a tenth of a millisecond, where the KEM's result comes in.
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomFillSync } from 'node:crypto';
import { concat } from '../bytes.js';
import { pqError } from '../errors.js';
import type { Primitives } from './primitives.js';
import { Secret } from './secret.js';

const X25519_LENGTH = 32;

/** What stands before the raw 32 bytes in PKCS #8 and in SPKI (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

export function hybridKem(kem: Primitives['kem']): Primitives['kem'] {
  const { publicKeyLength, secretKeyLength, ciphertextLength, sharedSecretLength } = kem.algorithm;
  return {
    algorithm: {
      ...kem.algorithm,
      name: `${kem.algorithm.name} with X25519`,
      publicKeyLength: publicKeyLength + X25519_LENGTH,
      secretKeyLength: secretKeyLength + X25519_LENGTH,
      ciphertextLength: ciphertextLength + X25519_LENGTH,
      sharedSecretLength: sharedSecretLength + X25519_LENGTH,
    },
    isPublicKey: (publicKey) => kem.isPublicKey(publicKey.subarray(0, publicKeyLength)),
    keypair: () =>
      kem.keypair().map((pair) => {
        const own = generate();
        return { publicKey: join(pair.publicKey, own.publicKey), secretKey: joinSecrets(pair.secretKey, own.secret) };
      }),
    encapsulate: (publicKey) =>
      kem.encapsulate(publicKey.subarray(0, publicKeyLength)).map(({ ciphertext, sharedSecret }) => {
        const own = generate();
        const both = agreeBeside(sharedSecret, own.secret, publicKey.subarray(publicKeyLength));
        return { ciphertext: join(ciphertext, own.publicKey), sharedSecret: both };
      }),
    decapsulate: (secretKey, ciphertext) => {
      const bytes = secretKey instanceof Secret ? Secret.bytesOf(secretKey) : secretKey;
      return kem
        .decapsulate(bytes.subarray(0, secretKeyLength), ciphertext.subarray(0, ciphertextLength))
        .map((sharedSecret) => {
          const own = Secret.from(bytes.subarray(secretKeyLength));
          return agreeBeside(sharedSecret, own, ciphertext.subarray(ciphertextLength));
        });
    },
  };
}

function generate(): { secret: Secret; publicKey: Uint8Array } {
  const secret = Secret.allocate(X25519_LENGTH);
  randomFillSync(Secret.bytesOf(secret));
  const spki = createPublicKey(importSecret(secret)).export({ format: 'der', type: 'spki' });
  return { secret, publicKey: spki.subarray(SPKI_PREFIX.length) };
}

/** The KEM's secret and the curve's. What they are made from is wiped, also when the peer's share is refused. */
function agreeBeside(sharedSecret: Secret, own: Secret, publicKey: Uint8Array): Secret {
  try {
    return joinSecrets(sharedSecret, agree(own, publicKey));
  } finally {
    sharedSecret.dispose();
    own.dispose();
  }
}

/** @throws PQ_ERR_DECODE if the peer's share has a small order, so that the result would be all zero */
function agree(secret: Secret, publicKey: Uint8Array): Secret {
  const der = concat(SPKI_PREFIX, publicKey);
  const peer = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  let agreed: Buffer;
  try {
    agreed = diffieHellman({ privateKey: importSecret(secret), publicKey: peer }); // refuses all zero
  } catch {
    throw smallOrder();
  }
  const result = Secret.from(agreed);
  const zero = agreed.every((byte) => byte === 0);
  agreed.fill(0);
  if (zero) throw smallOrder();
  return result;
}

function smallOrder(): Error {
  return pqError('PQ_ERR_DECODE', 'the peer sent an X25519 share of small order: the result would be all zero');
}

function importSecret(secret: Secret): KeyObject {
  const der = Buffer.from(new ArrayBuffer(PKCS8_PREFIX.length + X25519_LENGTH)); // not on V8's moving heap
  der.set(PKCS8_PREFIX);
  der.set(Secret.bytesOf(secret), PKCS8_PREFIX.length);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

function join(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(concat(a, b).buffer);
}

/** Both secrets in one; they are wiped. */
function joinSecrets(a: Secret, b: Secret): Secret {
  const joined = Secret.allocate(a.length + b.length);
  Secret.bytesOf(joined).set(Secret.bytesOf(a));
  Secret.bytesOf(joined).set(Secret.bytesOf(b), a.length);
  a.dispose();
  b.dispose();
  return joined;
}
