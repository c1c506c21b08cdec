/**
 * A Duplex with the members of net.Socket and tls.TLSSocket that the clients of the ecosystem call, over a transport
 * that may or may not be a net.Socket. It knows nothing of the protocol, and emits no 'connect' of its own.
 */
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { pqError } from '../errors.js';
import { isDuplex, LONGEST_TIMEOUT } from './option-checks.js';

export interface SocketLikeOptions {
  readonly allowHalfOpen: boolean;
  /** Bytes that may wait to be read. */
  readonly highWaterMark?: number | undefined;
  /** The application's protocol that both sides have agreed on, or false; as in tls.TLSSocket. */
  readonly alpnProtocol: string | false;
  readonly servername?: string | undefined;
}

/** As in net.Socket. */
export type ReadyState = 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed';

/** The subclass calls {@link SocketLike.touch}, adds to the two counters, and ends its `_destroy` with this one's. */
export abstract class SocketLike extends Duplex {
  /** Always true: who asks wants to know whether the connection is as good as TLS. */
  readonly encrypted = true;
  /** Always null: a peer that isn't trusted has no connection. */
  readonly authorizationError = null;
  readonly alpnProtocol: string | false;
  readonly servername: string | undefined;
  /** Milliseconds, as last given to `setTimeout`; undefined before that. */
  timeout: number | undefined;

  /** Plaintext bytes that have come. */
  protected plaintextRead = 0;
  /** Plaintext bytes of writes that are done: what still waits is counted by the stream itself. */
  protected plaintextWritten = 0;

  readonly #transport: Transport;
  #remote = NOWHERE;
  #idle: NodeJS.Timeout | undefined;
  #idleLimit: NodeJS.Timeout | undefined;

  /** @throws PQ_ERR_INVALID_ARGUMENT unless the transport is a Duplex */
  constructor(transport: Duplex, options: SocketLikeOptions) {
    super({ allowHalfOpen: options.allowHalfOpen, readableHighWaterMark: options.highWaterMark });
    if (!isDuplex(transport)) throw pqError('PQ_ERR_INVALID_ARGUMENT', 'a transport must be a stream.Duplex');
    this.alpnProtocol = options.alpnProtocol;
    this.servername = options.servername;
    this.#transport = transport;
    this.#rememberRemote();
    if (this.#remote === NOWHERE) {
      transport.once('connect', () => this.#rememberRemote());
      transport.on('lookup', (...found) => this.emit('lookup', ...found));
    }
    // Else a peer that takes a long write slowly would look idle.
    transport.on('drain', () => this.touch());
  }

  /** Whether the handshake is still to be completed; false after the end in any case. */
  abstract get connecting(): boolean;

  /** Whether the handshake was completed, so that the peer is who we trust; that stays so after the end. */
  abstract get authorized(): boolean;

  /** Whether it can't be used now: not connected yet, or over. */
  get pending(): boolean {
    return this.connecting || this.destroyed;
  }

  /** As of net.Socket; it is `opening` until the handshake is complete. */
  get readyState(): ReadyState {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Does nothing: connecting was begun when the socket was made. Some clients call it on every socket. */
  connect(..._where: unknown[]): this {
    return this;
  }

  /** Passed to the transport, if it has it. */
  setNoDelay(noDelay?: boolean): this {
    this.#transport.setNoDelay?.(noDelay);
    return this;
  }

  /** Passed to the transport, if it has it. */
  setKeepAlive(enable?: boolean, initialDelay?: number): this {
    this.#transport.setKeepAlive?.(enable, initialDelay);
    return this;
  }

  /** Passed to the transport, if it has it. */
  ref(): this {
    this.#transport.ref?.();
    return this;
  }

  /** Passed to the transport, if it has it. */
  unref(): this {
    this.#transport.unref?.();
    return this;
  }

  /**
   * 'timeout' comes after that many milliseconds without traffic, and again after traffic and as many without; 0 turns
   * it off. Nothing else happens then: the socket stays open. More than 24.8 days are 24.8 days.
   *
   * @param onTimeout called once, with the next 'timeout'; with 0 it is no longer called
   * @throws PQ_ERR_INVALID_ARGUMENT
   */
  setTimeout(milliseconds: number, onTimeout?: () => void): this {
    if (this.destroyed) return this;
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw pqError('PQ_ERR_INVALID_ARGUMENT', 'a timeout must be a number of milliseconds, 0 for none');
    }
    if (onTimeout !== undefined && typeof onTimeout !== 'function') {
      throw pqError('PQ_ERR_INVALID_ARGUMENT', 'what is called upon the timeout must be a function');
    }
    this.timeout = milliseconds;
    this.#stopIdle();
    if (milliseconds > 0) {
      // As net.Socket's: waiting for nothing to happen keeps no process alive.
      this.#idle = setTimeout(() => this.#expire(), Math.min(milliseconds, LONGEST_TIMEOUT)).unref();
      if (onTimeout !== undefined) this.once('timeout', onTimeout);
    } else if (onTimeout !== undefined) {
      this.removeListener('timeout', onTimeout);
    }
    return this;
  }

  /** Our end of the transport, as net.Socket's; without members if it has none, or no more. */
  address(): AddressInfo | Record<string, never> {
    return (this.#transport.address?.() as AddressInfo | undefined) ?? {};
  }

  /** Our end of the transport. */
  get localAddress(): string | undefined {
    return this.#transport.localAddress;
  }

  /** Of our end of the transport. */
  get localPort(): number | undefined {
    return this.#transport.localPort;
  }

  /** `IPv4` or `IPv6`, of our end of the transport. */
  get localFamily(): string | undefined {
    return this.#transport.localFamily;
  }

  /** The peer's end of the transport. Like its port and family it is remembered after the end. */
  get remoteAddress(): string | undefined {
    return this.#remote.address;
  }

  /** Of the peer’s end of the transport. */
  get remotePort(): number | undefined {
    return this.#remote.port;
  }

  /** `IPv4` or `IPv6`, of the peer’s end of the transport. */
  get remoteFamily(): string | undefined {
    return this.#remote.family;
  }

  /** Bytes of data that have come, not of the protocol. */
  get bytesRead(): number {
    return this.plaintextRead;
  }

  /** Bytes of data that were written, including those that wait. */
  get bytesWritten(): number {
    return this.plaintextWritten + this.writableLength;
  }

  /** Ends our side, and destroys the socket once everything was handed over. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** There are no certificates: see `getPeerPublicKey`. */
  getPeerCertificate(): Record<string, never> {
    return {};
  }

  /** No session of TLS. */
  getSession(): undefined {
    return undefined;
  }

  /** As of tls.TLSSocket: nothing is resumed. */
  isSessionReused(): boolean {
    return false;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopIdle();
    clearTimeout(this.#idleLimit);
    callback(error);
  }

  /** There was traffic: the time until 'timeout' begins anew. */
  protected touch(): void {
    this.#idle?.refresh();
    this.#idleLimit?.refresh();
  }

  /** Ends the socket with PQ_ERR_TIMEOUT after so many milliseconds without traffic. */
  protected limitIdleness(limit: number): void {
    const expire = () => this.destroy(pqError('PQ_ERR_TIMEOUT', `there was no data for ${limit} ms: see idleTimeout`));
    this.#idleLimit = setTimeout(expire, limit).unref();
  }

  #expire(): void {
    if (!this.destroyed) this.emit('timeout');
  }

  #stopIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  #rememberRemote(): void {
    const { remoteAddress: address, remotePort: port, remoteFamily: family } = this.#transport;
    if (address !== undefined) this.#remote = { address, port, family };
  }
}

/** What a transport may have besides. */
type Transport = Duplex &
  Partial<
    Pick<
      Socket,
      | 'setNoDelay'
      | 'setKeepAlive'
      | 'ref'
      | 'unref'
      | 'address'
      | 'localAddress'
      | 'localPort'
      | 'localFamily'
      | 'remoteAddress'
      | 'remotePort'
      | 'remoteFamily'
    >
  >;

interface Remote {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly family?: string | undefined;
}

/** Of a transport that is not connected yet, or isn't TCP. */
const NOWHERE: Remote = {};
