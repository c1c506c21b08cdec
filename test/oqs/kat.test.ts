/**
 * The known-answer tests of NIST's submissions: 100 keys with all that is made with them, written down as the .rsp
 * files are, and the SHA-256 of the text. liboqs publishes the hashes.
 */
import { createHash } from 'node:crypto';
import { Kem, type KemName, Sig, type SigName } from '../../lib/oqs.js';
import { encapsulateFrom, kemKeypairFrom, sigKeypairFrom, signFrom } from '../support/fixed-random.js';
import { NistDrbg } from '../support/nist-drbg.js';
import { describeWithPrograms } from '../support/requirements.js';
import { FETCH_TIMEOUT, readLiboqsVectors } from '../support/vectors.js';

/** `single` is the hash of count 0 alone. */
type Hashes = Record<string, { readonly single: string; readonly all: string }>;

/** How many random bytes liboqs asks for in each operation, request by request. */
const KEMS: readonly { name: KemName; keypair: readonly number[]; encapsulate: readonly number[] }[] = [
  { name: 'Kyber1024', keypair: [32, 32], encapsulate: [32] },
  { name: 'ML-KEM-1024', keypair: [64], encapsulate: [32] },
];
const SIGS: readonly { name: SigName; keypair: readonly number[]; sign: readonly number[] }[] = [
  { name: 'Dilithium5', keypair: [32], sign: [64] },
  { name: 'ML-DSA-87', keypair: [32], sign: [32] },
];

describeWithPrograms(__filename, "NIST's known-answer tests", () => {
  let hashes: Hashes;
  beforeAll(() => {
    hashes = {
      ...readLiboqsVectors<Hashes>('KATs/kem/kats.json'),
      ...readLiboqsVectors<Hashes>('KATs/sig/kats.json'),
    };
  }, FETCH_TIMEOUT);

  it.each(KEMS)('$name makes the 100 keys, ciphertexts and shared secrets', ({ name, ...requests }) => {
    const kem = new Kem(name);
    const outer = new NistDrbg(OUTER_SEED);
    const texts = Array.from({ length: COUNTS }, (_, count) => {
      const seed = outer.random(SEED_BYTES);
      const drbg = new NistDrbg(seed);
      const { publicKey, secretKey } = kemKeypairFrom(drbg.randomOf(requests.keypair), name);
      const { ciphertext, sharedSecret } = encapsulateFrom(drbg.randomOf(requests.encapsulate), name, publicKey);
      expect(kem.decapsulateSync(secretKey, ciphertext).export()).toEqual(sharedSecret);
      return textOf({ count, seed, pk: publicKey, sk: secretKey, ct: ciphertext, ss: sharedSecret });
    });
    expect(hashesOf(texts)).toEqual(hashes[name]);
  });

  it.each(SIGS)('$name makes the 100 keys and signatures', ({ name, ...requests }) => {
    const sig = new Sig(name);
    const outer = new NistDrbg(OUTER_SEED);
    const texts = Array.from({ length: COUNTS }, (_, count) => {
      const seed = outer.random(SEED_BYTES);
      const message = outer.random(MESSAGE_STEP * (count + 1));
      const drbg = new NistDrbg(seed);
      const { publicKey, secretKey } = sigKeypairFrom(drbg.randomOf(requests.keypair), name);
      const signature = signFrom(drbg.randomOf(requests.sign), name, message, secretKey);
      expect(sig.verifySync(message, signature, publicKey)).toBe(true);
      const signed = Buffer.concat([signature, message]);
      const keys = { mlen: message.length, msg: message, pk: publicKey, sk: secretKey };
      return textOf({ count, seed, ...keys, smlen: signed.length, sm: signed });
    });
    expect(hashesOf(texts)).toEqual(hashes[name]);
  });
});

function textOf(fields: Record<string, number | Buffer>): string {
  const lines = Object.entries(fields).map(([name, value]) => {
    return `${name} = ${typeof value === 'number' ? value : value.toString('hex').toUpperCase()}\n`;
  });
  return lines.join('');
}

function hashesOf(texts: readonly string[]): Hashes[string] {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  return { single: hash(texts[0] ?? ''), all: hash(texts.join('\n')) };
}

const COUNTS = 100;
const SEED_BYTES = 48;
const MESSAGE_STEP = 33;
/** 00 01 02 … 2F. */
const OUTER_SEED = Uint8Array.from({ length: SEED_BYTES }, (_, i) => i);
