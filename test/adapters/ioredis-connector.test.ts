import { once } from 'node:events';
import { ioredisConnector } from '../../lib/adapters/ioredis-connector.js';
import type { ClientOptions, PqSocket } from '../../lib/index.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';

/** What ioredis calls. */
interface Connector {
  firstError?: Error;
  check(info: unknown): boolean;
  connect(emit: unknown): Promise<PqSocket>;
  disconnect(): void;
}

let pair: EcosystemPair;
beforeEach(async () => {
  pair = await EcosystemPair.generate();
  await pair.listen(() => {});
});
afterEach(() => pair.close());

/** As ioredis makes one: with all of its own options, none of them ours. */
function connectorWith(options: ClientOptions = pair.client, redis: object = {}): Connector {
  const Made = ioredisConnector(options) as unknown as new (redis: object) => Connector;
  const all = { host: '127.0.0.1', port: pair.port, path: null, family: 4, db: 0, keepAlive: 0, ...redis };
  return new Made(all);
}

const closeOf = (socket: PqSocket) => new Promise((resolve) => void socket.once('close', resolve));

describe('a connector for ioredis', () => {
  it('gives a socket that connects to where ioredis wants', async () => {
    const connector = connectorWith();
    expect(connector.check({})).toBe(true);
    const socket = await connector.connect(() => {});
    expect(socket.connecting).toBe(true);
    await once(socket, 'connect');
    expect(socket.getPeerFingerprint()).toBe(pair.client.trust);
    socket.destroy();
  });

  it('gives a new socket each time', async () => {
    const connector = connectorWith();
    const sockets = [await connector.connect(() => {}), await connector.connect(() => {})];
    expect(new Set(sockets).size).toBe(2);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) socket.destroy();
  });

  it('prefers the place of its own options', async () => {
    const { client, port } = pair;
    const connector = connectorWith({ ...client, host: '127.0.0.1', port }, { path: '/nowhere', port: 1 });
    const socket = await connector.connect(() => {});
    await once(socket, 'connect');
    socket.destroy();
  });

  it('does not connect when it was told to disconnect in the same tick', async () => {
    const connector = connectorWith();
    const connecting = connector.connect(() => {});
    connector.disconnect();
    await expect(connecting).rejects.toThrow('Connection is closed.');
  });

  it('refuses a place that there can’t be', async () => {
    const invalid = { code: 'PQ_ERR_INVALID_OPTION' };
    await expect(connectorWith(pair.client, { port: -1 }).connect(() => {})).rejects.toMatchObject(invalid);
  });

  it('remembers the first error, and forgets it when it connects anew', async () => {
    const connector = connectorWith(await pair.strangersFriend());
    await closeOf(await connector.connect(() => {}));
    expect(connector.firstError).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
    const again = await connector.connect(() => {});
    expect(connector.firstError).toBeUndefined();
    await closeOf(again);
  });

  it('ends the connection when told to, and destroys it if the peer does not end it too', async () => {
    await pair.close();
    await pair.listen((socket) => void socket.resume(), { allowHalfOpen: true });
    const connector = connectorWith(pair.client, { disconnectTimeout: 20 });
    const socket = (await connector.connect(() => {})).resume();
    await once(socket, 'connect');
    const closed = closeOf(socket);
    connector.disconnect();
    expect(socket.writableEnded).toBe(true);
    expect(socket.destroyed).toBe(false);
    await closed;
  });

  it('leaves no timer behind when the connection has ended before', async () => {
    const connector = connectorWith();
    const socket = await connector.connect(() => {});
    socket.destroy();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    connector.disconnect();
    expect(timers).not.toHaveBeenCalled();
    timers.mockRestore();
  });
});
