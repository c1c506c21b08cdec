/** What watches over an open connection: idleTimeout, setTimeout, keepAlive; and what it says of its protocol. */
import { once } from 'node:events';
import { connect as connectTcp, Socket } from 'node:net';
import { connect } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { fateOf } from './fate.js';
import { connectedInMemory, settled } from './in-memory.js';

let both: Identities;
beforeAll(async () => {
  both = await identities();
});

describe('idleTimeout', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each(['client', 'server'] as const)('of a %s ends a connection without data, and tells the peer', async (who) => {
    const pair = await connectedInMemory(both, { [who]: { idleTimeout: 5000 } });
    const [watching, other] = who === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
    const fates = Promise.all([fateOf(watching), fateOf(other)]);
    jest.advanceTimersByTime(4999);
    expect(watching.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    const [near, far] = await fates;
    expect(near.error).toMatchObject({ code: 'PQ_ERR_TIMEOUT', message: expect.stringMatching(/idleTimeout/) });
    expect(far.error).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'timeout' });
  });

  it('begins anew with data in either direction', async () => {
    const { client, server } = await connectedInMemory(both, { client: { idleTimeout: 5000 } });
    client.resume();
    server.resume();
    for (let i = 0; i < 3; i += 1) {
      for (const socket of [client, server]) {
        jest.advanceTimersByTime(4999);
        socket.write('there is somebody');
        await settled();
      }
    }
    expect(client.destroyed).toBe(false);
    jest.advanceTimersByTime(5000);
    expect(client.destroyed).toBe(true);
    client.on('error', () => {});
    server.on('error', () => {});
  });

  it('is never over unless it is set, and leaves no timer behind', async () => {
    const { client, server } = await connectedInMemory(both);
    jest.advanceTimersByTime(2 ** 31 - 1);
    expect([client.destroyed, server.destroyed]).toEqual([false, false]);
    const watched = await connectedInMemory(both, { client: { idleTimeout: 5000 } });
    for (const socket of [watched.client, watched.server]) socket.on('error', () => {}).destroy();
    await settled();
    jest.advanceTimersByTime(1000); // both linger
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is other than setTimeout, whose event ends nothing', async () => {
    const { client } = await connectedInMemory(both);
    const told = jest.fn();
    client.setTimeout(5000, told);
    jest.advanceTimersByTime(5000);
    expect(told).toHaveBeenCalledTimes(1);
    expect(client.destroyed).toBe(false);
    expect(client.timeout).toBe(5000);
  });
});

describe('the timers of a handshake', () => {
  it('are gone when it is complete', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
    await connectedInMemory(both);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});

describe('keepAlive', () => {
  it.each([
    [undefined, 2],
    [true, 2],
    [false, 0],
  ])('is on unless it is turned off: %s', async (keepAlive, calls) => {
    const server = await TestServer.listen(both, { keepAlive });
    const set = jest.spyOn(Socket.prototype, 'setKeepAlive');
    await server.connected({ keepAlive });
    expect(set.mock.calls).toEqual(Array(calls).fill([true, 60_000]));
    set.mockRestore();
    await server.close();
  });
});

describe('alpnProtocol', () => {
  it('is what each side says of itself; it is not compared', async () => {
    const { client, server } = await connectedInMemory(both, { client: { alpnProtocol: 'h2' } });
    expect([client.alpnProtocol, server.alpnProtocol]).toEqual(['h2', false]);
  });
});

describe('a transport of one’s own', () => {
  it('that is connecting is waited for', async () => {
    const server = await TestServer.listen(both);
    const transport = connectTcp(server.port, '127.0.0.1');
    const client = connect({ identity: both.client, trust: both.server.fingerprint, socket: transport });
    expect(client.connecting).toBe(true);
    await once(client, 'secureConnect');
    expect(client).toMatchObject({ remotePort: server.port, localPort: transport.localPort, remoteFamily: 'IPv4' });
    expect(client.address()).toMatchObject({ port: transport.localPort });
    client.on('error', () => {}).destroy();
    await server.close();
  });

  it('that can’t connect hands on the system’s error', async () => {
    const server = await TestServer.listen(both);
    const { port } = server;
    await server.close();
    const socket = connectTcp(port, '127.0.0.1');
    const client = connect({ identity: both.client, trust: 'any', socket });
    expect((await fateOf(client)).error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
