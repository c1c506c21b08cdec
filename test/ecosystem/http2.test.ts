/** node:http2 at both ends: its client and its server on our connections. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type Http2Server } from 'node:http2';
import { buffer, text } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { undiciConnector } from '../../lib/adapters/undici-connector.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';

let pair: EcosystemPair;
let server: Http2Server;
let session: ClientHttp2Session;
beforeEach(async () => {
  // The server looks at what was agreed on, as with TLS.
  pair = await EcosystemPair.generate({ alpnProtocol: 'h2' });
  server = createServer();
  await pair.listen((socket) => void server.emit('connection', socket));
  session = connect(pair.url, { createConnection: () => pair.connect() });
});
afterEach(async () => {
  session.destroy();
  await pair.close();
});

async function ask(body: string | Buffer): Promise<Buffer> {
  return buffer(session.request({ ':method': 'POST', ':path': '/' }).end(body));
}

describe('http2 on our connections', () => {
  it('carries a hundred streams at once over one connection', async () => {
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    const words = Array.from({ length: 100 }, (_, i) => `number ${i}`);
    expect((await Promise.all(words.map(ask))).map(String)).toEqual(words);
    expect(pair.accepted.size).toBe(1);
  });

  it('carries 8 MB up and down', async () => {
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    const body = randomBytes(8_000_000); // http2 itself takes no 10 MB in one write
    const answer = await ask(body);
    expect(createHash('sha256').update(answer).digest()).toEqual(createHash('sha256').update(body).digest());
  });

  it('serves the interface of http as well', async () => {
    server.on('request', ({ httpVersion, url }, answer) => void answer.end(`${httpVersion} ${url}`));
    expect(await text(session.request({ ':path': '/there' }))).toBe('2.0 /there');
  });

  it('answers a ping', async () => {
    await once(session, 'connect');
    const payload = Buffer.from('8 bytes!');
    const answer = await new Promise((resolve, reject) => {
      session.ping(payload, (error, _duration, echoed) => (error ? reject(error) : resolve(echoed)));
    });
    expect(answer).toEqual(payload);
  });

  it('ends the connection with the session', async () => {
    server.on('stream', (stream) => stream.respond({ ':status': 204 }, { endStream: true }));
    await ask('');
    const closed = [...pair.accepted].map((socket) => once(socket, 'close'));
    expect(closed.length).toBe(1);
    session.close();
    await Promise.all(closed);
  });

  it('is what undici speaks, too, when it is what was agreed on', async () => {
    server.on('request', ({ httpVersion, url }, answer) => void answer.end(`${httpVersion} ${url}`));
    const dispatcher = new Agent({ connect: undiciConnector(pair.client) });
    const answer = await request(new URL('/there', pair.url), { dispatcher });
    expect(await answer.body.text()).toBe('2.0 /there');
    await dispatcher.destroy();
  });

  it('fails the session when the server isn’t trusted', async () => {
    const stranger = await pair.strangersFriend();
    const wary = connect(pair.url, { createConnection: () => pair.connect(stranger) });
    const failed = new Promise((resolve) => void wary.once('error', resolve));
    expect(await failed).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
  });
});
