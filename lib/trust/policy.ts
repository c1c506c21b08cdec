/** The trust policy: which peers may talk to us. There is no default: having none is an error at the start. */
import { SIG_ALGORITHMS, type SigName, type SuiteName } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import { parseFingerprint } from '../keys/fingerprint.js';
import { FirstUse } from './first-use.js';

/** A peer that has shown its key, and not yet proven that it holds the secret one. */
export interface PeerKey {
  readonly algorithm: SigName;
  /** 2592 bytes. */
  readonly publicKey: Buffer;
  readonly fingerprint: string;
  /** The suite of the connection; undefined in the seed profile, which has but one. */
  readonly suite: SuiteName | undefined;
}

/** Where a client connects to, in its own words; both undefined for a server, and for transports that it was given. */
export interface Dialled {
  /** The name or address that `connect` was given, before it was looked up. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** A peer's key, and where the peer is. */
export interface Candidate extends PeerKey {
  /** What a client calls the peer: see {@link Dialled}. */
  readonly host: string | undefined;
  /** The address that the connection comes from, or goes to; undefined for other transports than TCP. */
  readonly address: string | undefined;
  /** The port there. */
  readonly port: number | undefined;
}

/** `true` accepts, `false` refuses, an error refuses and is the reason; for FirstUse see there. */
export type Answer = boolean | FirstUse | Error;

/**
 * Decides about a peer, before any lattice operation is done for it: anything but `true` and a FirstUse refuses it, and
 * so does an error that is thrown. The peer is not told why.
 */
export interface TrustPolicy {
  (candidate: Candidate): Answer | Promise<Answer>;
  /** The algorithms of the keys that the policy has on record, if it knows: a client chooses no other. */
  readonly algorithms?: (dialled: Dialled) => ReadonlySet<SigName>;
  /** Whether the policy has a key on record: of several keys of a server a client chooses the first that it has. */
  readonly knows?: (fingerprint: string, dialled: Dialled) => boolean;
}

/** A policy; fingerprints of the peers to accept; or `'any'`: the peer is then not authenticated at all. */
export type Trust = 'any' | string | readonly string[] | ReadonlySet<string> | TrustPolicy;

/** Asks a policy. Never rejects, never throws: an error of the policy is its refusal. */
export interface Policy {
  /** At once if the policy says so at once. */
  ask(candidate: Omit<Candidate, 'host'>): Verdict | Promise<Verdict>;
  /** Whether the policy could accept a key of this algorithm. */
  couldAccept(algorithm: SigName): boolean;
  /** Whether the policy has this key on record. */
  knows(fingerprint: string): boolean;
}

export interface Verdict {
  readonly trusted: boolean;
  /** What the policy threw, or gave as its reason. */
  readonly cause?: unknown;
  /** At a first use: makes a note of the peer. To be called when it has proven its key; never rejects. */
  readonly learn?: () => Promise<Verdict>;
}

/**
 * Accepts the peers with these fingerprints alone.
 *
 * @throws PQ_ERR_INVALID_OPTION if there are none, or one isn't a fingerprint
 */
export function pinned(...fingerprints: readonly string[]): TrustPolicy {
  return pinnedOf(new Set(fingerprints));
}

/**
 * Accepts the peers whose fingerprint is in a set, as it is at that moment: what is added or deleted counts for the
 * next connection. An empty set accepts nobody.
 *
 * @throws PQ_ERR_INVALID_OPTION if it is no set, or something in it is no fingerprint
 */
export function authorizedKeys(fingerprints: ReadonlySet<string>): TrustPolicy {
  if (typeof fingerprints?.has !== 'function' || typeof fingerprints[Symbol.iterator] !== 'function') {
    throw pqError('PQ_ERR_INVALID_OPTION', 'authorizedKeys takes a Set of fingerprints: see pinned for a list');
  }
  for (const fingerprint of fingerprints) parseFingerprint(fingerprint);
  return Object.assign(({ fingerprint }: Candidate) => fingerprints.has(fingerprint), {
    algorithms: () => algorithmsOf(fingerprints),
    knows: (fingerprint: string) => fingerprints.has(fingerprint),
  });
}

/** Accepts whom one of these policies accepts; they are asked one after the other, until one accepts or throws. */
export function anyOf(...trusts: readonly Trust[]): TrustPolicy {
  if (trusts.length === 0) throw pqError('PQ_ERR_INVALID_OPTION', 'anyOf has no policies: nobody could connect');
  const policies = trusts.map(trustPolicy);
  const accepts = async (candidate: Candidate) => {
    let reason: Answer = false;
    for (const policy of policies) {
      const answer = await policy(candidate);
      if (answer === true || answer instanceof FirstUse) return answer;
      if (answer instanceof Error && reason === false) reason = answer;
    }
    return reason;
  };
  const knows = (fingerprint: string, dialled: Dialled) =>
    policies.some((policy) => policy.knows?.(fingerprint, dialled) === true);
  const lists = policies.map(({ algorithms }) => algorithms).filter((list) => list !== undefined);
  if (lists.length < policies.length) return Object.assign(accepts, { knows });
  return Object.assign(accepts, {
    knows,
    algorithms: (dialled: Dialled) => new Set(lists.flatMap((list) => [...list(dialled)])),
  });
}

/**
 * @param dialled where this connection goes, if we are its client
 * @throws PQ_ERR_INVALID_OPTION if there is no policy, or a fingerprint isn't one
 */
export function policyOf(trust: Trust | undefined, dialled: Dialled = NOWHERE): Policy {
  const policy = trustPolicy(trust);
  const ours = policy !== trust;
  return {
    ask: (peer) => {
      // A callback's own: it may keep the key, or write into it.
      const publicKey = ours ? peer.publicKey : Buffer.from(peer.publicKey);
      try {
        const answer = policy({ ...peer, publicKey, host: dialled.host, port: dialled.port ?? peer.port });
        return answer instanceof Promise || typeof answer === 'object' ? settled(answer) : { trusted: answer === true };
      } catch (cause) {
        return { trusted: false, cause };
      }
    },
    couldAccept: (algorithm) =>
      asked(() => policy.algorithms === undefined || policy.algorithms(dialled).has(algorithm)),
    knows: (fingerprint) => asked(() => policy.knows?.(fingerprint, dialled) === true),
  };
}

function asked(question: () => boolean): boolean {
  try {
    return question();
  } catch (cause) {
    throw pqError('PQ_ERR_UNTRUSTED', 'the trust policy failed when it was asked what it has on record', { cause });
  }
}

const NOWHERE: Dialled = { host: undefined, port: undefined };

async function settled(answer: Answer | Promise<Answer>): Promise<Verdict> {
  try {
    return verdictOf(await answer);
  } catch (cause) {
    return { trusted: false, cause };
  }
}

function verdictOf(answer: Answer): Verdict {
  if (answer instanceof Error) return { trusted: false, cause: answer };
  if (!(answer instanceof FirstUse)) return { trusted: answer === true };
  return { trusted: true, learn: () => settled(learnt(answer)) };
}

async function learnt({ learn }: FirstUse): Promise<true> {
  await learn();
  return true;
}

/** @throws PQ_ERR_INVALID_OPTION */
export function trustPolicy(trust: Trust | undefined): TrustPolicy {
  if (trust === 'any') return () => true;
  if (typeof trust === 'function') return trust;
  if (typeof trust === 'string') return pinned(trust);
  if (Array.isArray(trust) || trust instanceof Set) return pinnedOf(new Set(trust));
  throw pqError(
    'PQ_ERR_INVALID_OPTION',
    "trust is missing: give the peer's fingerprint, a list of them, a policy, or 'any' to accept everybody",
  );
}

/** @param fingerprints a copy, as no list of arguments: those can't be a hundred thousand */
function pinnedOf(fingerprints: ReadonlySet<string>): TrustPolicy {
  if (fingerprints.size > 0) return authorizedKeys(fingerprints);
  throw pqError('PQ_ERR_INVALID_OPTION', 'no fingerprint is pinned: nobody could connect');
}

/** The algorithms of some keys; of what is no fingerprint none. */
export function algorithmsOf(fingerprints: Iterable<string>): ReadonlySet<SigName> {
  return new Set([...fingerprints].map(algorithmOf).filter((name) => name !== undefined));
}

function algorithmOf(fingerprint: string): SigName | undefined {
  const label = fingerprint.split(':')[1];
  return (Object.keys(SIG_ALGORITHMS) as SigName[]).find((name) => SIG_ALGORITHMS[name].label === label);
}
