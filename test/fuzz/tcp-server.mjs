// @ts-check
/**
 * A server of ours that stays, and clients of ours that come and go: what they hear over TCP is the test's affair.
 * It says what they end with, and how much is left of them. Run with --expose-gc.
 */
import { createServer as createTcpServer } from 'node:net';
import { connect, createServer, Identity } from '../../dist/index.js';

const identity = await Identity.generate();
/** What connections have ended with, and how often. @type {Record<string, number>} */
let codes = {};
let wrong = '';
/** @param {unknown} error */
const note = (error) => {
  const code = /** @type {{ code?: unknown }} */ (error)?.code;
  if (typeof code !== 'string') wrong = String(/** @type {Error} */ (error)?.stack ?? error);
  codes[String(code)] = (codes[String(code)] ?? 0) + 1;
};
process.on('unhandledRejection', (error) => {
  wrong = `unhandled rejection: ${error}`;
});
process.on('uncaughtException', (error) => {
  wrong = `uncaught exception: ${error.stack}`;
});

const limits = { faultsPerMinute: Number.POSITIVE_INFINITY };
/** What a busy machine is late with is no finding. */
const patience = { handshakeTimeout: 60_000, frameTimeout: 60_000 };
const server = createServer({ identity, trust: 'any', limits, ...patience }, (socket) => {
  codes['open'] = (codes['open'] ?? 0) + 1;
  socket.on('error', note).resume();
});
server.on('clientError', note);

// Who connects here is answered by a client: over the very transport that it has opened.
const reversed = createTcpServer({ allowHalfOpen: true }, (transport) => {
  const client = connect({ socket: transport, identity: own, trust: 'any', ...patience });
  client.on('secureConnect', () => {
    codes['open'] = (codes['open'] ?? 0) + 1;
  });
  client.on('error', note).resume();
});
const own = await Identity.generate();
/** @param {import('node:net').Server | import('../../dist/index.js').PqServer} each */
const portOf = (each) => /** @type {import('node:net').AddressInfo} */ (each.address()).port;
server.listen(0, '127.0.0.1', () => {
  reversed.listen(0, '127.0.0.1', () => {
    process.send?.({ server: portOf(server), client: portOf(reversed) });
  });
});

process.on('disconnect', () => process.exit());

// Any message asks for what there is, once nothing more is under way.
process.on('message', async () => {
  const count = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  while (count() > 0) await new Promise(setImmediate);
  for (let i = 0; i < 3; i += 1) {
    await new Promise(setImmediate);
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ used: heapUsed + external, resources: process.getActiveResourcesInfo().sort(), codes, wrong });
  codes = {};
});
