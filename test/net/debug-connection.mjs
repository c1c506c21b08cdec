// @ts-check
/**
 * A connection, and one that is refused, with the key log on standard output; NODE_DEBUG is the caller's to set. With
 * the argument `throw` every subscriber of a diagnostics channel throws.
 */
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { connect, createServer, Identity } from '../../dist/index.js';

if (process.argv[2] === 'throw') {
  process.on('uncaughtException', ({ message }) => void process.stdout.write(`uncaught: ${message}\n`));
  for (const name of ['handshake:step', 'connection:open', 'connection:error', 'connection:close']) {
    subscribe(`pqsock:${name}`, () => {
      throw new Error('a broken subscriber');
    });
  }
}

const [ours, theirs, stranger] = await Promise.all([Identity.generate(), Identity.generate(), Identity.generate()]);
const server = createServer({ identity: ours, trust: theirs.fingerprint }, (socket) => void socket.pipe(socket));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const options = { host: '127.0.0.1', port, trust: ours.fingerprint };

const client = connect({ ...options, identity: theirs, allowHalfOpen: true });
client.on('keylog', (line) => process.stdout.write(line));
const words = 'words that nobody else may read';
client.end(words);
if ((await text(client)) === words) process.stdout.write('the data came back\n');

const refused = connect({ ...options, identity: stranger });
await once(refused, 'error').catch(() => {});
server.close();
