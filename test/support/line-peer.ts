/** Another implementation of the algorithms, as a program that answers lines of JSON (test/interop/). */
import type { FixedEncapsulation, FixedKeyPair } from './fixed-random.js';
import { bytesIn, JsonLines } from './json-lines.js';

/** The operations of the peer; secret keys have liboqs's layout. An operation that it refuses is an error. */
export class LinePeer extends JsonLines {
  /** @param seed for who takes one, of a signature key */
  async keypair(algorithm: string, seed?: Uint8Array): Promise<FixedKeyPair> {
    const { publicKey, secretKey } = await this.request('keypair', { algorithm, ...(seed && { seed }) });
    return { publicKey: bytesIn(publicKey), secretKey: bytesIn(secretKey) };
  }

  async encapsulate(algorithm: string, publicKey: Uint8Array): Promise<FixedEncapsulation> {
    const { ciphertext, sharedSecret } = await this.request('encapsulate', { algorithm, publicKey });
    return { ciphertext: bytesIn(ciphertext), sharedSecret: bytesIn(sharedSecret) };
  }

  async decapsulate(algorithm: string, secretKey: Uint8Array, ciphertext: Uint8Array): Promise<Buffer> {
    return bytesIn((await this.request('decapsulate', { algorithm, secretKey, ciphertext }))['sharedSecret']);
  }

  async sign(algorithm: string, message: Uint8Array, secretKey: Uint8Array, context: Uint8Array): Promise<Buffer> {
    return bytesIn((await this.request('sign', { algorithm, secretKey, message, context }))['signature']);
  }

  async verify(algorithm: string, publicKey: Uint8Array, fields: SignedFields): Promise<boolean> {
    const { valid } = await this.request('verify', { algorithm, publicKey, ...fields });
    if (typeof valid !== 'boolean') throw new Error('the answer does not say whether the signature is valid');
    return valid;
  }
}

/** What is verified with a public key. */
export interface SignedFields {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** Empty if there is none. */
  readonly context: Uint8Array;
}
