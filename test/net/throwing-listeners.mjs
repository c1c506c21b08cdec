// @ts-check
/** An application whose listeners throw, and which goes on. Prints what came of its connection, in JSON. */
import { once } from 'node:events';
import { connect, createServer, Identity } from '../../dist/index.js';

/** @type {string[]} */
const uncaught = [];
process.on('uncaughtException', ({ message }) => void uncaught.push(message));
process.on('unhandledRejection', () => void uncaught.push('a rejection'));

/** @param {string} name */
const thrower = (name) => () => {
  throw new Error(name);
};

const [ours, theirs] = await Promise.all([Identity.generate(), Identity.generate()]);
const server = createServer({ identity: ours, trust: theirs.fingerprint }, (socket) => {
  socket.on('data', (chunk) => void socket.write(chunk));
  socket.once('data', thrower('data at the server'));
});
server.on('secureConnection', thrower('secureConnection'));
server.on('keylog', thrower('keylog at the server'));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

const client = connect({ host: '127.0.0.1', port, identity: theirs, trust: ours.fingerprint });
for (const name of ['connect', 'keylog']) client.on(name, thrower(name));
/** @type {string[]} */
const received = [];
client.on('data', (chunk) => void received.push(String(chunk)));
client.once('data', thrower('data'));
for (const word of ['one', 'two', 'three']) {
  client.write(word);
  while (!received.join('').endsWith(word)) await new Promise(setImmediate);
}
const closed = once(client, 'close');
client.end();
await closed;
server.close();
process.stdout.write(JSON.stringify({ received, uncaught: uncaught.sort() }));
