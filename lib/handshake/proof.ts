/**
 * Proofs that a check was made. The state of an open connection is built from them, and their only constructors are
 * in this file: a check that is left out does not compile.
 */
import { PqError, pqError } from '../errors.js';
import type { PeerKey, Verdict } from '../trust/policy.js';

/** The policy has accepted this peer's key. */
export class PeerTrusted {
  // A private member makes the type nominal: no object literal passes for a proof.
  readonly #peer: PeerKey;
  /** At a first use: what makes a note of the peer. */
  readonly learn: Verdict['learn'];

  private constructor(peer: PeerKey, learn: Verdict['learn']) {
    this.#peer = peer;
    this.learn = learn;
  }

  get peer(): PeerKey {
    return this.#peer;
  }

  /** @throws PQ_ERR_UNTRUSTED */
  static by(verdict: Verdict, peer: PeerKey): PeerTrusted {
    if (verdict.trusted) return new PeerTrusted(peer, verdict.learn);
    throw untrusted(verdict, peer);
  }
}

/** The signature of a peer that the policy accepts is right. */
export class SignatureValid {
  readonly #peer: PeerKey;
  /** At a first use: what makes a note of the peer. */
  readonly learn: Verdict['learn'];

  private constructor({ peer, learn }: PeerTrusted) {
    this.#peer = peer;
    this.learn = learn;
  }

  get peer(): PeerKey {
    return this.#peer;
  }

  /**
   * @param valid the answer of the verification with `trusted.peer.publicKey`
   * @throws PQ_ERR_AUTH_FAILED
   */
  static by(valid: boolean, trusted: PeerTrusted): SignatureValid {
    if (valid) return new SignatureValid(trusted);
    throw pqError('PQ_ERR_AUTH_FAILED', `the signature is wrong: the peer does not hold ${trusted.peer.fingerprint}`);
  }
}

/** The policy has accepted the peer for good: at a first use it has made a note of it, now that the key was proven. */
export class PeerKnown {
  readonly #peer: PeerKey;

  private constructor(peer: PeerKey) {
    this.#peer = peer;
  }

  get peer(): PeerKey {
    return this.#peer;
  }

  /**
   * @param learnt at a first use: what came of the note
   * @throws PQ_ERR_UNTRUSTED
   */
  static by({ peer, learn }: SignatureValid, learnt: Verdict = { trusted: learn === undefined }): PeerKnown {
    if (learnt.trusted) return new PeerKnown(peer);
    throw untrusted(learnt, peer);
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
  readonly known: PeerKnown;
  readonly signature: SignatureValid;
  readonly finished: FinishedValid | 'not in the seed profile';
}

function untrusted({ cause }: Verdict, { fingerprint }: PeerKey): Error {
  const message = `the trust policy does not accept the peer ${fingerprint}`;
  if (cause === undefined) return pqError('PQ_ERR_UNTRUSTED', message);
  // Of our own policies the text says what to do; of a callback it is not for us to repeat.
  const reason = cause instanceof PqError ? cause.message : 'its callback failed';
  return pqError('PQ_ERR_UNTRUSTED', `${message}: ${reason}`, { cause });
}
