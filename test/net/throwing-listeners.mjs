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
const server = createServer({ identity: ours, trust: theirs.fingerprint, maxRecordSize: 2 }, (socket) => {
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

// The same with onread: what comes after the exception is not lost, whether it was opened already or not.
/** @type {string[]} */
const read = [];
for (const size of [2, 4]) {
  let text = '';
  /** @param {number} length @param {Uint8Array} buffer */
  const callback = (length, buffer) => {
    text += String(Buffer.from(buffer.subarray(0, length)));
    if (text === 'th') throw new Error('onread');
  };
  const onread = { buffer: new Uint8Array(size), callback };
  const other = connect({ host: '127.0.0.1', port, identity: theirs, trust: ours.fingerprint, onread });
  other.write('there');
  while (text !== 'there') await new Promise(setImmediate);
  read.push(text);
  const over = once(other, 'close');
  other.end();
  await over;
}
server.close();
process.stdout.write(JSON.stringify({ received, read, uncaught: uncaught.sort() }));
