/** The algorithms of one suite, as the handshake is handed them: others can be put in their place. */

import { type HandshakeOperations, handshakeOperations } from './handshake.js';
import { hybridKem } from './hybrid-kem.js';
import { type Encapsulation, isKemPublicKey, type KemKeyPair, kemOperations } from './kem.js';
import type { BytesLike, Operation } from './operation.js';
import type { Secret } from './secret.js';
import { sigOperations, verifyPeer } from './sig.js';
import { type KemAlgorithm, kemAlgorithm, type SigAlgorithm, type Suite, sigAlgorithm } from './suites.js';

export interface Primitives {
  readonly kem: {
    readonly algorithm: KemAlgorithm;
    /** Whether bytes of the right length have only reduced coefficients; inline, under a microsecond. */
    isPublicKey(publicKey: Uint8Array): boolean;
    keypair(): Operation<KemKeyPair>;
    encapsulate(publicKey: Uint8Array): Operation<Encapsulation>;
    decapsulate(secretKey: BytesLike, ciphertext: Uint8Array): Operation<Secret>;
  };
  readonly sig: {
    readonly algorithm: SigAlgorithm;
    sign(message: Uint8Array, secretKey: Secret): Operation<Buffer>;
    verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): Operation<boolean>;
  };
  /** All that a side computes in a turn, at once; where it is missing it is made of the others. */
  readonly handshake?: HandshakeOperations;
}

type SuiteAlgorithms = Pick<Suite, 'kem' | 'sig' | 'row' | 'hybrid'>;

/**
 * The real ones, which call the addon.
 *
 * @param keepsPeers whether the keys of peers that come back are kept prepared, as they are in a whole handshake
 */
export function primitivesOf(suite: SuiteAlgorithms, keepsPeers = false): Primitives {
  const algorithm = kemAlgorithm(suite.kem);
  const sig = sigAlgorithm(suite.sig);
  const verify = keepsPeers ? verifyPeer : sigOperations.verify;
  const kem: Primitives['kem'] = {
    algorithm,
    isPublicKey: (publicKey) => isKemPublicKey(algorithm, publicKey),
    keypair: () => kemOperations.keypair(algorithm),
    encapsulate: (publicKey) => kemOperations.encapsulate(algorithm, publicKey),
    decapsulate: (secretKey, ciphertext) => kemOperations.decapsulate(algorithm, secretKey, ciphertext),
  };
  return {
    kem: suite.hybrid ? hybridKem(kem) : kem,
    sig: {
      algorithm: sig,
      sign: (message, secretKey) => sigOperations.sign(sig, message, secretKey),
      verify: (message, signature, publicKey) => verify(sig, message, signature, publicKey),
    },
    ...(suite.row !== undefined && { handshake: handshakeOperations(suite.row, algorithm, sig) }),
  };
}
