/** Opens a connection to a server. */
import { addAbortSignal } from 'node:stream';
import { pqError } from '../errors.js';
import type { Dialled } from '../trust/policy.js';
import { checkOnRead, type OnRead } from './buffer-inlet.js';
import { parseSecureOptions, type SecureOptions } from './options.js';
import { checkPlace, openPlace, PLACE_NAMES, type Place } from './place.js';
import { PqSocket } from './pq-socket.js';
import { CLIENT_ACCOUNT } from './server-load.js';

/** Where to, who we are, and whom we expect there. */
export type ConnectOptions = SecureOptions &
  Place & {
    /** Reads into memory that is used again and again, instead of 'data': the fastest way to receive. */
    readonly onread?: OnRead | undefined;
  };

const NAMES = [...PLACE_NAMES, 'onread'];

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
  const socket = new PqSocket(openPlace(options), config, CLIENT_ACCOUNT, options.onread);
  if (options.signal !== undefined) addAbortSignal(options.signal, socket);
  if (onSecureConnect !== undefined) socket.once('secureConnect', onSecureConnect);
  return socket;
}

/** What the server is called, for policies that go by names. */
function dialledBy({ host = 'localhost', port }: ConnectOptions): Dialled {
  return { host: port === undefined ? undefined : host, port };
}
