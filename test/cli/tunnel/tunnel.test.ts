/** Tunnels as a whole: a client of one, the other, and a service behind it. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseEndpoint } from '../../../lib/cli/endpoint.js';
import { Identity } from '../../../lib/index.js';
import { freePort } from '../../support/free-port.js';
import { type Identities, identities } from '../../support/pair.js';
import { Tunnels } from '../../support/tunnels.js';

let both: Identities;
let stranger: Identity;
let tunnels: Tunnels;
let folder: string;
beforeAll(async () => {
  [both, stranger] = await Promise.all([identities(), Identity.generate()]);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-tunnel-'));
});
afterEach(async () => {
  await tunnels.close();
  rmSync(folder, { recursive: true });
});

/** Bytes of buffers that are in use. What the first collection finds may be given back only with the second. */
function buffersInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

const echo = (socket: Socket): void => void socket.pipe(socket);

/** With what a connection ended: a code, or that it did so cleanly. */
const endOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.resume().once('end', () => socket.end());
    socket.once('close', () => resolve((socket.errored as NodeJS.ErrnoException | null)?.code ?? 'clean'));
  });

describe('two tunnels', () => {
  it('carry what both sides say, and log and count it', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { server, client } = await tunnels.both();
    const socket = await tunnels.connect(client);
    const { port } = socket.address() as { port: number };
    socket.end('hello');
    expect(await text(socket)).toBe('hello');
    await Promise.all([tunnels.logged('connection closed', 'server'), tunnels.logged('connection closed', 'client')]);
    expect(tunnels.events.map(({ level, tunnel, event }) => [level, tunnel, event])).toEqual(
      expect.arrayContaining([
        ['info', 'server', 'listening'],
        ['info', 'server', 'connection open'],
        ['info', 'client', 'connection open'],
      ]),
    );
    const bytes = { bytesUp: 5, bytesDown: 5 };
    const [near, far] = [both.server.fingerprint, both.client.fingerprint];
    const closed = tunnels.events.filter(({ event }) => event === 'connection closed');
    expect(closed.find(({ tunnel }) => tunnel === 'client')).toMatchObject({
      peer: near,
      from: `127.0.0.1:${port}`,
      ...bytes,
    });
    expect(closed.find(({ tunnel }) => tunnel === 'server')).toMatchObject({ peer: far, ...bytes });
    const counts = { accepted: 1, refused: 0, waiting: 0, open: 0, completed: 1, failed: 0, retries: 0, ...bytes };
    expect([server.counts, client.counts]).toEqual([counts, counts]);
  });

  it('carry 200 connections at once', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { client } = await tunnels.both();
    const sockets = Array.from({ length: 200 }, () => tunnels.socket(client));
    const answers = sockets.map(async (socket, i) => {
      const data = createHash('shake256', { outputLength: 20_000 }).update(String(i)).digest();
      socket.end(data);
      return Buffer.concat(await socket.toArray()).equals(data);
    });
    expect((await Promise.all(answers)).filter((same) => same)).toHaveLength(200);
    expect(tunnels.served).toHaveLength(200);
  });

  it('carry 64 MiB of random data each way at once', async () => {
    const size = 2 ** 26;
    const sent = { up: randomBytes(size), down: randomBytes(size) };
    const sums = { up: createHash('sha256'), down: createHash('sha256') };
    let served: Promise<unknown> | undefined;
    tunnels = await Tunnels.make(both, (socket) => {
      socket.end(sent.down);
      served = once(
        socket.on('data', (chunk) => sums.up.update(chunk)),
        'end',
      );
    });
    const { client } = await tunnels.both();
    const socket = await tunnels.connect(client);
    socket.on('data', (chunk) => sums.down.update(chunk)).end(sent.up);
    await once(socket, 'end');
    await served;
    await Promise.all([tunnels.logged('connection closed', 'server'), tunnels.logged('connection closed', 'client')]);
    for (const way of ['up', 'down'] as const) {
      expect(sums[way].digest('hex')).toBe(createHash('sha256').update(sent[way]).digest('hex'));
    }
  }, 30_000);

  it('hold a client back whose service does not read, and lose nothing of what it wrote', async () => {
    tunnels = await Tunnels.make(both, (socket) => socket.pause());
    const { client } = await tunnels.both();
    const socket = await tunnels.connect(client);
    const chunk = randomBytes(2 ** 16);
    const chunks = 2 ** 11; // 128 MiB
    const before = buffersInUse();
    let written = 0;
    const pump = (): void => {
      while (written < chunks) {
        written += 1;
        if (!socket.write(chunk)) return;
      }
      socket.end();
    };
    socket.on('drain', pump);
    pump();
    if (tunnels.served.length === 0) await once(tunnels.service, 'connection');
    for (let last = -1; last !== written; await new Promise((resolve) => setTimeout(resolve, 200))) last = written;
    expect(written * chunk.length).toBeLessThan(2 ** 25);
    expect(buffersInUse() - before).toBeLessThan(2 ** 23);
    const [served] = tunnels.served;
    let same = 0;
    let received = 0;
    for await (const data of served as AsyncIterable<Buffer>) {
      for (let at = 0; at < data.length; ) {
        const from = (received + at) % chunk.length;
        const piece = data.subarray(at, at + chunk.length - from);
        if (piece.equals(chunk.subarray(from, from + piece.length))) same += piece.length;
        at += piece.length;
      }
      received += data.length;
    }
    expect([received, same]).toEqual([chunks * chunk.length, chunks * chunk.length]);
  }, 30_000);

  it('go over Unix sockets on both sides', async () => {
    const [near, far] = [join(folder, 'near'), join(folder, 'far')];
    tunnels = await Tunnels.make(both);
    const service = createServer({ allowHalfOpen: true }, echo).listen(far);
    await once(service, 'listening');
    const { client } = await tunnels.both({ to: `unix:${far}` }, { listen: `unix:${near}` });
    const socket = await tunnels.connect(client);
    socket.end('hello');
    expect(await text(socket)).toBe('hello');
    expect(await tunnels.logged('connection open', 'client')).toMatchObject({ from: 'a Unix socket' });
    await new Promise((resolve) => service.close(resolve));
  });
});

describe('a tunnel and somebody it does not trust', () => {
  it('refuses a client with a wrong key before the service hears of it', async () => {
    tunnels = await Tunnels.make(both, echo);
    const credentials = { identity: stranger, trust: both.server.fingerprint };
    const { server, client } = await tunnels.both({}, { credentials });
    const socket = await tunnels.connect(client);
    socket.write('the first bytes');
    expect(await endOf(socket)).toBe('ECONNRESET');
    expect(await tunnels.logged('connection refused', 'server')).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
    expect(await tunnels.logged('far end not reached')).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
    expect([tunnels.served.length, server.counts.refused, client.counts.retries]).toEqual([0, 1, 0]);
  });

  it('tells nothing to a server with a wrong key, nor to its service', async () => {
    tunnels = await Tunnels.make(both, echo);
    const credentials = { identity: both.client, trust: stranger.fingerprint };
    const { client } = await tunnels.both({}, { credentials });
    const socket = await tunnels.connect(client);
    socket.write('the first bytes');
    expect(await endOf(socket)).toBe('ECONNRESET');
    expect(await tunnels.logged('far end not reached')).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
    expect([tunnels.served.length, client.counts.retries]).toEqual([0, 0]);
  });

  it('refuses what does not speak the protocol', async () => {
    tunnels = await Tunnels.make(both, echo);
    const socket = await tunnels.connect(await tunnels.server());
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await endOf(socket);
    expect(await tunnels.logged('connection refused')).toMatchObject({ code: expect.stringMatching(/^PQ_ERR_/) });
    expect(tunnels.served).toHaveLength(0);
  });
});

describe('a tunnel whose far end is away', () => {
  it('waits for a service, and gives it all that was said meanwhile', async () => {
    const path = join(folder, 'service');
    tunnels = await Tunnels.make(both);
    const { server, client } = await tunnels.both({ to: `unix:${path}` });
    const socket = await tunnels.connect(client);
    socket.end('said early');
    expect(await tunnels.logged('far end away', 'server')).toMatchObject({ code: 'ENOENT' });
    expect(server.counts).toMatchObject({ waiting: 1, open: 0 });
    const service = createServer({ allowHalfOpen: true }, echo).listen(path);
    expect(await text(socket)).toBe('said early');
    expect(server.counts.retries).toBeGreaterThan(0);
    await new Promise((resolve) => service.close(resolve));
  });

  it('waits for the other tunnel', async () => {
    tunnels = await Tunnels.make(both, echo);
    const at = parseEndpoint(`pq://127.0.0.1:${await freePort()}`, 'to');
    const client = await tunnels.client(at);
    const socket = await tunnels.connect(client);
    socket.end('said early');
    expect(await tunnels.logged('far end away', 'client')).toMatchObject({ code: 'ECONNREFUSED' });
    await tunnels.server({ listen: `pq://127.0.0.1:${(at as { port: number }).port}` });
    expect(await text(socket)).toBe('said early');
  });

  it('gives up after the time it has, with a reset', async () => {
    tunnels = await Tunnels.make(both);
    const client = await tunnels.client(parseEndpoint(`pq://127.0.0.1:${await freePort()}`, 'to'), {
      limits: { dialTimeout: 100 },
    });
    expect(await endOf(await tunnels.connect(client))).toBe('ECONNRESET');
    expect(await tunnels.logged('far end not reached')).toMatchObject({ level: 'warn', code: 'ECONNREFUSED' });
    expect(client.counts).toMatchObject({ waiting: 0, failed: 1 });
  });

  it('stops waiting when its client has gone', async () => {
    tunnels = await Tunnels.make(both);
    const at = parseEndpoint(`pq://127.0.0.1:${await freePort()}`, 'to');
    const client = await tunnels.client(at, { limits: { dialTimeout: 3_600_000 } });
    const socket = await tunnels.connect(client);
    socket.write('some');
    await tunnels.logged('far end away');
    socket.resetAndDestroy();
    expect(await tunnels.logged('client gone')).toMatchObject({ code: 'ECONNRESET' });
    expect(client.counts).toMatchObject({ waiting: 0, failed: 1 });
  });
});

describe('the limits of a tunnel', () => {
  it('are as many connections at a time as it may have', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { server, client } = await tunnels.both({ limits: { maxConnections: 2 } });
    const [first, second] = [await tunnels.connect(client), await tunnels.connect(client)];
    for (const socket of [first, second]) {
      socket.write('x');
      await once(socket, 'data');
    }
    expect(await endOf(await tunnels.connect(client))).toBe('ECONNRESET');
    expect(await tunnels.logged('connection refused', 'server')).toMatchObject({ code: 'max-connections' });
    first.end();
    await tunnels.logged('connection closed', 'server');
    const third = await tunnels.connect(client);
    third.write('x');
    await once(third, 'data');
    expect(server.counts).toMatchObject({ open: 2, refused: 1, completed: 1 });
    expect(tunnels.served).toHaveLength(3);
  });

  it('are the time that a connection may be idle', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { client } = await tunnels.both({ limits: { idleTimeout: 100 } });
    expect(await endOf(await tunnels.connect(client))).toBe('ECONNRESET');
    expect(await tunnels.logged('connection failed', 'server')).toMatchObject({ code: 'PQ_ERR_TIMEOUT', side: 'near' });
  });
});

describe('the end of a tunnel', () => {
  it('waits for the connections that there are, and takes no others', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { server, client } = await tunnels.both();
    const socket = await tunnels.connect(client);
    socket.write('before');
    await once(socket, 'data');
    const { listensAt } = server;
    const drained = server.drain().then(() => 'drained');
    expect(await Promise.race([drained, new Promise((resolve) => setImmediate(resolve, 'not yet'))])).toBe('not yet');
    const late = await tunnels.client(listensAt, { limits: { dialTimeout: 50 } });
    expect(await endOf(await tunnels.connect(late))).toBe('ECONNRESET');
    expect(await tunnels.logged('far end not reached')).toMatchObject({ code: 'ECONNREFUSED' });
    socket.end('after');
    expect(await text(socket)).toBe('after');
    expect(await drained).toBe('drained');
    expect(server.counts).toMatchObject({ open: 0, completed: 1, failed: 0 });
  });

  it('resets the connections that there are when it is stopped, also those that wait', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { server, client } = await tunnels.both();
    const socket = await tunnels.connect(client);
    socket.write('x');
    await once(socket, 'data');
    const pending = await tunnels.connect(server); // never begins its handshake
    const ends = [endOf(socket), endOf(pending)];
    server.stop();
    await server.drain();
    expect((await Promise.all(ends))[0]).toBe('ECONNRESET');
    expect(server.counts).toMatchObject({ open: 0, waiting: 0, failed: 1 });
  });
});

describe('other settings', () => {
  it('are for the connections to come, while those that there are go on', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { server, client } = await tunnels.both();
    const open = await tunnels.connect(client);
    open.write('x');
    await once(open, 'data');
    const credentials = { identity: both.server, trust: stranger.fingerprint };
    server.reload({ ...server.settings, credentials });
    expect(await endOf(await tunnels.connect(client))).toBe('ECONNRESET');
    client.reload({ ...client.settings, credentials: { identity: stranger, trust: both.server.fingerprint } });
    const next = await tunnels.connect(client);
    next.write('y');
    expect(String(await once(next, 'data'))).toBe('y');
    open.write('z');
    expect(String(await once(open, 'data'))).toBe('z');
  });

  it('change nothing if they are wrong', async () => {
    tunnels = await Tunnels.make(both, echo);
    const { server, client } = await tunnels.both();
    const { settings } = server;
    const credentials = { identity: both.server, trust: [] };
    expect(() => server.reload({ ...settings, credentials })).toThrow('no fingerprint is pinned');
    expect(server.settings).toBe(settings);
    const socket = await tunnels.connect(client);
    socket.end('hello');
    expect(await text(socket)).toBe('hello');
  });
});
