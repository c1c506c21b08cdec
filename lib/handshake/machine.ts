/**
 * What a handshake machine is made of. A state has one method, which takes what it waits for and gives the next
 * state; what is to be done outside goes to an {@link Output}. There is no I/O, no clock and no await in a machine.
 */
import type { HandshakeStep } from '../channels.js';
import type { Operation } from '../crypto/operation.js';
import type { Secret } from '../crypto/secret.js';
import type { Records } from '../record/seed-records.js';
import type { Candidate, Verdict } from '../trust/policy.js';
import type { AcceptHeader } from '../wire/frame-decoder.js';
import type { PeerTrusted, SignatureValid } from './proof.js';

export interface Output {
  /** Sends bytes, which are one message with its header, in parts. */
  send(...parts: Uint8Array[]): void;
  /** Says that a step was taken. */
  step(step: HandshakeStep): void;
  /** Hands over a secret of the handshake: it is wiped when the handshake ends, well or not. */
  keep(secret: Secret): void;
}

/** Waits for a message of the peer. */
export interface ExpectState {
  readonly kind: 'expect';
  /** The name of the message, for errors. */
  readonly message: string;
  readonly acceptHeader: AcceptHeader;
  receive(body: Uint8Array, out: Output): State;
}

/** Waits for slow work: a verdict of the trust policy, or lattice operations. No message is taken meanwhile. */
export interface AwaitState {
  readonly kind: 'await';
  readonly work: Work;
  resume(outcome: never, out: Output): State;
}

export type Work =
  | { readonly kind: 'verdict'; readonly candidate: Candidate }
  | { readonly kind: 'operation'; readonly operation: Operation<unknown> };

/** The end of a handshake. It can't be made without the proofs that everything was checked. */
export interface OpenState {
  readonly kind: 'open';
  readonly peer: Candidate;
  readonly records: Records;
  readonly proofs: { readonly trusted: PeerTrusted; readonly signature: SignatureValid };
}

export type State = ExpectState | AwaitState | OpenState;

export function expectMessage(
  message: string,
  acceptHeader: AcceptHeader,
  receive: (body: Uint8Array, out: Output) => State,
): ExpectState {
  return { kind: 'expect', message, acceptHeader, receive };
}

export function awaitVerdict(candidate: Candidate, resume: (verdict: Verdict, out: Output) => State): AwaitState {
  return { kind: 'await', work: { kind: 'verdict', candidate }, resume };
}

export function awaitOperation<T>(operation: Operation<T>, resume: (result: T, out: Output) => State): AwaitState {
  return { kind: 'await', work: { kind: 'operation', operation }, resume };
}
