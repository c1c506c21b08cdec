/**
 * The diagnostics channels. Publishing costs nothing while nobody subscribes; no message carries a secret.
 * Subscribe with `diagnostics_channel.subscribe(name, (message) => …)`.
 */
import { channel } from 'node:diagnostics_channel';

/** Each step of a handshake, as a {@link HandshakeStepMessage}. */
export const handshakeStep = channel('pqsock:handshake:step');

/** A connection that begins: its handshake is still to be done. A {@link ConnectionBeginMessage}. */
export const connectionBegin = channel('pqsock:connection:begin');

/** A connection whose handshake is complete, as a {@link ConnectionOpenMessage}. */
export const connectionOpen = channel('pqsock:connection:open');

/** A connection that ended with an error, before or after its handshake, as a {@link ConnectionErrorMessage}. */
export const connectionError = channel('pqsock:connection:error');

/** A connection that has ended, in whatever way, as a {@link ConnectionCloseMessage}: how much went through it. */
export const connectionClose = channel('pqsock:connection:close');

/** A step of a handshake. What is absent doesn't apply to the step. */
export interface HandshakeStep {
  /** The number of the step in the handshake of its profile, 1…18. */
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
  /** The suite that was chosen. */
  readonly suite?: string;
}

/** What every message has. */
export interface ConnectionMessage {
  readonly role: 'client' | 'server';
  /** The PqSocket. */
  readonly socket: unknown;
  /** Milliseconds since the socket was made. */
  readonly elapsed: number;
}

/** A step, and where and when it happened. */
export interface HandshakeStepMessage extends HandshakeStep, ConnectionMessage {}

/** How much has gone through a connection. */
export interface ConnectionTraffic {
  /** Bytes of data. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Bytes on the wire, where the transport counts them. */
  readonly transportBytesRead: number | undefined;
  readonly transportBytesWritten: number | undefined;
}

/** Of `pqsock:connection:begin`: a connection begins, and its handshake is still to be done. */
export interface ConnectionBeginMessage extends ConnectionMessage {
  /** How much it is by the time of the call. */
  readonly traffic: () => ConnectionTraffic;
}

/** Of `pqsock:connection:open`: a handshake is complete. */
export interface ConnectionOpenMessage extends ConnectionMessage {
  readonly profile: 'hardened' | 'seed';
  /** Undefined in the seed profile. */
  readonly suite: string | undefined;
  readonly peerFingerprint: string;
}

/** Of `pqsock:connection:error`: a connection ends with an error, before or after its handshake was complete. */
export interface ConnectionErrorMessage extends ConnectionMessage {
  readonly error: Error;
}

export interface ConnectionCloseMessage extends ConnectionMessage, ConnectionTraffic {
  /** Whether the handshake was completed. */
  readonly opened: boolean;
}
