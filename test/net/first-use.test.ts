/** A policy that learns a peer: only one that has proven its key, before anybody hears of the connection. */
import { once } from 'node:events';
import {
  connect,
  FirstUse,
  type HardenedOptions,
  type PqServer,
  type PqSocket,
  type TrustPolicy,
} from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { type SeedIdentities, TestServer as SeedServer, seedIdentities } from '../support/seed-pair.js';
import { connectedInMemory } from './in-memory.js';

let both: Identities;
let seed: SeedIdentities;
let server: TestServer | SeedServer | undefined;
beforeAll(async () => {
  both = await identities();
  seed = await seedIdentities();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const errorOf = async (socket: PqSocket) => (await once(socket, 'error'))[0] as Error & { code: string };
const clientErrorOf = async (of: PqServer) => (await once(of, 'clientError'))[0] as Error & { code: string };

/** A policy that writes down what happens. */
function noting(notes: string[], learn = async () => {}): TrustPolicy {
  return () => {
    notes.push('asked');
    return new FirstUse(async () => {
      await learn();
      notes.push('learnt');
    });
  };
}

const refuse = () => Promise.reject(new Error('no room'));

describe('a first use', () => {
  it('is learnt by a client before it hears of the connection, and before the server has one', async () => {
    const notes: string[] = [];
    server = await TestServer.listen(both, {}, () => notes.push('accepted'));
    const accepted = once(server.server, 'secureConnection');
    const client = server.connect({ trust: noting(notes) });
    client.once('secureConnect', () => notes.push('connected'));
    await Promise.all([accepted, once(client, 'secureConnect')]);
    expect(notes.slice(0, 2)).toEqual(['asked', 'learnt']);
    expect(notes.slice(2).sort()).toEqual(['accepted', 'connected']);
  });

  it('is learnt by a server before its client has a connection', async () => {
    const notes: string[] = [];
    server = await TestServer.listen(both, { trust: noting(notes) }, () => notes.push('accepted'));
    const accepted = once(server.server, 'secureConnection');
    const client = server.connect();
    client.once('secureConnect', () => notes.push('connected'));
    await Promise.all([accepted, once(client, 'secureConnect')]);
    expect(notes.slice(0, 2)).toEqual(['asked', 'learnt']);
  });

  it('is learnt by both sides of the seed profile', async () => {
    const [near, far]: string[][] = [[], []];
    server = await SeedServer.listen(seed, { trust: noting(far as string[]) });
    const accepted = once(server.server, 'secureConnection');
    const client = connect({
      profile: 'seed',
      host: '127.0.0.1',
      port: (server.server.address() as { port: number }).port,
      identity: seed.client,
      trust: noting(near as string[]),
    });
    await Promise.all([accepted, once(client, 'secureConnect')]);
    client.destroy();
    expect([near, far]).toEqual([
      ['asked', 'learnt'],
      ['asked', 'learnt'],
    ]);
  });

  it('that a client cannot learn is no connection, and the server is told what it is told today', async () => {
    server = await TestServer.listen(both);
    const refused = clientErrorOf(server.server);
    const client = server.connect({ trust: noting([], refuse) });
    const error = await errorOf(client);
    expect(error).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause: new Error('no room') });
    expect(error.message).not.toContain('no room');
    expect(await refused).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
  });

  it('that a server cannot learn is no connection either', async () => {
    server = await TestServer.listen(both, { trust: noting([], refuse) });
    const refused = clientErrorOf(server.server);
    expect(await errorOf(server.connect())).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
    expect(await refused).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause: new Error('no room') });
  });

  it('that takes too long ends by the timeout', async () => {
    server = await TestServer.listen(both);
    const client = server.connect({ trust: noting([], () => new Promise(() => {})), handshakeTimeout: 50 });
    expect(await errorOf(client)).toMatchObject({ code: 'PQ_ERR_TIMEOUT' });
  });

  it('takes the data that comes meanwhile afterwards', async () => {
    const options: Partial<HardenedOptions> = { trust: noting([], () => new Promise(setImmediate)) };
    const { client, server } = await connectedInMemory(both, { client: options, server: options });
    const said: Promise<Buffer[]>[] = [client, server].map((socket) => once(socket, 'data') as Promise<Buffer[]>);
    client.write('from the client');
    server.write('from the server');
    expect((await Promise.all(said)).map(String)).toEqual(['from the server', 'from the client']);
    server.on('error', () => {});
    client.destroy();
  });
});
