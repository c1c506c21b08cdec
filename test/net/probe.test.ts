/** `probe`: what it says of servers of ours, what it makes of all others, and that it leaves nothing behind. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Server,
  Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { createServer, fingerprintOf, Identity, type ProbeOptions, probe } from '../../lib/index.js';
import { FaultRecord } from '../../lib/net/fault-record.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { extension, type ServerHelloFields, serverHelloBody } from '../support/script-hello.js';
import { headerOf } from '../support/script-records.js';

const TIMEOUT = 250; // milliseconds, of servers that say nothing

let both: Identities;
const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
beforeAll(async () => {
  both = await identities();
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function ours(options = {}): Promise<{ server: TestServer; place: { port: number; host: string } }> {
  const server = await TestServer.listen(both, options);
  servers.push(server);
  return { server, place: { port: server.port, host: '127.0.0.1' } };
}

/** Somebody else's server; `ended` is when it has seen the end of the first connection. */
async function others(server: Server): Promise<{ place: { port: number; host: string }; ended: Promise<unknown> }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const ended = once(server, 'connection').then(([socket]) =>
    once(
      (socket as Socket).on('error', () => {}),
      'close',
    ),
  );
  return { place: { port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, ended };
}

function saying(...parts: Uint8Array[]): Server {
  return createTcpServer((socket) => socket.on('error', () => {}).write(Buffer.concat(parts)));
}

const RIGHT: ServerHelloFields = {
  magic: 'PQSK',
  versions: [1],
  random: Buffer.alloc(32, 1),
  suites: [1],
  keys: [{ sigalg: 1, pk: Buffer.alloc(2592, 2) }],
  extensions: Buffer.alloc(0),
};

/** A ServerHello, whole. */
function hello(fields: Partial<ServerHelloFields> = {}): Buffer {
  const body = serverHelloBody({ ...RIGHT, ...fields });
  return Buffer.concat([headerOf(0x01, body.length), body]);
}

describe('a server of ours', () => {
  it('is asked without an identity, and says its versions, suites, keys and sizes', async () => {
    const { place } = await ours();
    const { times, ...offer } = await probe(place);
    expect(offer).toEqual({
      versions: [1],
      suites: ['kyber1024-dilithium5'],
      keys: [
        { sigalg: 1, algorithm: 'Dilithium5', fingerprint: both.server.fingerprint, publicKey: both.server.publicKey },
      ],
      batches: false,
      sizes: { serverHello: 2639, frame: 2643 },
    });
    expect(times.connect).toBeGreaterThan(0);
    expect(times.firstByte).toBeGreaterThanOrEqual(times.connect as number);
    expect(times.serverHello).toBeGreaterThanOrEqual(times.firstByte);
  });

  it('shows the keys of all its algorithms, and whether it signs batches', async () => {
    const second = await Identity.generate({ algorithm: 'ML-DSA-87' });
    const suites = ['x25519mlkem1024-mldsa87', 'kyber1024-dilithium5', 'mlkem1024-mldsa87'];
    const { place } = await ours({ identity: [both.server, second], suites, batchSignatures: true });
    const offer = await probe(place);
    expect(offer.suites).toEqual(suites);
    expect(offer.keys.map(({ fingerprint }) => fingerprint)).toEqual([both.server.fingerprint, second.fingerprint]);
    expect([offer.batches, offer.sizes.frame]).toEqual([true, 2643 + 2 * 2 + 3 + 2592 + 4]);
  });

  it('shows several keys of one algorithm while its own is changed', async () => {
    const second = await Identity.generate();
    const { place } = await ours({ identity: [second, both.server] });
    const { keys, suites } = await probe(place);
    expect(keys.map(({ algorithm, fingerprint }) => [algorithm, fingerprint])).toEqual([
      ['Dilithium5', second.fingerprint],
      ['Dilithium5', both.server.fingerprint],
    ]);
    expect(suites).toEqual(['kyber1024-dilithium5']);
  });

  it('takes it for a handshake that was given up, which is no fault of the address', async () => {
    const fault = jest.spyOn(FaultRecord.prototype, 'fault');
    const { server, place } = await ours({ limits: { pendingHandshakes: 1 } });
    for (let i = 0; i < 12; i += 1) {
      const refused = once(server.server, 'clientError');
      await probe(place);
      expect((await refused)[0]).toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
    }
    expect(fault).not.toHaveBeenCalled();
    await server.connected();
    // The control: this is what a fault is.
    const refused = once(server.server, 'clientError');
    connectTcp(place)
      .on('error', () => {})
      .end('GET /');
    await refused;
    expect(fault).toHaveBeenCalled();
  });

  it('has no connection any more afterwards', async () => {
    const { server, place } = await ours();
    await probe(place);
    await new Promise((resolve) => server.server.close(resolve));
  });

  it('of the seed profile is told from the others', async () => {
    const server = createServer({
      profile: 'seed',
      identity: await Identity.generate({ profile: 'seed' }),
      trust: 'any',
    });
    server.on('clientError', () => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    await expect(probe({ port, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'PQ_ERR_UNEXPECTED_MESSAGE',
      message: expect.stringContaining('seed profile'),
    });
  });

  it('is asked over a Unix socket, and over a stream of the caller', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-probe-'));
    const path = process.platform === 'win32' ? `\\\\.\\pipe\\pqsock-probe-${process.pid}` : join(folder, 'socket');
    try {
      const server = createServer({ identity: both.server, trust: 'any' }).on('clientError', () => {});
      server.listen(path);
      await once(server, 'listening');
      servers.push(server);
      expect((await probe({ path })).keys[0]?.fingerprint).toBe(both.server.fingerprint);
      const [near, far] = duplexPair();
      server.emit('connection', far);
      const { keys, times } = await probe({ socket: near });
      expect([keys[0]?.fingerprint, times.connect, near.destroyed]).toEqual([both.server.fingerprint, undefined, true]);
      const socket = connectTcp(path);
      expect((await probe({ socket })).times.connect).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a ServerHello', () => {
  const ask = async (...parts: Uint8Array[]) => probe((await others(saying(...parts))).place);

  it('may have versions, suites, keys and extensions that we do not know', async () => {
    const pk = Buffer.alloc(7, 3);
    const fields = {
      versions: [2, 1],
      suites: [0x0102, 2],
      keys: [{ sigalg: 9, pk }],
      extensions: Buffer.concat([extension(1), extension(0x7000, Buffer.alloc(5))]),
    };
    const offer = await ask(hello(fields));
    expect(offer).toMatchObject({ versions: [2, 1], suites: [0x0102, 'mlkem1024-mldsa87'], batches: true });
    expect(offer.keys).toEqual([{ sigalg: 9, algorithm: undefined, fingerprint: undefined, publicKey: pk }]);
  });

  it('may come byte by byte, and with something behind it', async () => {
    const bytes = Buffer.concat([hello(), Buffer.from('more')]);
    const [near, far] = duplexPair();
    const asked = probe({ socket: near });
    for (const byte of bytes) far.write(Buffer.of(byte));
    const { keys } = await asked;
    expect(keys[0]?.fingerprint).toBe(fingerprintOf('Dilithium5', RIGHT.keys[0]?.pk as Buffer));
  });

  it('is kept while the memory that it was read into serves another connection', async () => {
    const accepted: Socket[] = [];
    const { place } = await others(createTcpServer((socket) => accepted.push(socket.on('error', () => {}))));
    const [first, second] = [hello().subarray(0, 2000), hello().subarray(2000)];
    const asked = probe({ ...place, timeout: 4000 });
    await once(servers.at(-1) as Server, 'connection');
    accepted[0]?.write(first);
    await ask(hello({ keys: [{ sigalg: 1, pk: Buffer.alloc(2592, 9) }] }));
    accepted[0]?.write(second);
    expect((await asked).keys[0]?.publicKey).toEqual(RIGHT.keys[0]?.pk);
  });

  it.each<[string, Buffer]>([
    ['another magic', hello({ magic: 'PQSL' })],
    ['no key', hello({ keys: [] })],
    ['a key that is too short', hello({ keys: [{ sigalg: 1, pk: Buffer.alloc(2591) }] })],
    ['data in the extension of batches', hello({ extensions: extension(1, Buffer.of(0)) })],
    ['a header that claims too much', headerOf(0x01, 16_385)],
  ])('with %s is refused', async (_, bytes) => {
    await expect(ask(bytes)).rejects.toMatchObject({ code: 'PQ_ERR_DECODE' });
  });
});

describe('what is no server of ours', () => {
  it.each<[string, () => Server]>([
    ['that says nothing', () => createTcpServer(() => {})],
    ['of HTTP', () => createHttpServer()],
    ['of TLS', () => createTlsServer()],
  ])('a server %s ends in a timeout, and sees the connection end', async (_, make) => {
    const { place, ended } = await others(make());
    await expect(probe({ ...place, timeout: TIMEOUT })).rejects.toMatchObject({
      code: 'PQ_ERR_TIMEOUT',
      message: expect.stringContaining(`sent nothing`),
    });
    await ended;
  });

  it.each<[string, Buffer]>([
    ['half a ServerHello', hello().subarray(0, 1000)],
    ['half a header', hello().subarray(0, 2)],
  ])('one that sends %s and stalls ends in a timeout that says so', async (_, bytes) => {
    const [near, far] = duplexPair();
    far.write(bytes);
    await expect(probe({ socket: near, timeout: 50 })).rejects.toMatchObject({
      code: 'PQ_ERR_TIMEOUT',
      message: `the server has sent ${bytes.length} bytes, and no whole ServerHello in 50 ms`,
    });
    expect(near.destroyed).toBe(true);
  });

  it('one that speaks text first is quoted', async () => {
    const { place } = await others(saying(Buffer.from('SSH-2.0-OpenSSH\r\n')));
    const error = { code: 'PQ_ERR_UNEXPECTED_MESSAGE', message: expect.stringContaining('"SSH-"') };
    await expect(probe(place)).rejects.toMatchObject(error);
  });

  it('one that closes at once, or within the ServerHello, has ended', async () => {
    const closing = await others(createTcpServer((socket) => socket.end()));
    const message = expect.stringContaining('sent nothing');
    await expect(probe(closing.place)).rejects.toMatchObject({ code: 'PQ_ERR_TRUNCATED', message });
    const cutting = await others(createTcpServer((socket) => socket.end(hello().subarray(0, 99))));
    await expect(probe(cutting.place)).rejects.toMatchObject({
      code: 'PQ_ERR_TRUNCATED',
      message: expect.stringContaining('99 bytes'),
    });
  });

  it('one that resets, and a port where nobody listens, are the errors of the system', async () => {
    const resetting = await others(createTcpServer((socket) => socket.resetAndDestroy()));
    await expect(probe(resetting.place)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const closed = createTcpServer();
    const { place } = await others(closed);
    await new Promise((resolve) => closed.close(resolve));
    await expect(probe(place)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('one that is busy says so', async () => {
    const { place } = await others(saying(headerOf(0x0a, 1), Buffer.of(8)));
    await expect(probe(place)).rejects.toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'busy' });
  });

  it('a stream that has ended already is one that ends', async () => {
    const [near] = duplexPair();
    near.destroy();
    await expect(probe({ socket: near })).rejects.toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
  });
});

describe('a signal', () => {
  const aborted = { name: 'AbortError', code: 'ABORT_ERR' };

  it('that was given before ends it before anything is sent, and closes the stream', async () => {
    const [near, far] = duplexPair();
    const reason = new Error('enough');
    await expect(probe({ socket: near, signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      ...aborted,
      cause: reason,
    });
    expect(near.destroyed).toBe(true);
    far.destroy();
  });

  it('ends it while it connects, and while it waits', async () => {
    const { place } = await others(createTcpServer());
    const early = new AbortController();
    const asked = probe({ ...place, signal: early.signal });
    early.abort();
    await expect(asked).rejects.toMatchObject(aborted);

    const waited = await others(createTcpServer());
    const late = new AbortController();
    const waiting = probe({ ...waited.place, signal: late.signal });
    await Promise.all([
      once(servers.at(-1) as Server, 'connection').then(() => late.abort()),
      expect(waiting).rejects.toMatchObject(aborted),
    ]);
    await waited.ended;
  });

  it('is not listened to any more afterwards', async () => {
    const { place } = await ours();
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    await probe({ ...place, signal });
    expect(removed).toHaveBeenCalledWith('abort', expect.any(Function));
  });
});

it('leaves a stream behind whose later errors are nobody’s', async () => {
  const [near, far] = duplexPair();
  const asked = probe({ socket: near, timeout: TIMEOUT });
  far.write(hello());
  await asked;
  near.emit('error', new Error('late'));
});

it.each<[string, unknown]>([
  ['no place', {}],
  ['two places', { port: 1, path: '/a' }],
  ['an option that it does not have', { port: 1, trust: 'any' }],
  ['a timeout that is none', { port: 1, timeout: 0 }],
  ['a signal that is none', { port: 1, signal: {} }],
  ['a stream that is none', { socket: new EventTarget() as unknown as Duplex }],
])('refuses %s, and opens nothing', async (_, options) => {
  const opened = jest.spyOn(Socket.prototype, 'connect');
  await expect(probe(options as ProbeOptions)).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_OPTION' });
  expect(opened).not.toHaveBeenCalled();
});
