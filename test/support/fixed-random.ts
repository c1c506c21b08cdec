/**
 * The operations with given random bytes, which the package does not offer: by the addon of the tests, with the code
 * of liboqs that the Jest project is about. Each takes exactly the bytes that it is given, or the test fails.
 */
import { type KemName, kemAlgorithm, type SigName, sigAlgorithm } from '../../lib/crypto/suites.js';
import { STATUS } from '../../lib/native/status.js';
import { prepareIfWanted } from './prepared-keys.js';
import { TEST_ADDON_FOLDER, testAddon } from './test-addon.js';

export interface FixedKeyPair {
  readonly publicKey: Buffer;
  readonly secretKey: Buffer;
}

export interface FixedEncapsulation {
  readonly ciphertext: Buffer;
  readonly sharedSecret: Buffer;
}

// Jest runs the files of both projects in the same processes, and the setting belongs to the process.
testAddon.hideCpuFeatures(process.env['PQSOCK_PREBUILD'] === TEST_ADDON_FOLDER);

export function kemKeypairFrom(random: Uint8Array, name: KemName): FixedKeyPair {
  const { number, publicKeyLength, secretKeyLength } = kemAlgorithm(name);
  const [publicKey, secretKey] = [Buffer.alloc(publicKeyLength), Buffer.alloc(secretKeyLength)];
  runWith(random, () => testAddon.kemKeypair(number, publicKey, secretKey));
  return { publicKey, secretKey };
}

export function encapsulateFrom(random: Uint8Array, name: KemName, publicKey: Uint8Array): FixedEncapsulation {
  const { number, ciphertextLength, sharedSecretLength } = kemAlgorithm(name);
  const [ciphertext, sharedSecret] = [Buffer.alloc(ciphertextLength), Buffer.alloc(sharedSecretLength)];
  runWith(random, () => testAddon.kemEncapsulate(number, ciphertext, sharedSecret, publicKey));
  return { ciphertext, sharedSecret };
}

export function sigKeypairFrom(random: Uint8Array, name: SigName): FixedKeyPair {
  const { number, publicKeyLength, secretKeyLength } = sigAlgorithm(name);
  const [publicKey, secretKey] = [Buffer.alloc(publicKeyLength), Buffer.alloc(secretKeyLength)];
  runWith(random, () => testAddon.sigKeypair(number, publicKey, secretKey));
  return { publicKey, secretKey };
}

export function signFrom(
  random: Uint8Array,
  name: SigName,
  message: Uint8Array,
  secretKey: Uint8Array,
  context: Uint8Array = Buffer.alloc(0),
): Buffer {
  const { number, signatureLength } = sigAlgorithm(name);
  const signature = Buffer.alloc(signatureLength);
  prepareIfWanted(testAddon, name, secretKey);
  runWith(random, () => testAddon.sigSign(number, signature, secretKey, message, context));
  return signature;
}

function runWith(random: Uint8Array, operation: () => number): void {
  let status: number = STATUS.operationFailed;
  const left = testAddon.withRandomBytes(random, () => {
    status = operation();
  });
  expect({ status, left }).toEqual({ status: STATUS.ok, left: 0 });
}
