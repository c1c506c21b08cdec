/** Keys that are kept prepared: a server's and a client's own, and those of peers that come back. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, createServer, Identity, type Profile, type ServerOptions } from '../../lib/index.js';
import { addon } from '../../lib/native/load.js';
import { Sig } from '../../lib/oqs.js';

const PROFILES: readonly Profile[] = ['hardened', 'seed'];
const own = new Sig('Dilithium5').keypairSync();
const peer = new Sig('Dilithium5').keypairSync();

beforeEach(() => addon.configurePeers(0, 0));

describe.each(PROFILES)('in the profile %s', (profile) => {
  it.each([
    { visits: 1, kept: 0 },
    { visits: 2, kept: 1 },
    { visits: 3, kept: 1 },
  ])('after $visits handshakes each side keeps $kept key of the other beside its own', async ({ visits, kept }) => {
    const server = await visited(profile, visits);
    expect(server).toEqual({ peers: kept, places: 64, seen: 1 - kept, atClient: [1, kept] });
  });
});

describe('a server’s limit preparedPeers', () => {
  it('is how many there is room for, none if it is 0', async () => {
    const atClient = [1, 1];
    expect(await visited('hardened', 2, { preparedPeers: 0 })).toEqual({ peers: 0, places: 0, seen: 0, atClient });
    expect(await visited('hardened', 2, { preparedPeers: 3 })).toEqual({ peers: 1, places: 3, seen: 0, atClient });
  });

  it('counts if nobody in the process wants more, as a client may', async () => {
    expect(await visited('seed', 0, { preparedPeers: 3 })).toMatchObject({ places: 3 });
    const client = connect({ port: 1, identity: Identity.from(own), trust: 'any' });
    client.on('error', () => {}).destroy();
    expect(peersNow()).toMatchObject({ places: 64 });
    expect(await visited('seed', 0, { preparedPeers: 63 })).toMatchObject({ places: 64 });
    expect(await visited('seed', 0, { preparedPeers: 65 })).toMatchObject({ places: 65 });
  });

  it('makes no room if the options are wrong', () => {
    const options = { identity: Identity.from(own), trust: 'any', limits: { preparedPeers: 7, signQueue: 0 } } as const;
    expect(() => createServer(options)).toThrow('limits.signQueue');
    expect(peersNow()).toMatchObject({ places: 0 });
  });
});

/** What is prepared in this process after visits of a client in another, and what is prepared there. */
async function visited(profile: Profile, visits: number, limits: ServerOptions['limits'] = {}): Promise<object> {
  const identity = Identity.from({ profile, ...own });
  const trust = Identity.from({ profile, ...peer }).fingerprint;
  const server = createServer({ profile, identity, trust, limits } as ServerOptions, (socket) => socket.resume());
  server.on('connection', (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const args = [join(__dirname, 'visitor.mjs'), String(port), String(visits), identity.fingerprint, profile];
  const client = promisify(execFile)(process.execPath, args);
  const keys = { publicKey: peer.publicKey.toString('base64'), secretKey: peer.secretKey.export().toString('base64') };
  client.child.stdin?.end(JSON.stringify(keys));
  const atClient: unknown = JSON.parse((await client).stdout);
  server.close();
  await once(server, 'close');
  identity.dispose();
  return { ...peersNow(), atClient };
}

function peersNow(): object {
  const counts = new Float64Array(4);
  addon.matrixCounts(counts);
  const [, peers, places, seen] = counts;
  return { peers, places, seen };
}
