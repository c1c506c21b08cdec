/**
 * The diagnostics channels. Publishing costs nothing while nobody subscribes; no message carries a secret.
 * Subscribe with `diagnostics_channel.subscribe(name, (message) => …)`.
 */
import { channel } from 'node:diagnostics_channel';

/** Each step of a handshake, as a {@link HandshakeStepMessage}. */
export const handshakeStep = channel('pqsock:handshake:step');

/** A connection whose handshake is complete: `{ socket, role, profile, fingerprint, peerFingerprint, elapsed }`. */
export const connectionOpen = channel('pqsock:connection:open');

/** A connection that ended with an error, before or after its handshake: `{ socket, role, error }`. */
export const connectionError = channel('pqsock:connection:error');

/** A step of a handshake. What is absent doesn't apply to the step. */
export interface HandshakeStep {
  /** The number of the step in the seed's exchange, 1…18. */
  readonly step: number;
  /** What is done, in the protocol's words. */
  readonly name: string;
  /** The message that the step sends or takes. */
  readonly message?: string;
  readonly direction?: 'sent' | 'received';
  /** The size of that message on the wire. */
  readonly bytes?: number;
  /** The key that the step is about. */
  readonly fingerprint?: string;
}

/** A step, and where and when it happened. */
export interface HandshakeStepMessage extends HandshakeStep {
  readonly role: 'client' | 'server';
  /** The PqSocket. */
  readonly socket: unknown;
  /** Milliseconds since the handshake began on this side. */
  readonly elapsed: number;
}
