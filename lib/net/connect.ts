/** Opens a connection to a server. */
import { addAbortSignal, type Duplex } from 'node:stream';
import { pqError } from '../errors.js';
import type { Dialled } from '../trust/policy.js';
import { checkOnRead, type OnRead } from './buffer-inlet.js';
import { invalid, isDuplex } from './option-checks.js';
import { parseSecureOptions, type SecureOptions } from './options.js';
import { openOwnTransport } from './own-transport.js';
import { PqSocket } from './pq-socket.js';
import { CLIENT_ACCOUNT } from './server-load.js';

/** A TCP port, of this machine unless said otherwise. */
export interface PortPlace {
  readonly port: number;
  readonly host?: string | undefined;
  readonly path?: undefined;
  readonly socket?: undefined;
}

/** A Unix socket. */
export interface PathPlace {
  readonly path: string;
  readonly host?: undefined;
  readonly port?: undefined;
  readonly socket?: undefined;
}

/** A connected (or connecting) Duplex to use instead of a new connection. */
export interface SocketPlace {
  readonly socket: Duplex;
  readonly host?: undefined;
  readonly port?: undefined;
  readonly path?: undefined;
}

/** Where to, who we are, and whom we expect there. */
export type ConnectOptions = SecureOptions &
  (PortPlace | PathPlace | SocketPlace) & {
    /** Ends the connection, at any time, with an AbortError. */
    readonly signal?: AbortSignal | undefined;
    /** Reads into memory that is used again and again, instead of 'data': the fastest way to receive. */
    readonly onread?: OnRead | undefined;
  };

const NAMES = ['host', 'port', 'path', 'socket', 'signal', 'onread'];

/**
 * Connects and begins the handshake. What is written before its end waits; 'secureConnect' comes with it.
 *
 * @param onSecureConnect called once, when the handshake is complete
 * @throws PQ_ERR_INVALID_OPTION
 */
export function connect(options: ConnectOptions, onSecureConnect?: () => void): PqSocket {
  const config = parseSecureOptions('client', options, NAMES, dialledBy(options));
  checkPlace(options);
  checkOnRead(options.onread);
  if (onSecureConnect !== undefined && typeof onSecureConnect !== 'function') {
    throw pqError('PQ_ERR_INVALID_ARGUMENT', 'what is called when the connection is secure must be a function');
  }
  const socket = new PqSocket(openTransport(options), config, CLIENT_ACCOUNT, options.onread);
  if (options.signal !== undefined) addAbortSignal(options.signal, socket);
  if (onSecureConnect !== undefined) socket.once('secureConnect', onSecureConnect);
  return socket;
}

/** What the server is called, for policies that go by names. */
function dialledBy({ host = 'localhost', port }: ConnectOptions): Dialled {
  return { host: port === undefined ? undefined : host, port };
}

/** Everything is checked before there is a transport: a wrong option must not leave one behind. */
function checkPlace({ host, port, path, socket, signal }: ConnectOptions): void {
  if (signal !== undefined && !isAbortSignal(signal)) throw invalid('signal must be an AbortSignal');
  if (socket !== undefined && !isDuplex(socket)) throw invalid('socket must be a stream.Duplex');
  if (path !== undefined && (typeof path !== 'string' || path === '')) throw invalid('path must be a text');
  if (host !== undefined && typeof host !== 'string') throw invalid('host must be a text');
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw invalid('port must be a whole number from 1 to 65535');
  }
  const places = [port, path, socket].filter((place) => place !== undefined);
  if (places.length === 1 && (host === undefined || port !== undefined)) return;
  throw invalid('where to connect to must be given, and once: port (with a host, if it is another), path, or socket');
}

/** Node would find out that it can't be listened to, but only once there is a socket. */
function isAbortSignal(value: AbortSignal | null): boolean {
  return typeof value?.aborted === 'boolean' && typeof value.addEventListener === 'function';
}

function openTransport(place: ConnectOptions): Duplex {
  if (place.socket !== undefined) return place.socket;
  return openOwnTransport(place.path === undefined ? { port: place.port, host: place.host } : { path: place.path });
}
