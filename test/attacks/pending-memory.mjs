// @ts-check
/** A server in a process of its own, which says how much memory its handshakes take. Run with --expose-gc. */
import { createServer, Identity } from '../../dist/index.js';

const server = createServer({ identity: await Identity.generate(), trust: 'any' });
/** @type {import('node:net').Socket[]} */
const transports = [];
server.on('connection', (transport) => transports.push(/** @type {import('node:net').Socket} */ (transport)));
server.on('clientError', () => {});
server.listen(0, '127.0.0.1', () => process.send?.({ port: /** @type {{ port: number }} */ (server.address()).port }));

// The message is how many bytes of the clients are to have come before memory is measured.
process.on('message', async (/** @type {number} */ bytes) => {
  while (transports.reduce((sum, { bytesRead }) => sum + bytesRead, 0) < bytes) await new Promise(setImmediate);
  for (let i = 0; i < 3; i += 1) {
    await new Promise(setImmediate);
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ used: heapUsed + external });
});
