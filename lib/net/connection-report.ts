/** What a connection tells those who watch: diagnostics channels, and `NODE_DEBUG=pqsock`. No secret is in it. */
import type { Duplex } from 'node:stream';
import { debuglog } from 'node:util';
import {
  type ConnectionBeginMessage,
  type ConnectionCloseMessage,
  type ConnectionErrorMessage,
  type ConnectionOpenMessage,
  type ConnectionTraffic,
  connectionBegin,
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

  begin(): void {
    if (!connectionBegin.hasSubscribers) return;
    const traffic = () => this.#traffic();
    connectionBegin.publish({ ...this.#common(), traffic } satisfies ConnectionBeginMessage);
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
    const { authorized: opened } = this.#socket;
    connectionClose.publish({ ...this.#common(), opened, ...this.#traffic() } satisfies ConnectionCloseMessage);
  }

  #traffic(): ConnectionTraffic {
    const { bytesRead, bytesWritten } = this.#socket;
    const { bytesRead: transportBytesRead, bytesWritten: transportBytesWritten } = this.#transport;
    return { bytesRead, bytesWritten, transportBytesRead, transportBytesWritten };
  }

  #common() {
    return { socket: this.#socket, role: this.#config.role, elapsed: performance.now() - this.#began };
  }
}
