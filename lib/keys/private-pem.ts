/** Private keys in PEM: `PRIVATE KEY`, or `ENCRYPTED PRIVATE KEY` under a passphrase. */
import { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { decryptKey, encryptKey, type Passphrase } from './pbes2.js';
import { decodePem, encodePem, type PemLike } from './pem.js';
import { decodePrivateKey, encodePrivateKey, type PrivateKey } from './pkcs8.js';

/** The key in PEM. @throws PQ_ERR_INVALID_OPTION for a passphrase that is none */
export async function privateKeyToPem(key: PrivateKey, passphrase: Passphrase | undefined): Promise<Secret> {
  const info = encodePrivateKey(key);
  try {
    if (passphrase === undefined) return encodePem(PLAIN, Secret.bytesOf(info));
    return encodePem(ENCRYPTED, Secret.bytesOf(await encryptKey(info, passphrase)));
  } finally {
    info.dispose();
  }
}

/**
 * Hands over the key in PEM, and wipes it afterwards.
 *
 * @throws PQ_ERR_KEY_FORMAT, PQ_ERR_PASSPHRASE_NEEDED, PQ_ERR_PASSPHRASE_WRONG; PQ_ERR_INVALID_OPTION for a passphrase
 *   that is none, or for a key that is not encrypted; PQ_ERR_INVALID_ARGUMENT
 */
export async function usePrivatePem<T>(
  pem: PemLike,
  passphrase: Passphrase | undefined,
  use: (key: PrivateKey) => Promise<T>,
): Promise<T> {
  const { label, bytes } = decodePem(pem, [PLAIN, ENCRYPTED]);
  let info = bytes;
  try {
    if (label === ENCRYPTED) info = await decryptKey(Secret.bytesOf(bytes), passphrase);
    else if (passphrase !== undefined) throw notEncrypted();
    return await use(decodePrivateKey(Secret.bytesOf(info)));
  } finally {
    info.dispose();
    bytes.dispose();
  }
}

// Whoever has a passphrase believes that the key is protected by it.
function notEncrypted(): Error {
  return pqError('PQ_ERR_INVALID_OPTION', 'the key is not encrypted: leave the passphrase out, or write the key anew');
}

/** What begins the PEM of a private key. */
export const PLAIN = 'PRIVATE KEY';
export const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';
