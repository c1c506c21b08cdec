/** Trust policies at work, in connections: whom they are asked about, when, and what becomes of their answers. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import {
  anyOf,
  authorizedKeys,
  type Candidate,
  connect,
  createServer,
  Identity,
  operationCounts,
  type PqSocket,
  pinned,
  type Trust,
} from '../../lib/index.js';
import { outcomeOf } from '../support/outcome.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { clientErrorOf, errorOf } from '../support/seed-pair.js';

let both: Identities;
let stranger: Identity;
let mldsa: Identity;
let server: TestServer | undefined;
beforeAll(async () => {
  both = await identities();
  stranger = await Identity.generate();
  mldsa = await Identity.generate({ algorithm: 'ML-DSA-87' });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Whether a server with this policy takes our client, as both sides see it. */
async function accepts(trust: Trust, identity: Identity = both.client): Promise<boolean> {
  server = await TestServer.listen(both, { trust });
  const refused = clientErrorOf(server.server);
  const accepted = once(server.server, 'secureConnection');
  const client = server.connect({ identity });
  const taken = await Promise.race([accepted.then(() => true), refused.then(() => false)]);
  if (taken) await (client.connecting ? once(client, 'secureConnect') : undefined);
  else expect(await errorOf(client)).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
  return taken;
}

/** The error with which a client with this policy ends. */
async function refusalOf(trust: Trust): Promise<Error & { code?: string }> {
  server = await TestServer.listen(both);
  return errorOf(server.connect({ trust }));
}

describe('a server takes a client', () => {
  it.each<[string, () => Trust, boolean]>([
    ['whose fingerprint is pinned', () => pinned(both.client.fingerprint), true],
    ['whose fingerprint is one of the pinned', () => pinned(stranger.fingerprint, both.client.fingerprint), true],
    ['whose fingerprint is given', () => both.client.fingerprint, true],
    ['whose fingerprint is in a list', () => [stranger.fingerprint, both.client.fingerprint], true],
    ['whose fingerprint is in a set', () => new Set([both.client.fingerprint]), true],
    ['if everybody may connect', () => 'any', true],
    ['whom a callback accepts', () => () => true, true],
    ['whom a callback accepts later', () => async () => true, true],
    ['whom one of several policies accepts', () => anyOf(stranger.fingerprint, () => true), true],
    ['whom the first of several accepts', () => anyOf(both.client.fingerprint, () => false), true],
    ['but not one that is not pinned', () => pinned(stranger.fingerprint), false],
    ['but none with an empty set of authorized keys', () => authorizedKeys(new Set()), false],
    ['but not one that a callback refuses', () => () => false, false],
    ['but not one about whom a callback says something truthy', () => () => 1 as never, false],
    ['but not one about whom a callback says nothing', () => () => undefined as never, false],
    ['but not one whom none of several accepts', () => anyOf(stranger.fingerprint, async () => false), false],
    ['but not one about whom one of several says something truthy', () => anyOf(() => 'yes' as never), false],
  ])('%s', async (_, trust, expected) => {
    expect(await accepts(trust())).toBe(expected);
  });

  it('by its key of the suite that it has chosen', async () => {
    expect(await accepts(both.client.fingerprint, stranger)).toBe(false);
  });
});

describe('authorizedKeys', () => {
  it('looks at the set as it is when somebody connects', async () => {
    const keys = new Set<string>();
    server = await TestServer.listen(both, { trust: authorizedKeys(keys) });
    expect(await errorOf(server.connect())).toMatchObject({ alert: 'auth_failed' });
    keys.add(both.client.fingerprint);
    const { client } = await server.connected();
    keys.delete(both.client.fingerprint);
    expect(await errorOf(server.connect())).toMatchObject({ alert: 'auth_failed' });
    expect(client.destroyed).toBe(false);
  });

  it('lets a client choose the suite of a key that was added later', async () => {
    const keys = new Set([both.server.fingerprint]);
    const ours = await Identity.generate({ algorithm: 'ML-DSA-87' });
    server = await TestServer.listen(both, { identity: [both.server, mldsa], trust: 'any' });
    const options = { identity: [both.client, ours], trust: authorizedKeys(keys) } as const;
    expect((await server.connected(options)).client.getCipher()?.name).toBe('kyber1024-dilithium5');
    keys.clear();
    expect(await errorOf(server.connect(options))).toMatchObject({ code: 'PQ_ERR_NO_COMMON_SUITE' });
    keys.add(mldsa.fingerprint);
    expect((await server.connected(options)).client.getCipher()?.name).toBe('mlkem1024-mldsa87');
  });

  it.each<[string, () => unknown]>([
    ['no fingerprint in a set', () => authorizedKeys(new Set(['ANY']))],
    ['no fingerprint among the pinned', () => pinned(both.client.fingerprint, 'x')],
    ['nothing pinned', () => pinned()],
    ['no policies', () => anyOf()],
    ['an empty list among policies', () => anyOf('any', [])],
    ['no policy among policies', () => anyOf(undefined as never)],
  ])('and its like refuse %s at once', (_, make) => {
    expect(outcomeOf(make)).toBe('PQ_ERR_INVALID_OPTION');
  });
});

describe('anyOf', () => {
  it('asks one after the other, and no further than the first that accepts', async () => {
    const asked: string[] = [];
    const policy = (name: string, answer: boolean) => async () => {
      asked.push(name);
      return answer;
    };
    expect(await accepts(anyOf(policy('a', false), policy('b', true), policy('c', true)))).toBe(true);
    expect(asked).toEqual(['a', 'b']);
  });

  it('knows the algorithms of its keys only if all of its policies do', async () => {
    const ours = await Identity.generate({ algorithm: 'ML-DSA-87' });
    server = await TestServer.listen(both, { identity: [both.server, mldsa], trust: 'any' });
    const cipherWith = async (trust: Trust) => {
      const { client } = await (server as TestServer).connected({ identity: [both.client, ours], trust });
      return client.getCipher()?.name;
    };
    expect(await cipherWith(anyOf(mldsa.fingerprint, pinned(mldsa.fingerprint)))).toBe('mlkem1024-mldsa87');
    expect(await cipherWith(anyOf(mldsa.fingerprint, () => true))).toBe('kyber1024-dilithium5');
  });

  it('refuses when one of its policies fails before another could accept', async () => {
    const cause = new Error('no database');
    const error = await refusalOf(
      anyOf(() => {
        throw cause;
      }, both.server.fingerprint),
    );
    expect(error).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause });
  });
});

describe('a callback', () => {
  it('is told who the peer is, of what algorithm and suite, and where', async () => {
    const asked: Candidate[] = [];
    const policy = (candidate: Candidate) => {
      asked.push(candidate);
      return true;
    };
    server = await TestServer.listen(both, { trust: policy });
    const { client } = await server.connected({ trust: policy });
    const common = { algorithm: 'Dilithium5', suite: 'kyber1024-dilithium5', address: '127.0.0.1' };
    const ofServer = {
      fingerprint: both.server.fingerprint,
      publicKey: both.server.publicKey,
      host: '127.0.0.1',
      port: server.port,
    };
    const ofClient = {
      fingerprint: both.client.fingerprint,
      publicKey: both.client.publicKey,
      host: undefined,
      port: client.localPort,
    };
    expect(asked).toEqual([
      { ...common, ...ofServer },
      { ...common, ...ofClient },
    ]);
  });

  it('of a client is told the name that was dialled, not only the address', async () => {
    const asked: Candidate[] = [];
    server = await TestServer.listen(both);
    const trust = (candidate: Candidate) => asked.push(candidate) === 1;
    const client = connect({ host: 'localhost', port: server.port, identity: both.client, trust });
    await once(client, 'secureConnect');
    client.destroy();
    expect(asked).toEqual([expect.objectContaining({ host: 'localhost', port: server.port })]);
    expect(asked[0]?.address).toMatch(/^127\.|^::1$/);
  });

  it('is told the suite of the key that it is asked about', async () => {
    const ours = await Identity.generate({ algorithm: 'ML-DSA-87' });
    const seen: unknown[] = [];
    server = await TestServer.listen(both, {
      identity: mldsa,
      suites: ['x25519mlkem1024-mldsa87'],
      trust: ({ algorithm, suite }) => seen.push([algorithm, suite]) > 0,
    });
    await server.connected({ identity: ours, suites: ['x25519mlkem1024-mldsa87'], trust: mldsa.fingerprint });
    expect(seen).toEqual([['ML-DSA-87', 'x25519mlkem1024-mldsa87']]);
  });

  it.each<[string, (cause: Error) => Trust]>([
    [
      'throws',
      (cause) => () => {
        throw cause;
      },
    ],
    ['rejects', (cause) => () => Promise.reject(cause)],
  ])('that %s refuses the peer at once, with its reason on our side only', async (_, trust) => {
    const cause = new Error('the database of passwords is gone');
    server = await TestServer.listen(both, { trust: trust(cause) });
    const refused = clientErrorOf(server.server);
    const began = performance.now();
    const client = server.connect();
    const told = await errorOf(client);
    expect(await refused).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause });
    expect(performance.now() - began).toBeLessThan(4000);
    expect(told).toMatchObject({ alert: 'auth_failed' });
    expect(told.message).not.toContain('passwords');
    await server.close();
    expect(await refusalOf(trust(cause))).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause });
  });

  it('that never answers holds up its own connection alone, until time is up', async () => {
    const asked: string[] = [];
    const trust = ({ fingerprint }: Candidate) => {
      asked.push(fingerprint);
      return fingerprint === stranger.fingerprint ? new Promise<boolean>(() => {}) : true;
    };
    server = await TestServer.listen(both, { trust, handshakeTimeout: 400 });
    const refused = clientErrorOf(server.server);
    const held = errorOf(server.connect({ identity: stranger }));
    const others: { client: PqSocket }[] = [];
    for (let i = 0; i < 5; i += 1) others.push(await server.connected());
    expect(asked).toContain(stranger.fingerprint);
    expect(await refused).toMatchObject({ code: 'PQ_ERR_TIMEOUT' });
    expect(await held).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'timeout' });
    for (const { client } of others) expect(client.readyState).toBe('open');
  });

  it('that answers after its connection is over does nothing more', async () => {
    let answer = (_: boolean): void => {};
    const trust = () =>
      new Promise<boolean>((resolve) => {
        answer = resolve;
      });
    server = await TestServer.listen(both, { trust, handshakeTimeout: 50 });
    const refused = clientErrorOf(server.server);
    const accepted = jest.fn();
    server.server.on('secureConnection', accepted);
    const client = errorOf(server.connect());
    expect(await refused).toMatchObject({ code: 'PQ_ERR_TIMEOUT' });
    await client;
    answer(true);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(accepted).not.toHaveBeenCalled();
  });

  it('is asked before any lattice operation is done for the peer, and no answer of a client goes out before', async () => {
    server = await TestServer.listen(both, { trust: () => false });
    const before = operationCounts();
    const transport = connectTcp(server.port, '127.0.0.1');
    const seen: unknown[] = [];
    const client = connect({
      identity: both.client,
      socket: transport,
      trust: () => {
        seen.push(transport.bytesWritten, JSON.stringify(operationCounts()) === JSON.stringify(before));
        return false;
      },
    });
    expect(await errorOf(client)).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
    expect(seen).toEqual([0, true]);
    expect(operationCounts()).toEqual(before);
  });
});

describe('no policy at all', () => {
  it.each([undefined, null, true, false, 0, '', {}, [], new Set(), 'ANY', 'none'])('starts nothing: %p', (trust) => {
    const options = { identity: both.server, trust } as never;
    expect(outcomeOf(() => createServer(options))).toBe('PQ_ERR_INVALID_OPTION');
    expect(outcomeOf(() => connect({ ...(options as object), port: 1 } as never))).toBe('PQ_ERR_INVALID_OPTION');
  });

  it("is not what 'any' is: it has to be said, and then both sides still know each other's key", async () => {
    server = await TestServer.listen(both, { trust: 'any' });
    const { client, server: accepted } = await server.connected({ identity: stranger, trust: 'any' });
    expect(accepted.getPeerFingerprint()).toBe(stranger.fingerprint);
    expect(client.getPeerFingerprint()).toBe(both.server.fingerprint);
  });
});
