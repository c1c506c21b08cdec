/**
 * EncryptedPrivateKeyInfo (RFC 5958 §3): a private key under a passphrase, by PBES2 (RFC 8018 §6.2) with PBKDF2,
 * HMAC-SHA-256 and AES-256-CBC. It is nothing but secrecy: whoever can write the file can put another key into it.
 */

import { type BytesLike, input } from '../crypto/operation.js';
import {
  CIPHER_BLOCK,
  decryptWithPassphrase,
  encryptWithPassphrase,
  type PassphraseKey,
} from '../crypto/passphrase-cipher.js';
import { randomBytes } from '../crypto/random.js';
import { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { type DerValue, der, derInteger, derOid, encodeDer, TAG } from './der.js';
import { DerReader } from './der-reader.js';

/** What a key is encrypted with: text, as UTF-8, or bytes. Not empty. */
export type Passphrase = string | BytesLike;

/** The key under the passphrase, with a fresh salt. @throws PQ_ERR_INVALID_OPTION for a passphrase that is none */
export async function encryptKey(key: Secret, passphrase: Passphrase): Promise<Secret> {
  const [salt, iv] = [randomBytes(SALT_LENGTH), randomBytes(CIPHER_BLOCK)];
  const ciphertext = await withBytes(passphrase, (bytes) =>
    encryptWithPassphrase(key, { passphrase: bytes, salt, iterations: ITERATIONS }, iv),
  );
  const prf = der(TAG.sequence, [derOid(OID.hmacWithSha256), der(TAG.null, new Uint8Array(0))]);
  const kdf = der(TAG.sequence, [der(TAG.octetString, salt), derInteger(ITERATIONS), prf]);
  const parameters = der(TAG.sequence, [
    algorithmOf(OID.pbkdf2, kdf),
    algorithmOf(OID.aes256Cbc, der(TAG.octetString, iv)),
  ]);
  return encodeDer(der(TAG.sequence, [algorithmOf(OID.pbes2, parameters), der(TAG.octetString, ciphertext)]));
}

/**
 * The key that was encrypted.
 *
 * @throws PQ_ERR_KEY_FORMAT; PQ_ERR_PASSPHRASE_NEEDED without a passphrase; PQ_ERR_PASSPHRASE_WRONG;
 *   PQ_ERR_INVALID_OPTION for a passphrase that is none
 */
export async function decryptKey(encrypted: Uint8Array, passphrase: Passphrase | undefined): Promise<Secret> {
  const { ciphertext, iv, salt, iterations } = readEncrypted(encrypted);
  if (passphrase === undefined) {
    throw pqError('PQ_ERR_PASSPHRASE_NEEDED', 'the key is encrypted: give the passphrase');
  }
  const key = await withBytes(passphrase, (bytes) =>
    decryptWithPassphrase(ciphertext, { passphrase: bytes, salt, iterations }, iv),
  );
  if (key !== undefined && isOneSequence(Secret.bytesOf(key))) return key;
  key?.dispose();
  throw pqError('PQ_ERR_PASSPHRASE_WRONG', 'the passphrase is wrong, or the encrypted key was damaged');
}

/** How many rounds of PBKDF2 a passphrase goes through. @throws PQ_ERR_KEY_FORMAT */
export function roundsOf(encrypted: Uint8Array): number {
  return readEncrypted(encrypted).iterations;
}

interface Encrypted extends Omit<PassphraseKey, 'passphrase'> {
  readonly ciphertext: Uint8Array;
  readonly iv: Uint8Array;
}

function readEncrypted(bytes: Uint8Array): Encrypted {
  const outer = new DerReader(bytes, WHAT);
  const info = outer.within(TAG.sequence);
  outer.end();
  const parameters = parametersOf(info.within(TAG.sequence), OID.pbes2, 'PBES2');
  const ciphertext = info.read(TAG.octetString);
  info.end();
  const scheme = parameters.within(TAG.sequence);
  const { salt, iterations } = readKdf(parametersOf(scheme.within(TAG.sequence), OID.pbkdf2, 'PBKDF2'));
  const cipher = parametersOf(scheme.within(TAG.sequence), OID.aes256Cbc, 'AES-256-CBC');
  scheme.end();
  parameters.end();
  const iv = cipher.read(TAG.octetString);
  cipher.end();
  if (iv.length !== CIPHER_BLOCK || ciphertext.length === 0 || ciphertext.length % CIPHER_BLOCK !== 0) {
    throw outer.fault('its ciphertext is not of whole blocks');
  }
  return { ciphertext, iv, salt, iterations };
}

/** PBKDF2-params (RFC 8018, appendix A.2). The length of the key may be stated, and can only be the one it has. */
function readKdf(parameters: DerReader): Pick<Encrypted, 'salt' | 'iterations'> {
  const kdf = parameters.within(TAG.sequence);
  parameters.end();
  const salt = kdf.read(TAG.octetString);
  const iterations = kdf.integer();
  if (salt.length === 0 || iterations === 0) throw kdf.fault('it has no salt or no iterations');
  if (iterations > MOST_ITERATIONS) throw kdf.fault(`it asks for more than ${MOST_ITERATIONS} iterations`);
  if (kdf.tag === TAG.integer && kdf.integer() !== KEY_LENGTH) throw kdf.fault('its key has another length');
  if (kdf.tag === undefined) throw kdf.fault('it is under HMAC-SHA-1: HMAC-SHA-256 is read');
  const prf = parametersOf(kdf.within(TAG.sequence), OID.hmacWithSha256, 'HMAC-SHA-256');
  kdf.end();
  if (prf.readOptional(TAG.null)?.length) throw kdf.fault('it has another structure');
  prf.end();
  return { salt, iterations };
}

/** What follows the name of an algorithm, which must be this one. */
function parametersOf(algorithm: DerReader, oid: string, name: string): DerReader {
  const found = algorithm.oid();
  if (found === oid) return algorithm;
  throw algorithm.fault(`it is encrypted by ${found}, and not by ${name}`);
}

function algorithmOf(oid: string, parameters: DerValue): DerValue {
  return der(TAG.sequence, [derOid(oid), parameters]);
}

function isOneSequence(bytes: Uint8Array): boolean {
  try {
    const reader = new DerReader(bytes, WHAT);
    reader.read(TAG.sequence);
    reader.end();
    return true;
  } catch {
    return false;
  }
}

async function withBytes<T>(passphrase: Passphrase, use: (bytes: Uint8Array) => Promise<T>): Promise<T> {
  const bytes = typeof passphrase === 'string' ? utf8(passphrase) : input('the passphrase', passphrase).bytes;
  if (bytes.length === 0) {
    throw pqError('PQ_ERR_INVALID_OPTION', 'the passphrase is empty: leave it out for a key that is not encrypted');
  }
  try {
    return await use(bytes);
  } finally {
    if (typeof passphrase === 'string') bytes.fill(0);
  }
}

function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(Buffer.byteLength(text)));
  new TextEncoder().encodeInto(text, bytes);
  return bytes;
}

const WHAT = 'an encrypted private key that is read here';

const OID = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
} as const;

const SALT_LENGTH = 16;
const KEY_LENGTH = 32;

/** As OWASP advises since 2023: a quarter of a second for us, and for each guess of others. */
const ITERATIONS = 600_000;
/** A file must not keep us busy for longer than some seconds. */
const MOST_ITERATIONS = 10_000_000;
