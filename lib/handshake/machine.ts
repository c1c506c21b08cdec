/**
 * What a handshake machine is made of. A state has one method, which takes what it waits for and gives the next
 * state; what is to be done outside goes to an {@link Output}. There is no I/O, no clock and no await in a machine.
 */
import type { HandshakeStep } from '../channels.js';
import type { Operation } from '../crypto/operation.js';
import type { Channel } from '../record/channel.js';
import type { PeerKey, Verdict } from '../trust/policy.js';
import type { AcceptHeader, Frame } from '../wire/frame-decoder.js';
import type { Proofs } from './proof.js';

export interface Output {
  /** Sends bytes, which are whole messages with their headers. */
  send(...parts: Uint8Array[]): void;
  /** Whether somebody wants to hear of steps. */
  readonly watched: boolean;
  /** Says that a step was taken. */
  step(step: HandshakeStep): void;
  /** Hands over a secret of the handshake: it is wiped when the handshake ends, well or not. */
  keep(secret: { dispose(): void }): void;
  /** Says which alerts the peer could make something of, from now on. */
  tell(alerts: AlertScope): void;
  /** The peer has shown that it holds a key which the policy accepts. */
  proven(): void;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

/** None at all; only that we have too much to do or that time is up; or all. */
export type AlertScope = 'none' | 'load' | 'all';

/** Waits for a message of the peer. */
export interface ExpectState {
  readonly kind: 'expect';
  /** The name of the message, for errors. */
  readonly message: string;
  readonly acceptHeader: AcceptHeader;
  receive(frame: Frame, out: Output): State;
}

/** Waits for slow work: a verdict of the trust policy, or lattice operations. No message is taken meanwhile. */
export interface AwaitState {
  readonly kind: 'await';
  readonly work: Work;
  resume(outcome: never, out: Output): State;
}

export type Work = VerdictWork | OperationWork;

export interface VerdictWork {
  readonly kind: 'verdict';
  readonly peer: PeerKey;
  /** The policy was asked before, and is to make a note of the peer, which has proven its key. */
  readonly learn?: NonNullable<Verdict['learn']>;
}

export interface OperationWork {
  readonly kind: 'operation';
  readonly operation: Operation<unknown>;
  readonly spent: Spent;
}

/** What is spent on whom: a server queues and bounds what it does for a peer that has proven nothing yet. */
export type Spent = 'for-us' | 'verify' | 'sign';

/** The end of a handshake. It can't be made without the proofs that everything was checked. */
export interface OpenState {
  readonly kind: 'open';
  readonly peer: PeerKey;
  /** Of our own key, that of this connection. */
  readonly fingerprint: string;
  readonly channel: Channel;
  /** The client's nonce, by which key logs name a connection; 32 bytes. */
  readonly clientRandom?: Uint8Array;
  readonly proofs: Proofs;
}

export type State = ExpectState | AwaitState | OpenState;

export function expectMessage(
  message: string,
  acceptHeader: AcceptHeader,
  receive: (frame: Frame, out: Output) => State,
): ExpectState {
  return { kind: 'expect', message, acceptHeader, receive };
}

export function awaitVerdict(peer: PeerKey, resume: (verdict: Verdict, out: Output) => State): AwaitState {
  return { kind: 'await', work: { kind: 'verdict', peer }, resume };
}

export function awaitOperation<T>(
  spent: Spent,
  operation: Operation<T>,
  resume: (result: T, out: Output) => State,
): AwaitState {
  return { kind: 'await', work: { kind: 'operation', operation, spent }, resume };
}
