/** Keys that are kept prepared: a server's and a client's own, and those of peers that come back. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServer, Identity, type Profile, type ServerOptions } from '../../lib/index.js';
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
  const counts = new Float64Array(4);
  addon.matrixCounts(counts);
  const [, peers, places, seen] = counts;
  server.close();
  await once(server, 'close');
  identity.dispose();
  return { peers, places, seen, atClient };
}
