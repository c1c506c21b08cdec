// @ts-check
/** What each rival has to offer: connections that both sides have secured in full, each in its own way. */
import { PlainTransport } from './plain.mjs';
import { PqTransport } from './pq.mjs';
import { TlsTransport } from './tls.mjs';

/**
 * Both sides of a rival; a process uses one of them. They are called in this order: `introduce` of the clients, `listen`
 * of the server, `meet` of the client, and then `open`. What the two tell each other goes through JSON.
 *
 * @typedef {object} Transport
 * @property {() => Promise<unknown>} introduce what the server must know of the client
 * @property {(introduction: any, take: Take, fail: Fail) => Promise<unknown>} listen what the client must know
 * @property {(invitation: any) => void} meet
 * @property {(take: Take) => Duplex} open `take` is called when the handshake is complete
 * @property {() => number} [signatures] made by this process so far
 */

/** @typedef {import('node:stream').Duplex} Duplex */
/** @typedef {(socket: Duplex) => void} Take with a connection whose peer is authenticated */
/** @typedef {(error: Error) => void} Fail with the error of a connection that never became one */

/** @type {Record<string, new (settings: any) => Transport>} */
const TRANSPORTS = { pqsock: PqTransport, tls: TlsTransport, tcp: PlainTransport };

/**
 * @param {string} name
 * @param {unknown} settings
 * @returns {Transport}
 */
export function makeTransport(name, settings) {
  const Found = TRANSPORTS[name];
  if (Found === undefined) throw new Error(`no transport ${name}`);
  return new Found(settings);
}
