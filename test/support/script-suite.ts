/** The suites of the hardened profile for {@link HardenedScript}, from PROTOCOL.md chapter 2 on the bare algorithms. */
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Kem, type Secret, Sig } from '../../lib/oqs.js';

/** A KEM key pair; in suite 3 with the curve's. */
export interface ScriptPair {
  readonly publicKey: Buffer;
  readonly secretKey: Secret;
  readonly curveKey: KeyObject | undefined;
}

export class ScriptSuite {
  readonly number: number;
  readonly sigalg: number;
  readonly sig: Sig;
  /** Of kem_pk and kem_ct alike, in bytes. */
  readonly kemLength: number;
  readonly #kem: Kem;
  readonly #hybrid: boolean;

  constructor(number: number, sigalg: number, kem: Kem, sig: Sig, hybrid: boolean) {
    this.number = number;
    this.sigalg = sigalg;
    this.sig = sig;
    this.kemLength = kem.publicKeyLength + (hybrid ? 32 : 0);
    this.#kem = kem;
    this.#hybrid = hybrid;
  }

  keypair(): ScriptPair {
    const { publicKey, secretKey } = this.#kem.keypairSync();
    if (!this.#hybrid) return { publicKey, secretKey, curveKey: undefined };
    const own = curvePair();
    return { publicKey: Buffer.concat([publicKey, own.share]), secretKey, curveKey: own.key };
  }

  encapsulate(publicKey: Buffer): { ciphertext: Buffer; sharedSecret: Buffer } {
    const { ciphertext, sharedSecret } = this.#kem.encapsulateSync(publicKey.subarray(0, this.#kem.publicKeyLength));
    if (!this.#hybrid) return { ciphertext, sharedSecret: sharedSecret.export() };
    const own = curvePair();
    const agreed = agree(own.key, publicKey.subarray(this.#kem.publicKeyLength));
    return {
      ciphertext: Buffer.concat([ciphertext, own.share]),
      sharedSecret: Buffer.concat([sharedSecret.export(), agreed]),
    };
  }

  decapsulate({ secretKey, curveKey }: ScriptPair, ciphertext: Buffer): Buffer {
    const { ciphertextLength } = this.#kem;
    const shared = this.#kem.decapsulateSync(secretKey, ciphertext.subarray(0, ciphertextLength)).export();
    if (curveKey === undefined) return shared;
    return Buffer.concat([shared, agree(curveKey, ciphertext.subarray(ciphertextLength))]);
  }
}

const [kyber, mlkem] = [new Kem('Kyber1024'), new Kem('ML-KEM-1024')];
const [dilithium, mldsa] = [new Sig('Dilithium5'), new Sig('ML-DSA-87')];

export const SCRIPT_SUITES = {
  'kyber1024-dilithium5': new ScriptSuite(0x0001, 0x01, kyber, dilithium, false),
  'mlkem1024-mldsa87': new ScriptSuite(0x0002, 0x02, mlkem, mldsa, false),
  'x25519mlkem1024-mldsa87': new ScriptSuite(0x0003, 0x02, mlkem, mldsa, true),
} as const;

function curvePair(): { share: Buffer; key: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return { share: Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url'), key: privateKey };
}

function agree(privateKey: KeyObject, share: Buffer): Buffer {
  const jwk = { kty: 'OKP', crv: 'X25519', x: share.toString('base64url') };
  return diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) });
}
