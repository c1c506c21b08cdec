/** Connections of the hardened profile over TCP: what both sides come to know, and when. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import {
  AlertError,
  type HardenedOptions,
  Identity,
  type PqSocket,
  type ServerLimits,
  type SuiteName,
} from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { clientErrorOf, errorOf } from '../support/seed-pair.js';

type ServerSays = Partial<HardenedOptions<ServerLimits>>;
type Suites = NonNullable<HardenedOptions['suites']>;

let dilithium: Identities;
let mldsa: Identities;
let server: TestServer | undefined;
beforeAll(async () => {
  dilithium = await identities('Dilithium5');
  mldsa = await identities('ML-DSA-87');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const echo = (socket: PqSocket) => {
  socket.on('error', () => {});
  socket.pipe(socket);
};

/** A server and client with both kinds of keys on both sides. */
const both = () => ({
  server: { identity: [dilithium.server, mldsa.server], trust: 'any' } as const,
  client: { identity: [dilithium.client, mldsa.client], trust: 'any' } as const,
});

/** What a client comes to, with a server that may say something else. */
async function failures(serverSays: ServerSays, clientSays: Partial<HardenedOptions>) {
  server = await TestServer.listen(dilithium, serverSays);
  const refused = clientErrorOf(server.server);
  const [client, accepted] = await Promise.all([errorOf(server.connect(clientSays)), refused]);
  return { client, server: accepted };
}

describe('a connection with nothing but identities and trust', () => {
  it('authenticates both sides, under the first suite', async () => {
    server = await TestServer.listen(dilithium);
    const { client, server: accepted } = await server.connected();
    expect(client.getPeerFingerprint()).toBe(dilithium.server.fingerprint);
    expect(client.getPeerPublicKey()).toEqual(dilithium.server.publicKey);
    expect(accepted.getPeerFingerprint()).toBe(dilithium.client.fingerprint);
    expect(accepted.getPeerPublicKey()).toEqual(dilithium.client.publicKey);
    const name = 'kyber1024-dilithium5';
    for (const socket of [client, accepted]) {
      expect(socket.getProtocol()).toBe('pqsock/1');
      expect(socket.getCipher()).toEqual({ name, standardName: name, version: 'pqsock/1' });
      expect(socket).toMatchObject({ authorized: true, authorizationError: null, encrypted: true });
      expect(socket).toMatchObject({ profile: 'hardened', alpnProtocol: false });
    }
  });

  it('says nothing of the peer before the handshake is complete, and is opening', async () => {
    server = await TestServer.listen(dilithium);
    const client = server.connect();
    const before = { connecting: true, pending: true, readyState: 'opening', authorized: false };
    expect(client).toMatchObject(before);
    expect(client.getProtocol()).toBeNull();
    for (const value of [client.getCipher(), client.getPeerFingerprint(), client.getPeerPublicKey()]) {
      expect(value).toBeUndefined();
    }
    await once(client, 'connect');
    expect(client).toMatchObject({ connecting: false, pending: false, readyState: 'open', authorized: true });
    client.destroy();
    expect(client).toMatchObject({ connecting: false, pending: true, readyState: 'closed', authorized: true });
    expect(client.getPeerFingerprint()).toBe(dilithium.server.fingerprint);
  });

  it("tells 'connect', 'ready' and 'secureConnect' once each, in this order, when the peer is known", async () => {
    server = await TestServer.listen(dilithium);
    const client = server.connect();
    const told: unknown[] = [];
    for (const event of ['connect', 'ready', 'secureConnect']) {
      client.on(event, () => void told.push([event, client.getPeerFingerprint(), client.connecting]));
    }
    await once(server.server, 'secureConnection');
    const { fingerprint } = dilithium.server;
    expect(told).toEqual([
      ['connect', fingerprint, false],
      ['ready', fingerprint, false],
      ['secureConnect', fingerprint, false],
    ]);
  });

  it("tells none of the three, and no 'end', when the handshake fails", async () => {
    server = await TestServer.listen(dilithium);
    const client = server.connect({ trust: dilithium.client.fingerprint });
    const told = jest.fn();
    for (const event of ['connect', 'ready', 'secureConnect', 'end', 'data']) client.on(event, told);
    const closed = new Promise((resolve) => void client.on('close', resolve));
    const [error] = (await once(client, 'error')) as [Error];
    expect(error).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', name: 'UntrustedError' });
    await closed;
    expect(told).not.toHaveBeenCalled();
    expect(client).toMatchObject({ connecting: false, authorized: false, destroyed: true });
  });

  it('sends what was written before the handshake was complete, in order, and then the end', async () => {
    server = await TestServer.listen(dilithium, {}, echo);
    const client = server.connect({ allowHalfOpen: true });
    for (const word of ['one ', 'two ', 'three']) client.write(word);
    client.end();
    expect(client.bytesWritten).toBe(13);
    expect(await text(client)).toBe('one two three');
    expect(client).toMatchObject({ bytesRead: 13, bytesWritten: 13 });
  });

  it('counts every byte that was written once, also those that wait', async () => {
    server = await TestServer.listen(dilithium, {}, (socket) => void socket.pause());
    const { client } = await server.connected();
    const size = 2 ** 16;
    let calls = 0;
    do calls += 1;
    while (client.write(Buffer.alloc(size)) || calls < 400);
    expect(client.writableNeedDrain).toBe(true);
    expect(client.bytesWritten).toBe(calls * size);
    await new Promise(setImmediate); // what waited in the same tick has begun to go out
    expect(client.bytesWritten).toBe(calls * size);
  });

  it('can be read by iterating', async () => {
    server = await TestServer.listen(dilithium, {}, (socket) => void socket.end(Buffer.alloc(300_000, 7)));
    const chunks: Buffer[] = [];
    for await (const chunk of server.connect()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(Buffer.alloc(300_000, 7))).toBe(true);
  });

  it('is ended by a loop over it that is left', async () => {
    server = await TestServer.listen(dilithium, {}, (socket) => void socket.on('error', () => {}).write('more'));
    const client = server.connect();
    for await (const chunk of client) {
      expect(String(chunk)).toBe('more');
      break;
    }
    expect(client.destroyed).toBe(true);
  });
});

describe('the suite', () => {
  const everySuite: Suites = ['kyber1024-dilithium5', 'mlkem1024-mldsa87', 'x25519mlkem1024-mldsa87'];

  it.each(everySuite)('%s carries data both ways', async (name) => {
    const { server: ours, client: theirs } = both();
    server = await TestServer.listen(dilithium, { ...ours, suites: [name] }, echo);
    const client = server.connect({ ...theirs, suites: [name], allowHalfOpen: true });
    client.end('there and back');
    expect(await text(client)).toBe('there and back');
    expect(client.getCipher()?.name).toBe(name);
  });

  it.each<[SuiteName, string, Suites | undefined, Suites | undefined]>([
    ['kyber1024-dilithium5', 'unless said otherwise', undefined, undefined],
    [
      'mlkem1024-mldsa87',
      'of two, when the client prefers it',
      ['mlkem1024-mldsa87', 'kyber1024-dilithium5'],
      undefined,
    ],
    ['kyber1024-dilithium5', 'whatever the server prefers', undefined, ['mlkem1024-mldsa87', 'kyber1024-dilithium5']],
    ['mlkem1024-mldsa87', 'when the server has no other', undefined, ['mlkem1024-mldsa87']],
    [
      'mlkem1024-mldsa87',
      'when the client knows a better one that the server did not list',
      ['x25519mlkem1024-mldsa87', 'mlkem1024-mldsa87'],
      undefined,
    ],
    [
      'x25519mlkem1024-mldsa87',
      'when both list it and the client prefers it',
      ['x25519mlkem1024-mldsa87', 'mlkem1024-mldsa87'],
      everySuite,
    ],
  ])('is %s %s', async (name, _, clientSuites, serverSuites) => {
    const { server: ours, client: theirs } = both();
    server = await TestServer.listen(dilithium, { ...ours, suites: serverSuites });
    const { client } = await server.connected({ ...theirs, suites: clientSuites });
    expect(client.getCipher()?.name).toBe(name);
  });

  it('is that of the only identity of a client, or of a server', async () => {
    const { server: ours, client: theirs } = both();
    server = await TestServer.listen(dilithium, ours);
    const one = await server.connected({ ...theirs, identity: mldsa.client });
    expect(one.client.getCipher()?.name).toBe('mlkem1024-mldsa87');
    expect(one.server.getPeerFingerprint()).toBe(mldsa.client.fingerprint);
    await server.close();
    server = await TestServer.listen(dilithium, { ...ours, identity: mldsa.server });
    const two = await server.connected(theirs);
    expect(two.client.getPeerFingerprint()).toBe(mldsa.server.fingerprint);
  });

  it('is the one of the key that the client has pinned, whatever it prefers', async () => {
    const { server: ours, client: theirs } = both();
    server = await TestServer.listen(dilithium, ours);
    const { client } = await server.connected({ ...theirs, trust: mldsa.server.fingerprint });
    expect(client.getCipher()?.name).toBe('mlkem1024-mldsa87');
    const other = await server.connected({
      ...theirs,
      trust: [mldsa.server.fingerprint, dilithium.server.fingerprint],
    });
    expect(other.client.getCipher()?.name).toBe('kyber1024-dilithium5');
  });

  it.each<[string, () => ServerSays, () => Partial<HardenedOptions>]>([
    ['keys of one kind on each side', () => ({ identity: dilithium.server }), () => ({ identity: mldsa.client })],
    [
      'suites of the same key, and none in common',
      () => ({ identity: mldsa.server, trust: 'any', suites: ['mlkem1024-mldsa87'] }),
      () => ({ identity: mldsa.client, trust: 'any', suites: ['x25519mlkem1024-mldsa87'] }),
    ],
    [
      'a pinned key of an algorithm that the server has no key of',
      () => ({ identity: dilithium.server, trust: 'any' }),
      () => ({ ...both().client, trust: mldsa.server.fingerprint }),
    ],
  ])('is missing with %s: both sides are told', async (_, serverSays, clientSays) => {
    const failed = await failures(serverSays(), clientSays());
    expect(failed.client).toMatchObject({ code: 'PQ_ERR_NO_COMMON_SUITE', name: 'IncompatibleError' });
    expect(failed.client.message).toMatch(/the server offers /);
    expect(failed.server).toBeInstanceOf(AlertError);
    expect(failed.server).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'no_common_suite' });
  });
});

describe('the prologue', () => {
  const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i);

  it.each<[string, string | Uint8Array, string | Uint8Array]>([
    ['text', 'chat/2', 'chat/2'],
    ['text, and its bytes in UTF-8', 'Grüße', Buffer.from('Grüße')],
    ['none, and an empty one', '', new Uint8Array(0)],
    ['255 bytes', bytes(255), bytes(255)],
  ])('may be the same on both sides: %s', async (_, ours, theirs) => {
    server = await TestServer.listen(dilithium, { prologue: ours });
    const { client } = await server.connected({ prologue: theirs });
    expect(client.authorized).toBe(true);
  });

  it.each<[string, string | Uint8Array | undefined, string | Uint8Array | undefined]>([
    ['two different ones', 'chat/1', 'chat/2'],
    ['none and one', undefined, 'chat/2'],
    ['one and none', 'chat/2', undefined],
    ['one, and one that is longer', bytes(254), bytes(255)],
  ])('ends the handshake when it differs: %s', async (_, ours, theirs) => {
    const failed = await failures(
      ours === undefined ? {} : { prologue: ours },
      theirs === undefined ? {} : { prologue: theirs },
    );
    expect(failed.server).toMatchObject({ code: 'PQ_ERR_AUTH_FAILED' });
    expect(failed.client).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
  });

  it('is a copy: what is done to the bytes afterwards changes nothing', async () => {
    const prologue = bytes(3);
    server = await TestServer.listen(dilithium, { prologue });
    prologue.fill(0);
    const { client } = await server.connected({ prologue: bytes(3) });
    expect(client.authorized).toBe(true);
  });
});

describe('a peer with our own key', () => {
  it('is refused, by the client first', async () => {
    const failed = await failures({ identity: dilithium.client, trust: 'any' }, { trust: 'any' });
    expect(failed.client).toMatchObject({ code: 'PQ_ERR_OWN_KEY', name: 'UntrustedError' });
    expect(failed.server).toMatchObject({ alert: 'auth_failed' });
  });

  it('is refused by the server when the client does not mind', async () => {
    const failed = await failures({ identity: dilithium.client, trust: 'any' }, { trust: 'any', allowOwnKey: true });
    expect(failed.server).toMatchObject({ code: 'PQ_ERR_OWN_KEY' });
    expect(failed.client).toMatchObject({ alert: 'auth_failed' });
  });

  it('is accepted when both sides allow it', async () => {
    server = await TestServer.listen(dilithium, { identity: dilithium.client, trust: 'any', allowOwnKey: true });
    const { client } = await server.connected({ trust: 'any', allowOwnKey: true });
    expect(client.getPeerFingerprint()).toBe(dilithium.client.fingerprint);
  });
});

it('one identity can be client and server to another', async () => {
  const identity = await Identity.generate();
  server = await TestServer.listen({ server: identity, client: dilithium.client });
  const { client } = await server.connected();
  await server.close();
  server = await TestServer.listen({ server: dilithium.server, client: identity });
  const other = await server.connected();
  expect([client.getPeerFingerprint(), other.server.getPeerFingerprint()]).toEqual(Array(2).fill(identity.fingerprint));
});
