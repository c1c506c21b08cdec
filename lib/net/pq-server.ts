/** A server: takes transports, and gives out connections whose handshake is complete. */
import { EventEmitter } from 'node:events';
import { createServer as createTcpServer, type ListenOptions, type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { parseSecureOptions, type SecureConfig, type SecureOptions } from './options.js';
import { PqSocket } from './pq-socket.js';

export type ServerOptions = SecureOptions;

/** Where a connection came from that ended before its handshake was complete. */
export interface ClientErrorInfo {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

interface ServerEvents {
  secureConnection: [socket: PqSocket];
  /** A connection that ended before 'secureConnection'. Nothing has to be done for it. */
  clientError: [error: Error, info: ClientErrorInfo];
  /** A transport; emit it for one of your own. */
  connection: [transport: Duplex];
  listening: [];
  close: [];
  error: [error: Error];
}

export class PqServer extends EventEmitter<ServerEvents> {
  readonly #config: SecureConfig;
  readonly #server: Server;
  readonly #sockets = new Set<PqSocket>();

  constructor(options: ServerOptions, onSecureConnection?: (socket: PqSocket) => void) {
    super();
    this.#config = parseSecureOptions('server', options, []);
    this.#server = createTcpServer({ noDelay: true, allowHalfOpen: true });
    this.#server.on('connection', (transport) => this.emit('connection', transport));
    this.#server.on('listening', () => this.emit('listening'));
    this.#server.on('close', () => this.emit('close'));
    this.#server.on('error', (error) => this.emit('error', error));
    this.on('connection', (transport) => this.#accept(transport));
    if (onSecureConnection !== undefined) this.on('secureConnection', onSecureConnection);
  }

  /** As net.Server's: a port and host, a path, or an object of options. */
  listen(port?: number, host?: string, onListening?: () => void): this;
  listen(port: number, onListening?: () => void): this;
  listen(path: string, onListening?: () => void): this;
  listen(options: ListenOptions, onListening?: () => void): this;
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
    for (const socket of this.#sockets) socket.destroy();
  }

  /** As net.Server's. */
  address(): ReturnType<Server['address']> {
    return this.#server.address();
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  #accept(transport: Duplex): void {
    const { remoteAddress, remotePort }: Partial<Socket> = transport instanceof Socket ? transport : {};
    const socket = new PqSocket(transport, this.#config);
    this.#sockets.add(socket);
    const early = (error: Error) => this.emit('clientError', error, { remoteAddress, remotePort });
    socket.on('error', early);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.once('secureConnect', () => {
      socket.off('error', early);
      this.emit('secureConnection', socket);
    });
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
