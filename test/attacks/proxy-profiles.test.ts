/** Honest sides of different profiles and protocols that somebody brings together, over TCP (attack 18). */
import { once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { connect, type Identity } from '../../lib/index.js';
import { fateOf } from '../net/fate.js';
import { HostileProxy } from '../support/hostile-proxy.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { NOTHING_SPENT, spentDuring } from '../support/script-pair.js';
import { type SeedIdentities, TestServer as SeedServer, seedIdentities } from '../support/seed-pair.js';

let both: Identities;
let seeds: SeedIdentities;
let hardened: TestServer;
let seed: SeedServer;
beforeAll(async () => {
  [both, seeds] = await Promise.all([identities(), seedIdentities()]);
  [hardened, seed] = await Promise.all([TestServer.listen(both), SeedServer.listen(seeds, { trust: 'any' })]);
});
afterAll(() => Promise.all([hardened.close(), seed.close()]));

let proxy: HostileProxy;
afterEach(() => proxy.close());

/** What a client says, how often it has connected, what it has sent in the end, and the price of all that. */
async function outcome(port: number, profile: 'hardened' | 'seed', frameTimeout = 5000) {
  proxy = await HostileProxy.before(port);
  const place = { host: '127.0.0.1', port: proxy.port, frameTimeout };
  let ended: Awaited<ReturnType<typeof fateOf>> | undefined;
  const spent = await spentDuring(async () => {
    const client =
      profile === 'hardened'
        ? connect({ ...place, identity: both.client, trust: 'any' })
        : connect({ ...place, profile, identity: seeds.client as Identity<'seed'>, trust: 'any' });
    client.write('a secret');
    ended = await fateOf(client);
    await proxy.link.closed;
  });
  const { error, events } = ended as NonNullable<typeof ended>;
  expect(spent).toEqual(NOTHING_SPENT);
  expect(events).toEqual(['error', 'close']);
  expect(proxy.links.length).toBe(1);
  return { code: error?.code, message: error?.message, sent: proxy.link.bytes.client };
}

const refusalOf = async (server: TestServer | SeedServer) =>
  ((await once(server.server, 'clientError'))[0] as Error & { code: string }).code;

it('a hardened client sends nothing to a server of the seed profile, and doesn’t become one of it', async () => {
  const atServer = refusalOf(seed);
  const { code, message, sent } = await outcome(seed.port, 'hardened');
  expect([code, await atServer, sent]).toEqual(['PQ_ERR_UNEXPECTED_MESSAGE', 'PQ_ERR_TRUNCATED', 0]);
  expect(message).toContain('seed profile');
});

it('a client of the seed profile sends nothing to a hardened server', async () => {
  const atServer = refusalOf(hardened);
  const { code, sent } = await outcome(hardened.port, 'seed');
  expect([code, await atServer, sent]).toEqual(['PQ_ERR_DECODE', 'PQ_ERR_TRUNCATED', 0]);
});

describe.each<[string, () => Server]>([
  ['of HTTP', () => createHttpServer()],
  ['of TLS', () => createTlsServer()],
  ['that says nothing', () => createTcpServer()],
])('a server %s', (_, make) => {
  let server: Server;
  afterEach(() => void server.close());

  it('is sent nothing, and waited for until the timeout', async () => {
    server = make().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { code, message, sent } = await outcome((server.address() as AddressInfo).port, 'hardened', 60);
    expect([code, sent]).toEqual(['PQ_ERR_TIMEOUT', 0]);
    expect(message).toContain('the peer has sent nothing');
  });
});

it.each<[string, (port: number) => { on(event: 'error', listener: () => void): unknown }]>([
  ['of HTTP', (port) => get({ port, host: '127.0.0.1', agent: false })],
  ['of TLS', (port) => connectTls({ port, host: '127.0.0.1' })],
])('a hardened server refuses a client %s on four bytes, at no cost, and tells it nothing', async (_, make) => {
  proxy = await HostileProxy.before(hardened.port);
  const atServer = refusalOf(hardened);
  const spent = await spentDuring(async () => {
    make(proxy.port).on('error', () => {});
    expect(await atServer).toBe('PQ_ERR_UNEXPECTED_MESSAGE');
    await proxy.link.closed;
  });
  expect(spent).toEqual(NOTHING_SPENT);
  expect(proxy.link.sent.server.map(([type]) => type)).toEqual([1]);
});
