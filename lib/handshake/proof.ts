/**
 * Proofs that a check was made. The state of an open connection is built from them, and their only constructors are
 * in this file: a check that is left out does not compile.
 */
import { pqError } from '../errors.js';
import type { PeerKey, Verdict } from '../trust/policy.js';

/** The policy has accepted this peer's key. */
export class PeerTrusted {
  // A private member makes the type nominal: no object literal passes for a proof.
  readonly #peer: PeerKey;

  private constructor(peer: PeerKey) {
    this.#peer = peer;
  }

  get peer(): PeerKey {
    return this.#peer;
  }

  /** @throws PQ_ERR_UNTRUSTED */
  static by(verdict: Verdict, peer: PeerKey): PeerTrusted {
    if (verdict.trusted) return new PeerTrusted(peer);
    const { cause } = verdict;
    const message = `the trust policy does not accept the peer ${peer.fingerprint}`;
    if (cause === undefined) throw pqError('PQ_ERR_UNTRUSTED', message);
    throw pqError('PQ_ERR_UNTRUSTED', `${message}: its callback failed`, { cause });
  }
}

/** The signature of a peer that the policy accepts is right. */
export class SignatureValid {
  readonly #peer: PeerKey;

  private constructor(peer: PeerKey) {
    this.#peer = peer;
  }

  get peer(): PeerKey {
    return this.#peer;
  }

  /**
   * @param valid the answer of the verification with `trusted.peer.publicKey`
   * @throws PQ_ERR_AUTH_FAILED
   */
  static by(valid: boolean, trusted: PeerTrusted): SignatureValid {
    if (valid) return new SignatureValid(trusted.peer);
    throw pqError('PQ_ERR_AUTH_FAILED', `the signature is wrong: the peer does not hold ${trusted.peer.fingerprint}`);
  }
}

/** The peer has derived the same keys from the same messages: it has shown a MAC that only it and we can make. */
export class FinishedValid {
  readonly #peer: PeerKey;

  private constructor(peer: PeerKey) {
    this.#peer = peer;
  }

  get peer(): PeerKey {
    return this.#peer;
  }

  /**
   * @param equal whether the MAC is the one that we expect, compared in constant time
   * @throws PQ_ERR_AUTH_FAILED
   */
  static by(equal: boolean, signature: SignatureValid): FinishedValid {
    if (equal) return new FinishedValid(signature.peer);
    throw pqError('PQ_ERR_AUTH_FAILED', `the MAC of ${signature.peer.fingerprint} is wrong: its keys are not ours`);
  }
}

/** What an open connection rests on. The seed profile has no confirmation of the keys. */
export interface Proofs {
  readonly trusted: PeerTrusted;
  readonly signature: SignatureValid;
  readonly finished: FinishedValid | 'not in the seed profile';
}
