/** AbortSignal on a client: before, during and after the handshake. */
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { duplexPair } from 'node:stream';
import { connect } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { clientErrorOf, errorOf } from '../support/seed-pair.js';
import { fateOf } from './fate.js';

let both: Identities;
let server: TestServer | undefined;
let silent: Server | undefined;
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  silent?.close();
  await server?.close();
  [server, silent] = [undefined, undefined];
});

const own = () => ({ identity: both.client, trust: both.server.fingerprint });

const aborted = expect.objectContaining({ name: 'AbortError', code: 'ABORT_ERR' });

it('a signal that has been given already ends the connection before anything is sent', async () => {
  const [near, far] = duplexPair();
  const sent = jest.fn();
  far.on('data', sent);
  const fate = await fateOf(connect({ ...own(), socket: near, signal: AbortSignal.abort() }));
  expect(fate).toMatchObject({ error: aborted, events: ['error', 'close'] });
  expect(sent).not.toHaveBeenCalled();
  expect(near.destroyed).toBe(true);
});

it('a signal ends a connection whose transport is connecting', async () => {
  server = await TestServer.listen(both);
  const controller = new AbortController();
  const fate = fateOf(server.connect({ signal: controller.signal }));
  controller.abort();
  expect(await fate).toMatchObject({ error: aborted, events: ['error', 'close'] });
});

it('a signal ends a handshake that waits for the server', async () => {
  silent = createTcpServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const controller = new AbortController();
  const { port } = silent.address() as AddressInfo;
  const accepted = once(silent, 'connection');
  const fate = fateOf(connect({ ...own(), host: '127.0.0.1', port, signal: controller.signal }));
  const [transport] = await accepted;
  controller.abort();
  expect(await fate).toMatchObject({ error: aborted });
  await once(transport.resume(), 'close');
});

it('a signal ends a handshake that waits for the application’s policy, and the server is told', async () => {
  server = await TestServer.listen(both);
  const refused = clientErrorOf(server.server);
  const controller = new AbortController();
  const trust = () => {
    setImmediate(() => controller.abort());
    return new Promise<boolean>(() => {});
  };
  const fate = await fateOf(server.connect({ trust, signal: controller.signal }));
  expect(fate).toMatchObject({ error: aborted, events: ['error', 'close'] });
  expect(await refused).toMatchObject({ alert: 'close_by_user' });
});

it('a signal ends an open connection, and the peer is told', async () => {
  server = await TestServer.listen(both);
  const controller = new AbortController();
  const { client, server: accepted } = await server.connected({ signal: controller.signal });
  const told = errorOf(accepted);
  const fate = fateOf(client);
  const reason = new Error('enough');
  controller.abort(reason);
  expect((await fate).error).toMatchObject({ name: 'AbortError', cause: reason });
  expect(await told).toMatchObject({ alert: 'close_by_user' });
});

it('a signal that is given after the end does nothing, and is not listened to any more', async () => {
  server = await TestServer.listen(both);
  const controller = new AbortController();
  const removed = jest.spyOn(controller.signal, 'removeEventListener');
  const { client, server: accepted } = await server.connected({ signal: controller.signal });
  accepted.resume();
  const fate = fateOf(client);
  client.end();
  expect((await fate).error).toBeUndefined();
  expect(removed).toHaveBeenCalledWith('abort', expect.any(Function));
  controller.abort();
  expect(client.errored).toBeNull();
});

it('one signal ends all connections that have it', async () => {
  server = await TestServer.listen(both);
  const controller = new AbortController();
  const pairs = [];
  for (let i = 0; i < 3; i += 1) pairs.push(await server.connected({ signal: controller.signal }));
  const told = pairs.map(({ server: accepted }) => errorOf(accepted));
  const fates = pairs.map(({ client }) => fateOf(client));
  controller.abort();
  for (const { error } of await Promise.all(fates)) expect(error).toEqual(aborted);
  for (const error of await Promise.all(told)) expect(error).toMatchObject({ alert: 'close_by_user' });
});
