/** Transports of one's own, and what their ends do to a connection. */
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, type Server } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { connect, createServer, type PqServer, type PqSocket } from '../../lib/index.js';
import { Secret } from '../../lib/oqs.js';
import { errorOf, type SeedIdentities, seedIdentities, TestServer } from '../support/seed-pair.js';
import { SeedScript } from '../support/seed-script.js';

let identities: SeedIdentities;
const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
beforeAll(async () => {
  identities = await seedIdentities();
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections?.();
  }
});

/** A plain TCP server, as anybody would make it, that hands its sockets to a server of ours. */
async function carried(onSocket: (socket: PqSocket) => void): Promise<{ port: number; server: PqServer }> {
  const trust = 'any';
  const server = createServer({ profile: 'seed', identity: identities.server, trust, allowHalfOpen: true }, onSocket);
  const carrier: Server = createTcpServer((transport) => server.emit('connection', transport));
  carrier.listen(0, '127.0.0.1');
  await once(carrier, 'listening');
  servers.push(carrier, server);
  return { port: (carrier.address() as { port: number }).port, server };
}

function over(transport: Duplex, options: { allowHalfOpen?: boolean } = {}): PqSocket {
  const { client, server } = identities;
  return connect({ profile: 'seed', socket: transport, identity: client, trust: server.fingerprint, ...options });
}

describe('a transport that Node would end with the peer', () => {
  it('still delivers all that we write after the peer has ended its side', async () => {
    const total = 50_000_000;
    const { port } = await carried((socket) => {
      socket.resume().on('end', () => socket.end(Buffer.alloc(total)));
    });
    const client = over(connectTcp(port, '127.0.0.1'), { allowHalfOpen: true });
    client.end('a question');
    let received = 0;
    for await (const chunk of client) received += chunk.length;
    expect(received).toBe(total);
  });

  it('still delivers all that a client writes after the server has ended its side', async () => {
    const total = 20_000_000;
    let received = 0;
    const done = new Promise<void>((resolve) => {
      void carried((socket) => {
        socket.on('data', (chunk) => {
          received += chunk.length;
        });
        socket.on('end', resolve).end();
      }).then(({ port }) => {
        const client = over(connectTcp(port, '127.0.0.1'), { allowHalfOpen: true });
        client.resume().on('end', () => client.end(Buffer.alloc(total)));
      });
    });
    await done;
    expect(received).toBe(total);
  });
});

describe('a transport that closes', () => {
  it('ends a connection whose handshake is under way', async () => {
    const { port, server } = await carried(() => {});
    const error = once(server, 'clientError');
    const script = await SeedScript.connect(port);
    await script.readField();
    script.socket.end(Buffer.concat([Buffer.alloc(3)]));
    expect((await error)[0]).toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
  });

  it.each([
    ['was destroyed', (transport: Duplex) => transport.destroy()],
    ['has ended', (transport: Duplex) => transport.end()],
  ])('is noticed at once when it %s before the handshake', async (_, finish) => {
    const transport = new PassThrough();
    finish(transport);
    const began = performance.now();
    expect((await errorOf(over(transport))).code).toBe('PQ_ERR_TRUNCATED');
    expect(performance.now() - began).toBeLessThan(4000); // and not by the timeout for silence
  });
});

describe('the callbacks of writes', () => {
  it('are all called when the handshake is refused', async () => {
    const server = await TestServer.listen(identities);
    servers.push(server.server);
    const client = server.connect({ trust: identities.client.fingerprint });
    const results: unknown[] = [];
    client.write('one', (error) => void results.push(error));
    client.end('two', () => void results.push('end'));
    const closed = new Promise((resolve) => void client.once('close', resolve));
    await Promise.all([errorOf(client), closed]);
    expect(results.length).toBe(2);
    expect(results[0]).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
  });

  it('are all called when a connection is destroyed under back-pressure', async () => {
    const server = await TestServer.listen(identities, {}, (socket) => void socket.pause());
    servers.push(server.server);
    const client = server.connect();
    await once(client, 'secureConnect');
    let called = 0;
    const count = () => {
      called += 1;
    };
    for (let i = 0; i < 400; i += 1) client.write(Buffer.alloc(2 ** 16), count);
    client.end(count);
    client.on('error', () => {});
    setImmediate(() => client.destroy());
    await once(client, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    expect(called).toBe(401);
  });
});

describe('an application that destroys a connection', () => {
  it('when it connects, hears nothing more of it', async () => {
    const server = await TestServer.listen(identities);
    servers.push(server.server);
    const client = server.connect();
    const secure = jest.fn();
    client.on('connect', () => client.destroy()).on('secureConnect', secure);
    await once(client, 'close');
    expect(secure).not.toHaveBeenCalled();
  });

  it('while a KEM key pair is being made, leaves no secret behind', async () => {
    const made: Secret[] = [];
    const allocate = Secret.allocate;
    Secret.allocate = (length) => {
      const secret = allocate(length);
      made.push(secret);
      return secret;
    };
    try {
      const server = await TestServer.listen(identities);
      servers.push(server.server);
      const client = server.connect();
      const asked = jest.spyOn(client, 'destroy');
      while (made.length === 0) await new Promise((resolve) => setImmediate(resolve));
      client.destroy();
      expect(asked).toHaveBeenCalled();
      while (!made.every(({ disposed }) => disposed)) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      Secret.allocate = allocate;
    }
    expect(made.some(({ length }) => length === 3168)).toBe(true);
  });
});

describe('a server that is handed something that is no transport', () => {
  it('refuses it', () => {
    const server = createServer({ profile: 'seed', identity: identities.server, trust: 'any' });
    expect(() => server.emit('connection', {} as Duplex)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' }),
    );
  });
});
