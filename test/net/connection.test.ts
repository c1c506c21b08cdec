import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { connect, createServer, Identity, type PqSocket } from '../../lib/index.js';
import { errorOf, type SeedIdentities, seedIdentities, TestServer } from '../support/seed-pair.js';

let identities: SeedIdentities;
let server: TestServer;
beforeAll(async () => {
  identities = await seedIdentities();
});
afterEach(() => server.close());

const echo = (socket: PqSocket) => void pipeline(socket, socket).catch(() => {});

describe('a connection', () => {
  it('authenticates both sides before it says that it is connected', async () => {
    const accepted: PqSocket[] = [];
    server = await TestServer.listen(identities, {}, (socket) => void accepted.push(socket));
    const client = server.connect();
    expect(client.connecting).toBe(true);
    expect(client.getPeerFingerprint()).toBeUndefined();
    const connected = once(client, 'connect').then(() => client.getPeerFingerprint());
    await Promise.all([connected, once(client, 'secureConnect'), once(server.server, 'secureConnection')]);
    expect(await connected).toBe(identities.server.fingerprint);
    expect(client.connecting).toBe(false);
    expect(client.getPeerFingerprint()).toBe(identities.server.fingerprint);
    expect(client.getPeerPublicKey()).toEqual(identities.server.publicKey);
    expect(accepted[0]?.getPeerFingerprint()).toBe(identities.client.fingerprint);
    client.destroy();
  });

  it.each(['aes-256-gcm', 'aes-256-ctr'] as const)('moves 8 MiB both ways under %s', async (cipher) => {
    const options = { cipher, allowUnauthenticatedCtr: true };
    server = await TestServer.listen(identities, options, echo);
    const client = server.connect({ ...options, allowHalfOpen: true });
    const data = randomBytes(8 * 2 ** 20);
    const hash = createHash('sha256');
    client.end(data);
    for await (const chunk of client) hash.update(chunk);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
  });

  it('sends what was written before the handshake was complete, in order', async () => {
    server = await TestServer.listen(identities, {}, echo);
    const client = server.connect({ allowHalfOpen: true });
    for (const word of ['one ', 'two ', 'three']) client.write(word);
    client.end();
    expect(await text(client)).toBe('one two three');
  });

  it('never puts plaintext on the wire', async () => {
    server = await TestServer.listen(identities, {}, echo);
    const seen: Buffer[] = [];
    const proxy = createTcpServer({ allowHalfOpen: true }, (near) => {
      const far = connectTcp({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as [Socket, Socket][]) {
        from.on('data', (chunk) => {
          seen.push(chunk);
          to.write(chunk);
        });
        from.on('end', () => to.end());
      }
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const client = server.connect({ port: (proxy.address() as { port: number }).port, allowHalfOpen: true });
    client.end('a sentence that must not be seen on its way');
    expect(await text(client)).toContain('must not be seen');
    proxy.close();
    expect(Buffer.concat(seen).length).toBeGreaterThan(17_000);
    expect(Buffer.concat(seen).includes('must not be seen')).toBe(false);
  });

  it('ends our side when the peer has ended its own, unless it may stay half open', async () => {
    server = await TestServer.listen(identities, {}, (socket) => void socket.end('bye'));
    const client = server.connect();
    client.resume();
    await once(client, 'close');
    expect(client.readableEnded).toBe(true);
    expect(client.writableFinished).toBe(true);
  });

  it('stops reading from the network while the application does not read', async () => {
    let written = 0;
    const total = 64 * 2 ** 20;
    server = await TestServer.listen(identities, {}, (socket) => {
      const chunk = Buffer.alloc(2 ** 16);
      const fill = (): void => {
        while (written < total && !socket.destroyed) {
          written += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', fill);
        }
        socket.end();
      };
      fill();
    });
    const client = server.connect();
    await once(client, 'readable');
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100)); // until the buffers on the way are full
    }
    expect(written).toBeLessThan(total / 2);
    expect(client.readableLength).toBeLessThan(2 ** 20);
    let read = 0;
    for await (const chunk of client) read += chunk.length;
    expect(read).toBe(total);
  });

  it('holds back the writer while the peer does not read', async () => {
    server = await TestServer.listen(identities, {}, () => {});
    const client = server.connect();
    await once(client, 'secureConnect');
    let calls = 0;
    while (client.write(Buffer.alloc(2 ** 16)) && calls < 1000) calls += 1;
    expect(client.writableNeedDrain).toBe(true);
    expect(calls).toBeLessThan(1000);
    client.destroy();
  });

  it('is ended by its AbortSignal, before and after the handshake', async () => {
    server = await TestServer.listen(identities, {}, echo);
    const early = new AbortController();
    const first = server.connect({ signal: early.signal });
    early.abort();
    expect((await errorOf(first)).name).toBe('AbortError');
    const late = new AbortController();
    const second = server.connect({ signal: late.signal });
    await once(second, 'secureConnect');
    late.abort();
    expect((await errorOf(second)).name).toBe('AbortError');
  });

  it('works over a transport of one’s own on both sides', async () => {
    server = await TestServer.listen(identities, {}, echo);
    const carrier = createTcpServer((transport) => server.server.emit('connection', transport)).listen(0, '127.0.0.1');
    await once(carrier, 'listening');
    const transport = connectTcp((carrier.address() as { port: number }).port, '127.0.0.1');
    const client = connect({
      profile: 'seed',
      socket: transport,
      identity: identities.client,
      trust: identities.server.fingerprint,
      allowHalfOpen: true,
    });
    client.end('through');
    expect(await text(client)).toBe('through');
    carrier.close();
  });

  it('passes a reset by the network on as ECONNRESET', async () => {
    server = await TestServer.listen(identities, {}, () => {});
    const transport = connectTcp(server.port, '127.0.0.1');
    const client = server.connect({ socket: transport, host: undefined, port: undefined });
    const [accepted] = (await once(server.server, 'secureConnection')) as [PqSocket];
    const error = errorOf(accepted);
    await once(client, 'secureConnect');
    transport.resetAndDestroy();
    client.on('error', () => {});
    expect((await error).code).toBe('ECONNRESET');
  });

  it('gives an exception of the application back to the application', async () => {
    server = await TestServer.listen(identities, {}, echo);
    const client = server.connect();
    await once(client, 'secureConnect');
    const thrown = new Error('the application’s own');
    client.on('data', () => {
      throw thrown;
    });
    // Jest would take the uncaught exception for its own: ask the stream itself.
    expect(() => client.emit('data', Buffer.from('x'))).toThrow(thrown);
    client.destroy();
  });
});

describe('a server', () => {
  it('takes several clients at once, each with its own key', async () => {
    server = await TestServer.listen(identities, { trust: 'any' }, (socket) => socket.end(socket.getPeerFingerprint()));
    const clients = await Promise.all(Array.from({ length: 8 }, () => Identity.generate({ profile: 'seed' })));
    const answers = clients.map((identity) => text(server.connect({ identity })));
    expect(await Promise.all(answers)).toEqual(clients.map(({ fingerprint }) => fingerprint));
  });

  it('listens on a Unix socket as well', async () => {
    server = await TestServer.listen(identities);
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-net-'));
    const path = join(folder, 'socket');
    const options = { profile: 'seed', identity: identities.server, trust: identities.client.fingerprint } as const;
    const unix = createServer(options, (socket) => socket.end('over a path'));
    unix.listen(path);
    await once(unix, 'listening');
    expect(await text(server.connect({ path, port: undefined, host: undefined }))).toBe('over a path');
    unix.close();
    rmSync(folder, { recursive: true });
  });
});
