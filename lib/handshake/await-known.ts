/** Where a policy makes a note of a peer that it saw for the first time, if it is one that does so. */
import type { AwaitState, Output, State } from './machine.js';
import { PeerKnown, type SignatureValid } from './proof.js';

/**
 * Goes on at once unless it is a first use. It comes before our last message, so that a peer of which no note could be
 * made has no connection either.
 */
export function awaitKnown(
  signature: SignatureValid,
  out: Output,
  next: (known: PeerKnown, out: Output) => State,
): State {
  const { learn, peer } = signature;
  if (learn === undefined) return next(PeerKnown.by(signature), out);
  return {
    kind: 'await',
    work: { kind: 'verdict', peer, learn },
    resume: (learnt, out) => next(PeerKnown.by(signature, learnt), out),
  } satisfies AwaitState;
}
