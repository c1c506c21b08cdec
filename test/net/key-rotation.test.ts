/** A server that shows its old key beside the new one: which of them each client takes, and that it is the one in use. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  anyOf,
  authorizedKeys,
  authorizedKeysFile,
  connect,
  Identity,
  knownHosts,
  type PqSocket,
  type Trust,
} from '../../lib/index.js';
import { comesTo, type Identities, identities, TestServer } from '../support/pair.js';
import { TrustFolder } from '../support/trust-files.js';

let both: Identities;
/** The key before `both.server`, and one that has nothing to do with it. */
let old: Identity;
let stranger: Identity;
let server: TestServer;
let folder: TrustFolder;
beforeAll(async () => {
  [both, old, stranger] = await Promise.all([identities(), Identity.generate(), Identity.generate()]);
  server = await TestServer.listen(both, { identity: [both.server, old] }, echo);
});
afterAll(() => server.close());
beforeEach(() => {
  folder = new TrustFolder();
});
afterEach(() => folder.remove());

/** Of clients that end as they like. */
const echo = (socket: PqSocket) => void socket.on('error', () => {}).pipe(socket);

/** The key that a client with this trust has taken: the new one, the old one, or its error. */
async function taken(trust: Trust, at = server): Promise<string> {
  const client = connect({ host: 'localhost', port: at.port, identity: both.client, trust });
  const outcome = await comesTo(client);
  if (outcome !== 'connected') return outcome.message;
  const names = { [both.server.fingerprint]: 'new', [old.fingerprint]: 'old' };
  return names[client.getPeerFingerprint() ?? ''] ?? 'another';
}

const newer = () => both.server.fingerprint;
const hosts = (...fingerprints: string[]) =>
  knownHosts(folder.write(fingerprints.map((each) => `localhost:${server.port} ${each}\n`).join('')));

it.each<[string, string, () => Trust]>([
  ['new', 'pins that', newer],
  ['old', 'pins that', () => old.fingerprint],
  ['new', 'pins both', () => [old.fingerprint, newer()]],
  ['new', 'takes any', () => 'any'],
  ['new', 'has a policy that nobody can look into', () => async () => true],
  ['new', 'has that in its set', () => authorizedKeys(new Set([newer(), stranger.fingerprint]))],
  ['old', 'has that in its set', () => authorizedKeys(new Set([old.fingerprint, stranger.fingerprint]))],
  ['old', 'pins that among several policies', () => anyOf(stranger.fingerprint, old.fingerprint)],
  ['old', 'pins that beside a policy that nobody can look into', () => anyOf(() => false, old.fingerprint)],
  ['old', 'knows that of the host', () => hosts(stranger.fingerprint, old.fingerprint)],
  ['new', 'knows both of the host', () => hosts(old.fingerprint, newer())],
  ['old', 'has that in a file of keys', () => authorizedKeysFile(folder.write(`${old.fingerprint}\n`))],
  [
    'old',
    'has the new one in a file of keys, where it has expired',
    () => authorizedKeysFile(folder.write(`${old.fingerprint}\n${newer()} expires=2020-01-01\n`)),
  ],
])('a client takes the %s key when it %s', async (key, _, trust) => {
  expect(await taken(trust())).toBe(key);
});

it('the set of keys counts as it is when the client connects', async () => {
  const keys = new Set([old.fingerprint]);
  const trust = authorizedKeys(keys);
  expect(await taken(trust)).toBe('old');
  keys.add(newer());
  expect(await taken(trust)).toBe('new');
  keys.delete(newer());
  expect(await taken(trust)).toBe('old');
});

it('a client that meets the server for the first time learns the new key, and takes that from then on', async () => {
  const path = folder.file('learnt');
  const trust = knownHosts(path, { onFirstUse: 'accept' });
  expect(await taken(trust)).toBe('new');
  expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^localhost:${server.port} ${newer()} # first use [^\n]+\n$`));
  expect(await taken(knownHosts(path))).toBe('new');
});

it('a client that knows neither refuses with the new key, what it has, and where', async () => {
  const trust = hosts(stranger.fingerprint);
  const path = folder.file();
  const changed = `it shows ${newer()}, and ${path} has ${stranger.fingerprint} in line 1`;
  expect(await taken(trust)).toContain(changed);
  expect(await taken(knownHosts(path, { onFirstUse: 'accept' }))).toContain(changed);
  expect(await taken(stranger.fingerprint)).toContain(`the trust policy does not accept the peer ${newer()}`);
});

it('a client hears which keys the server shows when those that it knows are of another algorithm', async () => {
  const [mldsa, ours] = await Promise.all([1, 2].map(() => Identity.generate({ algorithm: 'ML-DSA-87' })));
  const moved = await TestServer.listen(both, { identity: mldsa as Identity });
  const failing = async (identity: readonly [Identity, ...Identity[]]) => {
    const outcome = await comesTo(moved.connect({ identity, trust: old.fingerprint }));
    expect(outcome).toMatchObject({ code: 'PQ_ERR_NO_COMMON_SUITE' });
    return (outcome as Error).message;
  };
  const hint = `It shows ${mldsa?.fingerprint}: the keys that we trust are of another algorithm`;
  expect(await failing([both.client, ours as Identity])).toContain(hint);
  expect(await failing([both.client])).not.toContain('It shows'); // another key on record would not help it
  await moved.close();
});

it('a policy that fails when it is asked what it knows ends the connection', async () => {
  const knows = () => {
    throw new Error('the disk is gone');
  };
  const outcome = await comesTo(server.connect({ trust: Object.assign(() => true, { knows }) }));
  expect(outcome).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause: { message: 'the disk is gone' } });
});

it('the keys of several algorithms are rotated apart from each other', async () => {
  const [mldsa, before, ours] = (await Promise.all(
    [1, 2, 3].map(() => Identity.generate({ algorithm: 'ML-DSA-87' })),
  )) as [Identity, Identity, Identity];
  const four = [both.server, mldsa, old, before] as const;
  const trust = [both.client.fingerprint, ours.fingerprint];
  const rotating = await TestServer.listen(both, { identity: four, trust }, echo);
  const identity = [both.client, ours] as const;
  for (const each of four) {
    const { client, server: served } = await rotating.connected({ identity, trust: each.fingerprint });
    expect(client.getPeerFingerprint()).toBe(each.fingerprint);
    expect(client.getCipher()?.name).toMatch(each.algorithm === 'Dilithium5' ? /dilithium5/ : /mldsa87/);
    expect([client, served].map((socket) => socket.getFingerprint())).toEqual([
      each.algorithm === 'Dilithium5' ? both.client.fingerprint : ours.fingerprint,
      each.fingerprint,
    ]);
  }
  await rotating.close();
});

it('a key is rotated: no connection is dropped, and no client is refused that knows one of the keys shown', async () => {
  const rotating = await TestServer.listen({ ...both, server: old }, {}, echo);
  const stays = async (socket: PqSocket) => {
    socket.write('still there');
    expect(String((await once(socket, 'data'))[0])).toBe('still there');
  };
  const { client: first } = await rotating.connected();
  expect(await taken(newer(), rotating)).toContain('does not accept');

  rotating.server.setIdentity([both.server, old]);
  const { client: second } = await rotating.connected({ trust: newer() });
  expect([await taken(old.fingerprint, rotating), await taken(newer(), rotating)]).toEqual(['old', 'new']);

  rotating.server.setIdentity(both.server);
  expect(await taken(old.fingerprint, rotating)).toContain(`does not accept the peer ${newer()}`);
  expect(await taken(newer(), rotating)).toBe('new');
  for (const socket of [first, second]) await stays(socket);
  await rotating.close();
});

it('a handshake that is under way ends with the key that was chosen, though it is shown no more', async () => {
  const rotating = await TestServer.listen(
    both,
    {
      identity: [both.server, old],
      trust: async () => {
        rotating.server.setIdentity(both.server);
        return true;
      },
    },
    echo,
  );
  const { client } = await rotating.connected({ trust: old.fingerprint });
  expect(client.getPeerFingerprint()).toBe(old.fingerprint);
  expect(await taken(old.fingerprint, rotating)).toContain('does not accept');
  await rotating.close();
});
