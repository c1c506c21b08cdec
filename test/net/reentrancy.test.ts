/** Transports in memory deliver within the call that writes: the peer answers before that call has returned. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { connect, createServer } from '../../lib/index.js';
import { type Identities, identities } from '../support/pair.js';
import { fateOf } from './fate.js';
import { connectedInMemory } from './in-memory.js';

let both: Identities;
beforeAll(async () => {
  both = await identities();
});

it('a server may write as soon as it is told of the connection, and end it', async () => {
  const [near, far] = duplexPair();
  const server = createServer({ identity: both.server, trust: 'any' }, (socket) => void socket.end('at once'));
  server.emit('connection', far);
  const client = connect({ identity: both.client, trust: both.server.fingerprint, socket: near });
  const told: string[] = [];
  client.on('secureConnect', () => void told.push('secureConnect'));
  client.on('data', (chunk) => void told.push(String(chunk)));
  const { error } = await fateOf(client);
  expect(error).toBeUndefined();
  expect(told).toEqual(['secureConnect', 'at once']);
});

it('what comes before the client begins is taken', async () => {
  const [near, far] = duplexPair();
  createServer({ identity: both.server, trust: 'any' }).emit('connection', far);
  const client = connect({ identity: both.client, trust: both.server.fingerprint, socket: near });
  client.read(); // so that the transport flows already when the server, which is first, says its hello
  await once(client, 'secureConnect');
  expect(client.authorized).toBe(true);
});

it.each([
  ['KEY_UPDATE', { keyRecords: 2 }],
  ['REKEY', { rekeyInterval: 1, rekeyLeast: 0 }],
  ['both', { keyRecords: 3, keyAge: 1, rekeyInterval: 1, rekeyLeast: 0 }],
])('keys are renewed in the right order under %s, whatever the peer answers in the middle of it', async (_, limits) => {
  const options = { limits, maxRecordSize: 1000, allowHalfOpen: true };
  const { client, server } = await connectedInMemory(both, { client: options, server: options });
  server.on('data', (chunk) => void server.write(chunk)).on('end', () => server.end());
  const data = randomBytes(1_000_000);
  client.end(data);
  expect((await buffer(client)).equals(data)).toBe(true);
});
