/**
 * Proofs that a check was made. The state of an open connection is built from them, and their only constructors are
 * in this file: a check that is left out does not compile.
 */
import { pqError } from '../errors.js';
import type { Candidate, Verdict } from '../trust/policy.js';

/** The policy has accepted this peer's key. */
export class PeerTrusted {
  // A private member makes the type nominal: no object literal passes for a proof.
  readonly #peer: Candidate;

  private constructor(peer: Candidate) {
    this.#peer = peer;
  }

  get peer(): Candidate {
    return this.#peer;
  }

  /** @throws PQ_ERR_UNTRUSTED */
  static by(verdict: Verdict, peer: Candidate): PeerTrusted {
    if (verdict.trusted) return new PeerTrusted(peer);
    const { cause } = verdict;
    const message = `the trust policy does not accept the peer ${peer.fingerprint}`;
    if (cause === undefined) throw pqError('PQ_ERR_UNTRUSTED', message);
    throw pqError('PQ_ERR_UNTRUSTED', `${message}: its callback failed`, { cause });
  }
}

/** The signature of a peer that the policy accepts is right. */
export class SignatureValid {
  readonly #peer: Candidate;

  private constructor(peer: Candidate) {
    this.#peer = peer;
  }

  get peer(): Candidate {
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
