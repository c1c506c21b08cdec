/** What a connection tells those who watch: diagnostics channels, and `NODE_DEBUG=pqsock`. No secret is in it. */
import type { Duplex } from 'node:stream';
import { debuglog } from 'node:util';
import {
  type ConnectionCloseMessage,
  type ConnectionErrorMessage,
  type ConnectionOpenMessage,
  connectionClose,
  connectionError,
  connectionOpen,
  type HandshakeStep,
  type HandshakeStepMessage,
  handshakeStep,
} from '../channels.js';
import type { PeerKey } from '../trust/policy.js';
import type { SecureConfig } from './options.js';
import type { SocketLike } from './socket-like.js';

const debug = debuglog('pqsock');

export class ConnectionReport {
  readonly #socket: SocketLike;
  readonly #transport: Duplex & { readonly bytesRead?: number; readonly bytesWritten?: number };
  readonly #config: SecureConfig;
  readonly #began = performance.now();

  constructor(socket: SocketLike, transport: Duplex, config: SecureConfig) {
    this.#socket = socket;
    this.#transport = transport;
    this.#config = config;
  }

  /** Whether somebody wants to hear of steps. */
  get watched(): boolean {
    return handshakeStep.hasSubscribers || debug.enabled;
  }

  step(step: HandshakeStep): void {
    debug('%s %d: %s', this.#config.role, step.step, step.name);
    if (!handshakeStep.hasSubscribers) return;
    handshakeStep.publish({ ...step, ...this.#common() } satisfies HandshakeStepMessage);
  }

  open({ fingerprint: peerFingerprint, suite }: PeerKey): void {
    debug('%s is connected to %s', this.#config.role, peerFingerprint);
    if (!connectionOpen.hasSubscribers) return;
    const { profile } = this.#config;
    connectionOpen.publish({ ...this.#common(), profile, suite, peerFingerprint } satisfies ConnectionOpenMessage);
  }

  end(error: Error | null): void {
    debug('%s has ended: %s', this.#config.role, error ?? 'no error');
    if (error !== null && connectionError.hasSubscribers) {
      connectionError.publish({ ...this.#common(), error } satisfies ConnectionErrorMessage);
    }
    if (!connectionClose.hasSubscribers) return;
    const { bytesRead, bytesWritten, authorized: opened } = this.#socket;
    const { bytesRead: transportBytesRead, bytesWritten: transportBytesWritten } = this.#transport;
    const bytes = { bytesRead, bytesWritten, transportBytesRead, transportBytesWritten };
    connectionClose.publish({ ...this.#common(), opened, ...bytes } satisfies ConnectionCloseMessage);
  }

  #common() {
    return { socket: this.#socket, role: this.#config.role, elapsed: performance.now() - this.#began };
  }
}
