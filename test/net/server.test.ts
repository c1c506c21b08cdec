/** A server as a whole: what it tells, how it ends, and where it listens. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  type ClientErrorInfo,
  connect,
  createServer,
  type DropInfo,
  Identity,
  type PqServer,
  type ServerOptions,
} from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { clientErrorOf, errorOf } from '../support/seed-pair.js';
import { fateOf } from './fate.js';
import { settled } from './in-memory.js';

let both: Identities;
let server: TestServer;
const plain: Socket[] = [];
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  for (const socket of plain.splice(0)) socket.destroy();
  await server?.close().catch(() => {});
});

const options = (): ServerOptions => ({ identity: both.server, trust: both.client.fingerprint });

/** A client that knows nothing of the protocol, and is connected. */
async function plainClient(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
  plain.push(socket);
  await once(socket, 'connect');
  return socket;
}

const countOf = (of: PqServer): Promise<number> =>
  new Promise((resolve, reject) =>
    of.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );

describe('a server that listens', () => {
  it("says 'listening', and where", async () => {
    const one = createServer(options());
    expect(one.listening).toBe(false);
    expect(one.address()).toBeNull();
    const told = jest.fn();
    one.on('listening', told);
    await new Promise<void>((resolve) => void one.listen(0, '127.0.0.1', resolve));
    expect(told).toHaveBeenCalledTimes(1);
    expect(one.listening).toBe(true);
    expect(one.address()).toMatchObject({ address: '127.0.0.1', family: 'IPv4', port: expect.any(Number) });
    await new Promise((resolve) => void one.close(resolve));
    expect(one.listening).toBe(false);
  });

  it("says 'error' when the port is taken, and throws when nobody listens for that", async () => {
    server = await TestServer.listen(both);
    const second = createServer(options());
    const told = once(second, 'error');
    second.listen(server.port, '127.0.0.1');
    expect((await told)[0]).toMatchObject({ code: 'EADDRINUSE', port: server.port });
    expect(second.listening).toBe(false);
  });

  it('can listen anew after it has been closed', async () => {
    const one = createServer(options());
    for (let i = 0; i < 2; i += 1) {
      await new Promise<void>((resolve) => void one.listen(0, '127.0.0.1', resolve));
      await new Promise((resolve) => void one.close(resolve));
    }
  });

  it('tells a second close, as net.Server does, that it was not running', async () => {
    const one = createServer(options());
    const error = await new Promise((resolve) => void one.close(resolve));
    expect(error).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  it('listens on a Unix socket, whose peers have no address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-server-'));
    const path = join(folder, 'socket');
    const seen = jest.fn();
    const trust = ({ address, port, fingerprint }: { address?: unknown; port?: unknown; fingerprint: string }) => {
      seen(address, port);
      return fingerprint === both.client.fingerprint;
    };
    const one = createServer({ ...options(), trust } as ServerOptions, (socket) => void socket.end('over a path'));
    one.listen(path);
    await once(one, 'listening');
    expect(one.address()).toBe(path);
    const client = { identity: both.client, trust: both.server.fingerprint } as const;
    expect(await text(connect({ ...client, path }))).toBe('over a path');
    expect(seen).toHaveBeenCalledWith(undefined, undefined);
    const refused = once(one, 'clientError');
    const stranger = connect({ ...client, identity: await Identity.generate(), path });
    expect(await errorOf(stranger)).toMatchObject({ alert: 'auth_failed' });
    expect((await refused)[1]).toEqual({ remoteAddress: undefined, remotePort: undefined });
    one.close();
    await once(one, 'close');
    rmSync(folder, { recursive: true });
  });

  it.each([true, false])('stops with its AbortSignal, on a Unix socket: %s', async (unix) => {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-server-'));
    const controller = new AbortController();
    const one = createServer(options());
    const where = unix ? { path: join(folder, 'socket') } : { port: 0, host: '127.0.0.1' };
    one.listen({ ...where, signal: controller.signal });
    await once(one, 'listening');
    controller.abort();
    await once(one, 'close');
    expect(one.listening).toBe(false);
    rmSync(folder, { recursive: true });
  });
});

describe("'clientError'", () => {
  it('says what was wrong, and where it came from', async () => {
    server = await TestServer.listen(both);
    const told = once(server.server, 'clientError') as Promise<[Error, ClientErrorInfo]>;
    const client = await plainClient(server.port);
    client.write('GET / HTTP/1.1\r\n\r\n');
    const [error, info] = await told;
    expect(error).toMatchObject({ code: 'PQ_ERR_UNEXPECTED_MESSAGE' });
    expect(info).toEqual({ remoteAddress: '127.0.0.1', remotePort: client.localPort });
  });

  it('is told of silence, after the time for that', async () => {
    server = await TestServer.listen(both, { frameTimeout: 20 });
    const told = clientErrorOf(server.server);
    const client = await plainClient(server.port);
    expect(await told).toMatchObject({ code: 'PQ_ERR_TIMEOUT' });
    const received: Buffer[] = [];
    for await (const chunk of client) received.push(chunk);
    expect(Buffer.concat(received).subarray(-5)).toEqual(Buffer.of(0x0a, 0, 0, 1, 9));
  });

  it('is told of a handshake that never ends, although the client is never silent for long', async () => {
    server = await TestServer.listen(both, { frameTimeout: 1000, handshakeTimeout: 100 });
    const told = clientErrorOf(server.server);
    const client = await plainClient(server.port);
    client.write(Buffer.of(2, 0, 10, 0x48));
    const trickle = setInterval(() => client.write(Buffer.of(1)), 10);
    const error = await told;
    clearInterval(trickle);
    expect(error).toMatchObject({ code: 'PQ_ERR_TIMEOUT', message: 'the handshake took more than 100 ms' });
  });

  it('is not told of a connection that was open: its error is its own', async () => {
    server = await TestServer.listen(both);
    const early = jest.fn();
    server.server.on('clientError', early);
    const { client, server: accepted } = await server.connected();
    const told = errorOf(accepted);
    client.destroy();
    expect(await told).toMatchObject({ alert: 'close_by_user' });
    expect(early).not.toHaveBeenCalled();
  });

  it('needs no listener: the server goes on', async () => {
    server = await TestServer.listen(both);
    const refused = server.connect({ identity: await Identity.generate() });
    expect(await errorOf(refused)).toMatchObject({ alert: 'auth_failed' });
    const { client } = await server.connected();
    expect(client.authorized).toBe(true);
  });
});

describe("'drop'", () => {
  const dropOf = async (of: PqServer): Promise<DropInfo> => (await once(of, 'drop'))[0] as DropInfo;

  it('is told of connections beyond maxConnections', async () => {
    server = await TestServer.listen(both);
    server.server.maxConnections = 1;
    expect(server.server.maxConnections).toBe(1);
    await server.connected();
    const told = dropOf(server.server);
    const second = server.connect();
    const error = errorOf(second);
    expect(await told).toMatchObject({
      reason: 'max-connections',
      localPort: server.port,
      remoteAddress: '127.0.0.1',
      remotePort: expect.any(Number),
    });
    expect(['PQ_ERR_TRUNCATED', 'ECONNRESET']).toContain((await error).code);
  });

  it.each<[DropInfo['reason'], object]>([
    ['too-many', { pendingHandshakes: 1, earlyDrop: Number.POSITIVE_INFINITY }],
    ['address', { pendingPerAddress: 1 }],
  ])('is told of handshakes beyond the limits, with the reason %s', async (reason, limits) => {
    server = await TestServer.listen(both, { limits });
    const begun = once(server.server, 'connection');
    await plainClient(server.port);
    await begun;
    const told = dropOf(server.server);
    const client = await plainClient(server.port);
    const { remoteFamily, ...info } = await told;
    expect(info).toEqual({
      reason,
      localAddress: '127.0.0.1',
      localPort: server.port,
      localFamily: 'IPv4',
      remoteAddress: '127.0.0.1',
      remotePort: client.localPort,
    });
    expect(remoteFamily).toBe('IPv4');
  });

  it('is told no more when a handshake has made room', async () => {
    server = await TestServer.listen(both, { limits: { pendingHandshakes: 1 } });
    const drop = jest.fn();
    server.server.on('drop', drop);
    for (let i = 0; i < 3; i += 1) await server.connected();
    const failed = clientErrorOf(server.server);
    (await plainClient(server.port)).end();
    await failed;
    await server.connected();
    expect(drop).not.toHaveBeenCalled();
  });

  it('is no leak: what was no transport takes no place', async () => {
    server = await TestServer.listen(both, { limits: { pendingHandshakes: 1 } });
    for (let i = 0; i < 3; i += 1) {
      expect(() => server.server.emit('connection', {} as Duplex)).toThrow(
        expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' }),
      );
    }
    expect((await server.connected()).client.authorized).toBe(true);
  });
});

describe('close', () => {
  it('waits for the connections that are open, which go on', async () => {
    server = await TestServer.listen(both);
    const { client, server: accepted } = await server.connected();
    const { port } = server;
    const closed = jest.fn();
    const done = new Promise<void>((resolve) => {
      server.server.on('close', closed).close((error) => {
        expect(error).toBeUndefined();
        resolve();
      });
    });
    await settled();
    expect(closed).not.toHaveBeenCalled();
    client.write('still there');
    expect(String((await once(accepted, 'data'))[0])).toBe('still there');
    client.end();
    await done;
    expect(closed).toHaveBeenCalledTimes(1);
    const own = { identity: both.client, trust: both.server.fingerprint };
    expect(await errorOf(connect({ ...own, host: '127.0.0.1', port }))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is quick with closeAllConnections, which ends open ones, handshakes under way and those that linger', async () => {
    server = await TestServer.listen(both, { limits: { pendingPerAddress: Number.POSITIVE_INFINITY } });
    const { client, server: accepted } = await server.connected();
    const fate = fateOf(accepted);
    const told = errorOf(client);
    const begun = once(server.server, 'connection');
    const handshaking = await plainClient(server.port);
    await begun;
    const refused = clientErrorOf(server.server);
    const lingering = await plainClient(server.port);
    lingering.write(Buffer.concat([Buffer.of(2, 0, 0, 41), Buffer.alloc(41)])); // it is told why, and does not end
    await refused;
    expect(await countOf(server.server)).toBe(3);
    const closed = once(server.server, 'close');
    const began = performance.now();
    server.server.close();
    server.server.closeAllConnections();
    await closed;
    expect(performance.now() - began).toBeLessThan(900);
    expect((await fate).events).toEqual(['close']);
    expect(await told).toMatchObject({ alert: 'close_by_user' });
    expect(await countOf(server.server)).toBe(0);
    for (const socket of [handshaking, lingering]) if (!socket.destroyed) await once(socket.resume(), 'close');
  });

  it('counts connections of TCP while they are open', async () => {
    server = await TestServer.listen(both);
    const { client, server: accepted } = await server.connected();
    expect(await countOf(server.server)).toBe(1);
    const ended = fateOf(accepted);
    client.end();
    await ended;
    await settled();
    expect(await countOf(server.server)).toBe(0);
  });
});

describe("server.emit('connection', transport)", () => {
  it('takes a stream in memory, whose peer has no address', async () => {
    const [near, far] = duplexPair();
    const seen = jest.fn(() => true);
    const one = createServer({ ...options(), trust: seen } as ServerOptions, (socket) => void socket.pipe(socket));
    one.emit('connection', far);
    const client = connect({
      identity: both.client,
      trust: both.server.fingerprint,
      socket: near,
      allowHalfOpen: true,
    });
    client.end('there and back');
    expect(await text(client)).toBe('there and back');
    expect(seen).toHaveBeenCalledWith(
      expect.objectContaining({ address: undefined, port: undefined, suite: 'kyber1024-dilithium5' }),
    );
  });

  it('tells clientError of it without an address', async () => {
    const [near, far] = duplexPair();
    const one = createServer(options());
    const told = once(one, 'clientError');
    one.emit('connection', far);
    near.write(Buffer.alloc(4));
    const [error, info] = await told;
    expect(error).toMatchObject({ code: 'PQ_ERR_UNEXPECTED_MESSAGE' });
    expect(info).toEqual({ remoteAddress: undefined, remotePort: undefined });
    near.destroy();
    one.closeAllConnections();
    expect(far.destroyed).toBe(true);
  });
});
