/** The trust policy: which peers may talk to us. There is no default: having none is an error at the start. */
import type { SigName } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import { parseFingerprint } from '../keys/fingerprint.js';

/** A peer that has shown its key, and not yet proven that it holds the secret one. */
export interface Candidate {
  readonly algorithm: SigName;
  readonly publicKey: Buffer;
  readonly fingerprint: string;
}

/** Decides about a peer; anything but `true` refuses it, and so does an error. */
export type TrustCallback = (candidate: Candidate) => boolean | Promise<boolean>;

/** Fingerprints of the peers to accept, a callback, or `'any'`: the peer is then not authenticated at all. */
export type Trust = 'any' | string | readonly string[] | ReadonlySet<string> | TrustCallback;

/** Asks a policy. Never rejects, never throws: an error of the policy is its refusal. */
export type Policy = (candidate: Candidate) => Promise<Verdict>;

export interface Verdict {
  readonly trusted: boolean;
  /** What the callback threw. */
  readonly cause?: unknown;
}

/** @throws PQ_ERR_INVALID_OPTION if there is no policy, or a fingerprint isn't one */
export function policyOf(trust: Trust | undefined): Policy {
  if (trust === 'any') return async () => ({ trusted: true });
  if (typeof trust === 'function') return askCallback(trust);
  if (typeof trust === 'string') return pinned([trust]);
  if (Array.isArray(trust) || trust instanceof Set) return pinned([...trust]);
  throw pqError(
    'PQ_ERR_INVALID_OPTION',
    "trust is missing: give the peer's fingerprint, a list of them, a callback, or 'any' to accept everybody",
  );
}

function pinned(fingerprints: readonly string[]): Policy {
  if (fingerprints.length === 0) {
    throw pqError('PQ_ERR_INVALID_OPTION', 'trust is an empty list: nobody could connect');
  }
  const accepted = new Set(fingerprints.map(parseFingerprint));
  return async ({ fingerprint }) => ({ trusted: accepted.has(fingerprint) });
}

function askCallback(callback: TrustCallback): Policy {
  return async (candidate) => {
    try {
      return { trusted: (await callback(candidate)) === true };
    } catch (cause) {
      return { trusted: false, cause };
    }
  };
}
