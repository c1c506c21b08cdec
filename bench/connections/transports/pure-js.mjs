// @ts-check
/**
 * pqsock with other primitives in place of the addon's, and all else as it is, but for a server's limits: these spare
 * it lattice work that would wait on threads, and here it is done on the event loop at once.
 */
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { randomBytes } from '../../../dist/crypto/random.js';
import { startHardenedClient } from '../../../dist/handshake/hardened/client.js';
import { startHardenedServer } from '../../../dist/handshake/hardened/server.js';
import { Identity } from '../../../dist/keys/identity.js';
import { RECORD_SIZE } from '../../../dist/limits.js';
import { connectionLimits } from '../../../dist/net/limits.js';
import { parseSecureOptions } from '../../../dist/net/options.js';
import { PqSocket } from '../../../dist/net/pq-socket.js';
import { RANDOM_LENGTH } from '../../../dist/wire/hello.js';
import { noblePrimitives } from './noble-primitives.mjs';

/**
 * @typedef {import('../../../dist/crypto/suites.js').SuiteName} SuiteName
 * @typedef {import('../../../dist/handshake/hardened/parts.js').HardenedConfig} HardenedConfig
 * @typedef {{ identity: Identity, trust: string | string[] }} Options
 */

/**
 * What the transport uses of pqsock.
 *
 * @param {SuiteName} suite
 */
export async function loadPureJs(suite) {
  const primitives = await noblePrimitives(suite);
  const parse = (/** @type {'client' | 'server'} */ role, /** @type {Options} */ options) => {
    const config = parseSecureOptions(role, options, []);
    const start = role === 'client' ? startHardenedClient : startHardenedServer;
    /** @type {HardenedConfig} */
    const handshake = {
      identities: [options.identity],
      suites: [suite],
      prologue: new Uint8Array(0),
      allowOwnKey: false,
      batchSignatures: false,
      records: { ...connectionLimits(role), padding: 1, maxRecordSize: RECORD_SIZE },
      primitives: () => primitives,
      couldAccept: (algorithm) => config.policy.couldAccept(algorithm),
      knows: (fingerprint) => config.policy.knows(fingerprint),
      random: () => randomBytes(RANDOM_LENGTH),
    };
    return { ...config, startMachine: (/** @type {Parameters<typeof start>[1]} */ out) => start(handshake, out) };
  };
  return {
    Identity,

    /**
     * @param {Options & { port: number, host: string }} options
     * @param {() => void} onSecureConnect
     */
    connect({ port, host, ...options }, onSecureConnect) {
      const transport = connectTcp({ port, host, noDelay: true, allowHalfOpen: true });
      return new PqSocket(transport, parse('client', options)).once('secureConnect', onSecureConnect);
    },

    /**
     * @param {Options} options
     * @param {(socket: PqSocket) => void} onSecureConnection
     */
    createServer(options, onSecureConnection) {
      const config = parse('server', options);
      const server = createTcpServer({ noDelay: true, allowHalfOpen: true }, (transport) => {
        const socket = new PqSocket(transport, config);
        const early = (/** @type {Error} */ error) => server.emit('clientError', error);
        socket.on('error', early);
        socket.once('secureConnect', () => {
          socket.off('error', early);
          onSecureConnection(socket);
        });
      });
      return server;
    },
  };
}
