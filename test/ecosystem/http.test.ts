/** node:http at both ends: its client with our Agent, its server on our connections. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestOptions, request, type Server } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { Agent } from '../../lib/adapters/agent.js';
import type { PqSocket } from '../../lib/index.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';

let pair: EcosystemPair;
let server: Server;
let agent: Agent;
/** How many connections there have been. */
let connections: number;
beforeEach(async () => {
  pair = await EcosystemPair.generate();
  server = createServer();
  server.emit('listening'); // else it would not watch over its connections: idle ones, and its own timeouts
  connections = 0;
  await pair.listen((socket) => {
    connections += 1;
    server.emit('connection', socket);
  });
  agent = new Agent({ ...pair.client, keepAlive: true });
});
afterEach(async () => {
  agent.destroy();
  await pair.close();
  server.close();
});

/** A request with a body, and its answer. */
async function ask(options: RequestOptions = {}, body: string | Buffer = ''): Promise<IncomingMessage> {
  const asked = request(pair.url, { agent, method: 'POST', ...options }).end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

describe('http with an Agent of ours', () => {
  it('has connections that the server takes for TLS, and that name the client', async () => {
    server.on('request', ({ socket }, answer) => {
      const { encrypted, authorized } = socket as unknown as PqSocket;
      const peer = (socket as unknown as PqSocket).getPeerFingerprint();
      answer.end(JSON.stringify({ encrypted, authorized, peer, address: socket.remoteAddress }));
    });
    const answer = await ask();
    const peer = pair.client.identity.fingerprint;
    expect(JSON.parse(await text(answer))).toEqual({ encrypted: true, authorized: true, peer, address: '127.0.0.1' });
  });

  it('keeps a connection alive for requests one after the other', async () => {
    server.on('request', (asked, answer) => asked.pipe(answer));
    for (const word of ['one', 'two', 'three']) expect(await text(await ask({}, word))).toBe(word);
    expect(connections).toBe(1);
  });

  it('makes as many connections as maxSockets for requests at the same time', async () => {
    agent.destroy();
    agent = new Agent({ ...pair.client, keepAlive: true, maxSockets: 3 });
    server.on('request', (asked, answer) => asked.pipe(answer));
    const words = Array.from({ length: 12 }, (_, i) => `number ${i}`);
    const answers = await Promise.all(words.map(async (word) => text(await ask({}, word))));
    expect(answers).toEqual(words);
    expect(connections).toBe(3);
  });

  it('carries 16 MB up and down', async () => {
    server.on('request', (asked, answer) => asked.pipe(answer));
    const body = randomBytes(16_000_000);
    const answer = await buffer(await ask({}, body));
    expect(createHash('sha256').update(answer).digest()).toEqual(createHash('sha256').update(body).digest());
  });

  it('carries the whole of an answer with which the server ends the connection', async () => {
    server.on('request', (_, answer) => void answer.end(Buffer.alloc(16_000_000)));
    const answer = await ask({ agent: new Agent(pair.client) });
    expect(answer.headers.connection).toBe('close');
    expect((await buffer(answer)).length).toBe(16_000_000);
  });

  it('makes another connection when the server has closed the idle one', async () => {
    server.on('request', (asked, answer) => asked.pipe(answer));
    expect(await text(await ask({}, 'before'))).toBe('before');
    const [idle] = Object.values(agent.freeSockets).flat();
    const closed = new Promise((resolve) => void idle?.once('close', resolve));
    server.closeIdleConnections();
    await closed;
    expect(await text(await ask({}, 'after'))).toBe('after');
    expect(connections).toBe(2);
  });

  it('says when a server is silent for longer than the timeout', async () => {
    server.on('request', () => {});
    const asked = request(pair.url, { agent, timeout: 50 }).end();
    await once(asked, 'timeout');
    const failed = once(asked, 'error');
    asked.destroy(new Error('too slow'));
    expect((await failed)[0].message).toBe('too slow');
  });

  it('ends the connection of a request that is aborted', async () => {
    const arrived = once(server, 'request');
    const aborter = new AbortController();
    const asked = request(pair.url, { agent, signal: aborter.signal }).end();
    const failed = new Promise<Error>((resolve) => void asked.once('error', resolve));
    const [{ socket }] = (await arrived) as [IncomingMessage];
    const closed = new Promise((resolve) => void socket.once('close', resolve));
    aborter.abort();
    expect((await failed).name).toBe('AbortError');
    await closed;
  });

  it('leaves the server its own time limits', async () => {
    server.close();
    server = createServer({ headersTimeout: 20, connectionsCheckingInterval: 10 });
    server.emit('listening');
    const socket = pair.connect();
    socket.write('GET / HTTP/1.1\r\n');
    socket.on('error', () => {}); // http destroys the connection once it has answered
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1.1 408 Request Timeout/);
    if (!socket.closed) await new Promise((resolve) => void socket.once('close', resolve));
  });

  it('fails the request when the server isn’t trusted', async () => {
    const wary = new Agent(await pair.strangersFriend());
    await expect(ask({ agent: wary })).rejects.toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
  });

  it('fails the request when nobody listens', async () => {
    await pair.close();
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
