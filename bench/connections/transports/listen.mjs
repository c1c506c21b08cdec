// @ts-check
/** Lets a server listen on this machine. */
import { once } from 'node:events';

/** Where all servers listen and all clients connect to. */
export const HOST = '127.0.0.1';

/**
 * @param {import('node:net').Server | import('node:tls').Server | import('pqsock').PqServer} server
 * @returns {Promise<number>} the port
 */
export async function listen(server) {
  server.listen(0, HOST);
  await once(/** @type {import('node:events').EventEmitter} */ (server), 'listening');
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}
