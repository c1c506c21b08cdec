/** Where a client connects to. */
import type { Duplex } from 'node:stream';
import { invalid, isDuplex } from './option-checks.js';
import { openOwnTransport } from './own-transport.js';

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

export type Place = (PortPlace | PathPlace | SocketPlace) & {
  /** Ends the connection, at any time, with an AbortError. */
  readonly signal?: AbortSignal | undefined;
};

export const PLACE_NAMES = ['host', 'port', 'path', 'socket', 'signal'] as const satisfies readonly (keyof Place)[];

/**
 * Everything is checked before there is a transport: a wrong option must not leave one behind.
 *
 * @throws PQ_ERR_INVALID_OPTION
 */
export function checkPlace({ host, port, path, socket, signal }: Place): void {
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

/** The transport: that of the caller, or a new one, which reads into memory that is lent (`own-transport.ts`). */
export function openPlace(place: Place): Duplex {
  if (place.socket !== undefined) return place.socket;
  return openOwnTransport(place.path === undefined ? { port: place.port, host: place.host } : { path: place.path });
}

/** Node would find out that it can't be listened to, but only once there is a socket. */
function isAbortSignal(value: AbortSignal | null): boolean {
  return typeof value?.aborted === 'boolean' && typeof value.addEventListener === 'function';
}
