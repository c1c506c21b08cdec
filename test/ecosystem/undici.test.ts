/** undici, and `fetch` with its dispatcher, with a server of node:http on our connections. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Agent, fetch, request } from 'undici';
import { undiciConnector } from '../../lib/adapters/undici-connector.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';

let pair: EcosystemPair;
let server: Server;
let dispatcher: Agent;
/** How many connections there have been. */
let connections: number;
beforeEach(async () => {
  pair = await EcosystemPair.generate();
  server = createServer((asked, answer) => void asked.pipe(answer));
  server.emit('listening'); // else it would not know which of its connections are idle
  connections = 0;
  await pair.listen((socket) => {
    connections += 1;
    server.emit('connection', socket);
  });
  dispatcher = new Agent({ connect: undiciConnector(pair.client), connections: 1 });
});
afterEach(async () => {
  await dispatcher.destroy();
  await pair.close();
  server.close();
});

describe('undici with a connector of ours', () => {
  it('asks one request after the other over one connection', async () => {
    for (const body of ['one', 'two', 'three']) {
      const answer = await request(pair.url, { dispatcher, method: 'POST', body });
      expect(await answer.body.text()).toBe(body);
    }
    expect(connections).toBe(1);
  });

  it('asks many at once over as many connections as it may have', async () => {
    await dispatcher.destroy();
    dispatcher = new Agent({ connect: undiciConnector(pair.client), connections: 2 });
    const words = Array.from({ length: 20 }, (_, i) => `number ${i}`);
    const ask = async (body: string) => {
      const answer = await request(pair.url, { dispatcher, method: 'POST', body });
      return answer.body.text();
    };
    expect(await Promise.all(words.map(ask))).toEqual(words);
    expect(connections).toBe(2);
  });

  it('carries 16 MB up and down', async () => {
    const body = randomBytes(16_000_000);
    const answer = await request(pair.url, { dispatcher, method: 'POST', body });
    const received = await buffer(answer.body);
    expect(createHash('sha256').update(received).digest()).toEqual(createHash('sha256').update(body).digest());
  });

  it.each([
    ['undici’s', fetch],
    ['Node’s', globalThis.fetch as unknown as typeof fetch],
  ])('serves %s fetch', async (_, fetcher) => {
    const answer = await fetcher(pair.url, { dispatcher, method: 'POST', body: 'fetched' });
    expect([answer.status, await answer.text()]).toEqual([200, 'fetched']);
  });

  it('connects anew when the server has closed the idle connection', async () => {
    const first = await request(pair.url, { dispatcher, method: 'POST', body: 'before' });
    await first.body.text();
    const gone = new Promise((resolve) => void dispatcher.once('disconnect', resolve));
    server.closeIdleConnections();
    await gone;
    const second = await request(pair.url, { dispatcher, method: 'POST', body: 'after' });
    expect(await second.body.text()).toBe('after');
    expect(connections).toBe(2);
  });

  it('fails the request when the server isn’t trusted', async () => {
    const wary = new Agent({ connect: undiciConnector(await pair.strangersFriend()) });
    await expect(request(pair.url, { dispatcher: wary })).rejects.toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
    await wary.destroy();
  });

  it('fails the request when nobody listens', async () => {
    await pair.close();
    await expect(request(pair.url, { dispatcher })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
