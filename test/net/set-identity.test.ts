/** A server that changes its key while it runs. */
import { once } from 'node:events';
import { createServer, type HardenedOptions, Identity } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { errorOf } from '../support/seed-pair.js';

let both: Identities;
let server: TestServer | undefined;
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('setIdentity', () => {
  it('shows the new key to new connections, and leaves open ones', async () => {
    const next = await Identity.generate();
    const trust = [both.server.fingerprint, next.fingerprint];
    server = await TestServer.listen(both, {}, (socket) => void socket.pipe(socket));
    const before = await server.connected({ trust });
    server.server.setIdentity(next);
    const after = await server.connected({ trust });
    expect(before.client.getPeerFingerprint()).toBe(both.server.fingerprint);
    expect(after.client.getPeerFingerprint()).toBe(next.fingerprint);
    before.client.write('still there');
    expect(String((await once(before.client, 'data'))[0])).toBe('still there');
  });

  it('leaves a handshake that is under way with the key that it has shown', async () => {
    const next = await Identity.generate();
    server = await TestServer.listen(both, { trust: async () => true });
    const begun = once(server.server, 'connection');
    const client = server.connect();
    await begun;
    server.server.setIdentity(next);
    await once(client, 'secureConnect');
    expect(client.getPeerFingerprint()).toBe(both.server.fingerprint);
  });

  it('can add the key of another suite', async () => {
    const [ours, theirs] = await Promise.all([1, 2].map(() => Identity.generate({ algorithm: 'ML-DSA-87' })));
    server = await TestServer.listen(both, { trust: 'any' });
    const change = { identity: theirs as Identity, trust: ours?.fingerprint as string };
    expect(await errorOf(server.connect(change))).toMatchObject({ code: 'PQ_ERR_NO_COMMON_SUITE' });
    server.server.setIdentity([both.server, ours as Identity]);
    const { client } = await server.connected(change);
    expect(client.getCipher()?.name).toBe('mlkem1024-mldsa87');
  });

  it.each<[string, () => Promise<unknown>, Partial<HardenedOptions>]>([
    ['none', async () => undefined, {}],
    ['an empty list', async () => [], {}],
    ['one of the seed profile', () => Identity.generate({ profile: 'seed' }), {}],
    [
      'one that was disposed of',
      async () => {
        const identity = await Identity.generate();
        identity.dispose();
        return identity;
      },
      {},
    ],
    [
      'one without the suites of the options',
      () => Identity.generate({ algorithm: 'ML-DSA-87' }),
      { suites: ['kyber1024-dilithium5'] },
    ],
  ])('changes nothing when it is %s', async (_, identity, more) => {
    const listening = await TestServer.listen(both, more);
    server = listening;
    const wrong = (await identity()) as Identity;
    expect(() => listening.server.setIdentity(wrong)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }),
    );
    const { client } = await listening.connected();
    expect(client.getPeerFingerprint()).toBe(both.server.fingerprint);
  });

  it('is not there in the seed profile', async () => {
    const identity = await Identity.generate({ profile: 'seed' });
    const one = createServer({ profile: 'seed', identity, trust: 'any' });
    expect(() => one.setIdentity(both.server)).toThrow(/of the seed profile stays/);
  });
});
