/** The ends of a connection: complete, half, aborted, cut off, reset. */
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { AlertError, connect, type PqSocket } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { clientErrorOf } from '../support/seed-pair.js';
import { type Fate, fateOf } from './fate.js';
import { connectedInMemory } from './in-memory.js';
import { Wiretap } from './wiretap.js';

let both: Identities;
let server: TestServer | undefined;
let tap: Wiretap | undefined;
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  tap?.close();
  await server?.close();
  [server, tap] = [undefined, undefined];
});

type Pair = { client: PqSocket; server: PqSocket };

const overTcp = async (allowHalfOpen: boolean): Promise<Pair> => {
  server = await TestServer.listen(both, { allowHalfOpen });
  return server.connected({ allowHalfOpen });
};

const inMemory = (allowHalfOpen: boolean): Promise<Pair> =>
  connectedInMemory(both, { client: { allowHalfOpen }, server: { allowHalfOpen } });

it('sends what is written last and the end in one write of the transport', async () => {
  const { client, server: accepted } = await overTcp(false);
  const fates = [fateOf(client), fateOf(accepted)];
  const writes = [jest.spyOn(Socket.prototype, '_write'), jest.spyOn(Socket.prototype, '_writev' as '_write')];
  accepted.end('the last words');
  expect(writes.map((write) => write.mock.calls.length)).toEqual([0, 1]);
  for (const write of writes) write.mockRestore();
  expect(String((await fates[0])?.data)).toBe('the last words');
});

/** With somebody in between. */
const tapped = async (): Promise<Pair> => {
  server = await TestServer.listen(both);
  tap = await Wiretap.before(server.port);
  const { port } = tap;
  return server.connected({ port });
};

/** The side that does something, and the one that hears of it. */
const sides = (pair: Pair, who: keyof Pair): [PqSocket, PqSocket] =>
  who === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];

const clean = (fate: Fate) => {
  expect(fate.error).toBeUndefined();
  expect([...fate.events].sort()).toEqual(['close', 'end', 'finish']);
  expect(fate.events.at(-1)).toBe('close');
};

describe.each<[string, (allowHalfOpen: boolean) => Promise<Pair>]>([
  ['over TCP', overTcp],
  ['over streams in memory', inMemory],
])('a connection %s', (_, open) => {
  it.each(['client', 'server'] as const)('ends on both sides when the %s ends it', async (who) => {
    const [first, second] = sides(await open(false), who);
    const fates = Promise.all([fateOf(first), fateOf(second)]);
    first.end('all');
    const [near, far] = await fates;
    clean(near);
    clean(far);
    expect(String(far.data)).toBe('all');
  });

  it.each(['client', 'server'] as const)('goes on half open when the %s has ended its side', async (who) => {
    const [first, second] = sides(await open(true), who);
    const fates = Promise.all([fateOf(first), fateOf(second)]);
    first.end('a question');
    await once(second, 'end');
    expect(second.readyState).toBe('writeOnly');
    expect(first.readyState).toBe('readOnly');
    for (let i = 0; i < 20; i += 1) second.write(Buffer.alloc(100_000, i));
    second.end();
    const [near, far] = await fates;
    clean(near);
    clean(far);
    expect(near.data).toHaveLength(2_000_000);
    expect(String(far.data)).toBe('a question');
  });

  it('ends cleanly when both sides end it at once', async () => {
    const pair = await open(true);
    const fates = Promise.all([fateOf(pair.client), fateOf(pair.server)]);
    pair.client.end('from the client');
    pair.server.end('from the server');
    const [client, accepted] = await fates;
    clean(client);
    clean(accepted);
    expect([String(client.data), String(accepted.data)]).toEqual(['from the server', 'from the client']);
  });

  it.each(['client', 'server'] as const)('tells the other side when the %s destroys it', async (who) => {
    const [first, second] = sides(await open(false), who);
    const fates = Promise.all([fateOf(first), fateOf(second)]);
    first.write('some');
    first.destroy();
    const [near, far] = await fates;
    expect(near).toMatchObject({ error: undefined, events: ['close'] });
    expect(far.events).toEqual(['error', 'close']);
    expect(far.error).toBeInstanceOf(AlertError);
    expect(far.error).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'close_by_user' });
    expect(String(far.data)).toBe('some');
  });

  it('keeps an application’s own error on its side, and tells the other only that it is over', async () => {
    const pair = await open(false);
    const fates = Promise.all([fateOf(pair.client), fateOf(pair.server)]);
    const reason = new Error('the account is 4711');
    pair.server.destroy(reason);
    const [client, accepted] = await fates;
    expect(accepted.error).toBe(reason);
    expect(client.error).toMatchObject({ alert: 'close_by_user' });
    expect(client.error?.message).not.toContain('4711');
  });

  it('refuses writes after the end as any stream does', async () => {
    const { client, server: accepted } = await open(true);
    accepted.on('error', () => {});
    const fate = fateOf(client);
    client.end();
    client.write('late');
    expect((await fate).error).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
  });
});

describe('a connection that is destroyed after its end', () => {
  it('is told no more', async () => {
    const { client, server: accepted } = await overTcp(true);
    const fate = fateOf(accepted);
    client.end('all');
    await once(client, 'finish');
    client.destroy();
    accepted.once('end', () => accepted.end());
    const { error, events, data } = await fate;
    expect(String(data)).toBe('all');
    expect(events[0]).toBe('end');
    expect(error?.code === undefined || error.code === 'ECONNRESET' || error.code === 'EPIPE').toBe(true);
  });

  it('tells a peer that has ended its side, behind what is under way', async () => {
    const { client, server: accepted } = await overTcp(true);
    const fate = fateOf(client);
    client.end();
    accepted.write(Buffer.alloc(20_000_000));
    accepted.resume().once('end', () => accepted.destroy());
    const { error, data } = await fate;
    expect(error).toMatchObject({ alert: 'close_by_user' });
    expect(data.length).toBeGreaterThan(100_000);
  });

  it('lets destroySoon hand over everything first', async () => {
    const { client, server: accepted } = await overTcp(false);
    const fate = fateOf(accepted);
    client.write(Buffer.alloc(500_000));
    client.destroySoon();
    expect((await fate).data).toHaveLength(500_000);
  });
});

describe('a transport that ends without a word', () => {
  it('is a truncation for both sides, never an end; what came before was delivered', async () => {
    const pair = await tapped();
    const fates = Promise.all([fateOf(pair.client), fateOf(pair.server)]);
    pair.client.write('a half of it');
    await once(pair.server, 'data');
    tap?.cut();
    const [client, accepted] = await fates;
    for (const fate of [client, accepted]) {
      expect(fate.events).toEqual(['error', 'close']);
      expect(fate.error).toMatchObject({ code: 'PQ_ERR_TRUNCATED', name: 'MalformedError' });
    }
    expect(String(accepted.data)).toBe('a half of it');
  });

  it('is a truncation for a loop over the data, too', async () => {
    const { client, server: accepted } = await tapped();
    accepted.on('error', () => {}).write('some');
    const read = async () => {
      for await (const chunk of client) {
        expect(String(chunk)).toBe('some');
        tap?.cut();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
  });

  it('is a truncation for a side that has ended its own already', async () => {
    const [near, far] = duplexPair();
    const pair = await connectedInMemory(both, { client: { allowHalfOpen: true }, server: { allowHalfOpen: true } });
    near.destroy();
    far.destroy();
    const fate = fateOf(pair.client);
    pair.client.end();
    await once(pair.server.resume(), 'end');
    pair.transports.server.end(); // no CLOSE
    expect((await fate).error).toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
    pair.server.on('error', () => {}).destroy();
  });

  it('is a truncation of the handshake on both sides', async () => {
    const silent = createTcpServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).end());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    server = await TestServer.listen(both);
    const { port } = silent.address() as { port: number };
    const { error } = await fateOf(server.connect({ port }));
    expect(error).toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
    expect(error?.message).toContain('before its ServerHello');
    const refused = clientErrorOf(server.server);
    const transport = connectTcp(server.port, '127.0.0.1', () => transport.end());
    transport.resume();
    expect(await refused).toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
    silent.close();
  });
});

describe('a transport that is reset', () => {
  it('gives ECONNRESET to both sides, as the system says it', async () => {
    const pair = await tapped();
    const fates = Promise.all([fateOf(pair.client), fateOf(pair.server)]);
    tap?.reset();
    for (const { error, events } of await fates) {
      expect(events).toEqual(['error', 'close']);
      expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'read' });
    }
  });

  it('gives ECONNRESET during the handshake, at the server as clientError', async () => {
    server = await TestServer.listen(both);
    const refused = clientErrorOf(server.server);
    const transport = connectTcp(server.port, '127.0.0.1');
    await once(transport, 'data');
    transport.resetAndDestroy();
    expect(await refused).toMatchObject({ code: 'ECONNRESET' });
  });

  it('gives ECONNREFUSED where nobody listens', async () => {
    server = await TestServer.listen(both);
    const { port } = server;
    await server.close();
    const own = { identity: both.client, trust: both.server.fingerprint };
    const { error, events } = await fateOf(connect({ ...own, host: '127.0.0.1', port }));
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(events).toEqual(['error', 'close']);
    server = undefined;
  });
});
