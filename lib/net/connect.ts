/** Opens a connection to a server. */
import { connect as connectTcp, type NetConnectOpts } from 'node:net';
import { addAbortSignal, type Duplex } from 'node:stream';
import { pqError } from '../errors.js';
import { parseSecureOptions, type SecureOptions } from './options.js';
import { PqSocket } from './pq-socket.js';

/** Where to: `host` and `port`, a Unix socket's `path`, or a transport that exists. */
export interface ConnectOptions extends SecureOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  /** A connected (or connecting) Duplex to use instead of a new TCP connection. */
  readonly socket?: Duplex | undefined;
  /** Ends the connection, at any time, with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

const NAMES = ['host', 'port', 'path', 'socket', 'signal'];

/**
 * Connects and begins the handshake. What is written before its end waits; 'secureConnect' comes with it.
 *
 * @param onSecureConnect called once, when the handshake is complete
 * @throws PQ_ERR_INVALID_OPTION
 */
export function connect(options: ConnectOptions, onSecureConnect?: () => void): PqSocket {
  const config = parseSecureOptions('client', options, NAMES);
  const socket = new PqSocket(openTransport(options), config);
  if (options.signal !== undefined) addAbortSignal(options.signal, socket);
  if (onSecureConnect !== undefined) socket.once('secureConnect', onSecureConnect);
  return socket;
}

/** The transport stays half open, so that records that are under way in our direction are not cut off. */
function openTransport({ host, port, path, socket }: ConnectOptions): Duplex {
  if (socket !== undefined) return socket;
  if (path === undefined && port === undefined) {
    throw pqError('PQ_ERR_INVALID_OPTION', 'where to connect to is missing: give port and host, path, or socket');
  }
  const where = path === undefined ? { port, host } : { path };
  return connectTcp({ ...where, noDelay: true, allowHalfOpen: true } as NetConnectOpts);
}
