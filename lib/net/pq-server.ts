/** A server: takes transports, and gives out connections whose handshake is complete. */
import { EventEmitter } from 'node:events';
import { createServer as createTcpServer, type DropArgument, type ListenOptions, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { pqError } from '../errors.js';
import { trustPolicy } from '../trust/policy.js';
import type { Refusal } from './admission.js';
import { type ServerLimits, serverLimits } from './limits.js';
import { invalid, isDuplex } from './option-checks.js';
import { type HardenedOptions, parseSecureOptions, type SecureConfig, type SecureOptions } from './options.js';
import { PqSocket } from './pq-socket.js';
import { ServerLoad } from './server-load.js';

/** The options of `createServer`, with the limits of servers. */
export type ServerOptions = SecureOptions<ServerLimits>;

/** Where a connection came from that ended before its handshake was complete. */
export interface ClientErrorInfo {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/** A connection that was closed at once: where it came from, and why. */
export interface DropInfo extends DropArgument {
  /** `'max-connections'`: `maxConnections`; the others are limits: all handshakes, at random, one address's. */
  readonly reason: 'max-connections' | Refusal;
}

/** A transport, and what it may say about where it is. */
type MaybeSocket = Duplex & Partial<DropArgument>;

interface ServerEvents {
  secureConnection: [socket: PqSocket];
  /** A connection that ended before 'secureConnection'. Nothing has to be done for it. */
  clientError: [error: Error, info: ClientErrorInfo];
  /** A transport; emit it for one of your own, which must be a Duplex of bytes and emit 'close' at its end. */
  connection: [transport: Duplex];
  drop: [info: DropInfo];
  /** A line of the key log, for whoever must decrypt a capture; a Buffer. */
  keylog: [line: Buffer, socket: PqSocket];
  listening: [];
  close: [];
  error: [error: Error];
}

/** A server: takes transports, and gives out connections whose handshake is complete. */
export class PqServer extends EventEmitter<ServerEvents> {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #load: ServerLoad;
  /** Each transport and its connection; a transport may be there a little longer. */
  readonly #connections = new Map<Duplex, PqSocket>();
  #config: SecureConfig;

  constructor(options: ServerOptions, onSecureConnection?: (socket: PqSocket) => void) {
    super();
    if (onSecureConnection !== undefined && typeof onSecureConnection !== 'function') {
      throw pqError('PQ_ERR_INVALID_ARGUMENT', 'what is called with each connection must be a function');
    }
    this.#config = parseSecureOptions('server', options, []);
    this.#options = { ...options, trust: trustPolicy(options.trust) }; // a list as it is now, for setIdentity
    this.#load = new ServerLoad(serverLimits(options.limits), this.#config.batchSignatures);
    this.#server = createTcpServer({ noDelay: true, allowHalfOpen: true });
    this.#server.on('connection', (transport) => this.emit('connection', transport));
    this.#server.on('listening', () => this.emit('listening'));
    this.#server.on('close', () => this.emit('close'));
    this.#server.on('error', (error) => this.emit('error', error));
    this.#server.on('drop', (info) => this.emit('drop', { ...info, reason: 'max-connections' } as DropInfo));
    this.on('connection', (transport) => this.#accept(transport));
    if (onSecureConnection !== undefined) this.on('secureConnection', onSecureConnection);
  }

  /** As net.Server's: a port and host, a path, a handle, or an object of options with an AbortSignal. */
  listen(port?: number, host?: string, backlog?: number, onListening?: () => void): this;
  listen(port?: number, host?: string, onListening?: () => void): this;
  listen(port?: number, onListening?: () => void): this;
  listen(path: string, onListening?: () => void): this;
  listen(options: ListenOptions, onListening?: () => void): this;
  listen(handle: Server | { fd: number }, onListening?: () => void): this;
  listen(...args: unknown[]): this {
    this.#server.listen(...(args as [number]));
    return this;
  }

  /** As net.Server's: takes no more connections; 'close' comes when the open ones have ended. */
  close(callback?: (error?: Error) => void): this {
    this.#server.close(callback);
    return this;
  }

  /** Ends all connections at once, also those whose handshake is under way. */
  closeAllConnections(): void {
    for (const [transport, socket] of this.#connections) {
      socket.destroy();
      transport.destroy();
    }
  }

  /** As net.Server's: how many transports that came through `listen` are open, also before their handshake's end. */
  getConnections(callback: (error: Error | null, count: number) => void): this {
    this.#server.getConnections(callback);
    return this;
  }

  /** As net.Server's. */
  address(): ReturnType<Server['address']> {
    return this.#server.address();
  }

  /** As net.Server's: connections beyond this number are closed at once; see 'drop'. */
  get maxConnections(): number {
    return this.#server.maxConnections;
  }

  set maxConnections(count: number) {
    this.#server.maxConnections = count;
  }

  /** As of net.Server. */
  get listening(): boolean {
    return this.#server.listening;
  }

  /** Keeps the process alive while the server listens, as it does from the start. */
  ref(): this {
    this.#server.ref();
    return this;
  }

  /** Lets the process end although the server listens. */
  unref(): this {
    this.#server.unref();
    return this;
  }

  /**
   * Another identity, or others, for all connections that come from now on; open ones go on. Clients that know only the
   * old key are not refused as long as it is among them: `[new, old]`.
   *
   * @throws PQ_ERR_INVALID_OPTION, also if one of the option `suites` would be without a key: nothing is changed then
   */
  setIdentity(identity: HardenedOptions['identity']): void {
    if (this.#options.profile === 'seed') throw invalid('the identity of a server of the seed profile stays as it is');
    this.#config = parseSecureOptions('server', { ...this.#options, identity }, []);
  }

  #accept(transport: MaybeSocket): void {
    if (!isDuplex(transport)) throw pqError('PQ_ERR_INVALID_ARGUMENT', 'a transport must be a stream.Duplex');
    const { remoteAddress, remotePort } = transport;
    const account = this.#load.admit(remoteAddress);
    if (typeof account === 'string') {
      this.#drop(transport, account);
      return;
    }
    const socket = new PqSocket(transport, this.#config, account);
    this.#connections.set(transport, socket);
    const gone = () => {
      this.#connections.delete(transport);
      account.done();
    };
    if (transport.closed) gone();
    else transport.on('close', gone);
    if (this.listenerCount('keylog') > 0) socket.on('keylog', (line: Buffer) => this.emit('keylog', line, socket));
    const early = (error: Error) => this.emit('clientError', error, { remoteAddress, remotePort });
    socket.on('error', early);
    socket.once('secureConnect', () => {
      socket.off('error', early);
      this.emit('secureConnection', socket);
    });
  }

  #drop(transport: MaybeSocket, reason: DropInfo['reason']): void {
    const { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily } = transport;
    transport.on('error', () => {}); // it is closed, and that is all
    transport.destroy();
    const where = { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily };
    this.emit('drop', { ...where, reason } as DropInfo);
  }
}

/**
 * Makes a server. It is not listening yet.
 *
 * @param onSecureConnection called with each connection whose handshake is complete
 * @throws PQ_ERR_INVALID_OPTION
 */
export function createServer(options: ServerOptions, onSecureConnection?: (socket: PqSocket) => void): PqServer {
  return new PqServer(options, onSecureConnection);
}
