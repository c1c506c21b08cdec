/** How undici, and with it `fetch`, gets connections that are ours. It imports nothing of undici. */
import type { PqSocket } from '../net/pq-socket.js';
import { type ClientOptions, connectFor, splitOptions } from './client-options.js';

/** Where undici wants to be connected to; it says more, which has no meaning here. */
export interface UndiciPlace {
  readonly hostname: string;
  /** Empty for the protocol's own. */
  readonly port: string;
  readonly protocol: string;
}

/** Called once: with a socket whose handshake is complete, or with the error. Undici's type wants a net.Socket. */
export type UndiciCallback = (...outcome: [error: null, socket: never] | [error: Error, socket: null]) => void;

/** The `connect` of undici’s agents: makes a socket for a place, and calls back once. */
export type UndiciConnector = (place: UndiciPlace, callback: UndiciCallback) => void;

/**
 * For undici's option `connect`: `new Agent({ connect: undiciConnector({ identity, trust }) })`. The addresses may be
 * `http://` or `https://`, which differ in the port that they stand for, and in nothing else.
 *
 * @throws PQ_ERR_INVALID_OPTION
 */
export function undiciConnector(options: ClientOptions): UndiciConnector {
  const { ours } = splitOptions(options, []);
  return ({ hostname, port, protocol }, callback) => {
    let socket: PqSocket;
    try {
      socket = connectFor(ours, { host: hostname, port: port || DEFAULT_PORTS[protocol] });
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    let settled = false;
    const settle = (...outcome: Parameters<UndiciCallback>): void => {
      if (settled) return;
      settled = true;
      callback(...outcome);
    };
    socket.once('secureConnect', () => settle(null, socket as never));
    // It stays: an error may come when undici has taken its own listeners off.
    socket.on('error', (error) => settle(error, null));
  };
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
