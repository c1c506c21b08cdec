/** Offers and choices that are wrong, were changed on the way, or come from something that speaks another protocol. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { AlertError, connect, type HardenedOptions, Identity, type PqSocket, type SuiteName } from '../../lib/index.js';
import { ALERTS, frame, HardenedScript, ScriptServer } from '../support/hardened-script.js';
import {
  type ClientHelloFields,
  extension,
  type ServerHelloFields,
  serverHelloBody,
  serverHelloFields,
} from '../support/script-hello.js';
import { NOTHING_SPENT, ScriptPair, spentDuring } from '../support/script-pair.js';
import { EMPTY, headerOf } from '../support/script-records.js';
import { TestServer as SeedServer, seedIdentities } from '../support/seed-pair.js';

let pair: ScriptPair;
let other: readonly [Identity, Identity];
beforeAll(async () => {
  pair = await ScriptPair.listen();
  other = await Promise.all([Identity.generate(), Identity.generate({ algorithm: 'ML-DSA-87' })]);
});
afterAll(() => pair.close());

const errorOf = async (socket: PqSocket) => (await once(socket, 'error'))[0] as Error & { code: string };

type Change<Fields> = (fields: Fields) => Partial<Fields>;

describe('a ServerHello that was changed on its way', () => {
  /** Passes everything on but the first frame of the server, which it changes. */
  async function throughProxy(change: Change<ServerHelloFields>): Promise<[client: string, server: string]> {
    const proxy = createTcpServer((near) => {
      const far = connectTcp(pair.server.port, '127.0.0.1');
      near.pipe(far);
      far.once('data', (chunk: Buffer) => {
        const fields = serverHelloFields(chunk.subarray(4));
        near.write(frame('ServerHello', serverHelloBody({ ...fields, ...change(fields) })));
        far.pipe(near);
      });
      for (const socket of [near, far]) socket.on('error', () => {});
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const atServer = once(pair.server.server, 'clientError').then(([error]) => error as Error & { code: string });
    const client = connect({ host: '127.0.0.1', port, identity: other, suites: ALL, trust: 'any' });
    const [near, far] = await Promise.all([errorOf(client), atServer]);
    proxy.close();
    return [near instanceof AlertError ? near.alert : near.code, far.code];
  }

  const ALL = ['kyber1024-dilithium5', 'mlkem1024-mldsa87', 'x25519mlkem1024-mldsa87'] as [SuiteName, ...SuiteName[]];

  it.each<[string, Change<ServerHelloFields>]>([
    ['the suite that the client prefers', ({ suites }) => ({ suites: suites.slice(1) })],
    ['a suite that it would not have chosen', ({ suites }) => ({ suites: suites.slice(0, -1) })],
    ['the key of the suite that it prefers', ({ keys }) => ({ keys: keys.slice(1) })],
    ['a key that it does not need', ({ keys }) => ({ keys: keys.slice(0, 1) })],
  ])('so that it lacks %s ends the handshake at the server', async (_, change) => {
    expect(await throughProxy(change)).toEqual(['auth_failed', 'PQ_ERR_AUTH_FAILED']);
  });

  it.each<[string, Change<ServerHelloFields>]>([
    ['the suites in another order', ({ suites }) => ({ suites: [...suites].reverse() })],
    ['the keys in another order', ({ keys }) => ({ keys: [...keys].reverse() })],
    ['one more version', ({ versions }) => ({ versions: [...versions, 2] })],
    ['one more suite', ({ suites }) => ({ suites: [...suites, 0x7777] })],
    ['one more key', ({ keys }) => ({ keys: [...keys, { sigalg: 9, pk: Buffer.alloc(5) }] })],
    ['an extension', () => ({ extensions: extension(6) })],
    ['another random', () => ({ random: Buffer.alloc(32) })],
  ])('so that it has %s ends the handshake at the server', async (_, change) => {
    expect(await throughProxy(change)).toEqual(['auth_failed', 'PQ_ERR_AUTH_FAILED']);
  });

  it('so that it offers batches ends the handshake at the server, which has not', async () => {
    expect(await throughProxy(() => ({ extensions: extension(1) }))).toEqual(['decode_error', 'PQ_ERR_DECODE']);
  });
});

describe('a client', () => {
  /** What it says of an offer, what it tells the server, what it has spent, and how often it has connected. */
  async function refusal(fields: Partial<ServerHelloFields>, options: Partial<HardenedOptions> = {}, rest = EMPTY) {
    const { script, error } = await pair.facing('client', 'START', { options });
    let code: string | undefined;
    const spent = await spentDuring(async () => {
      const body = Buffer.concat([script.serverHello(fields), rest]);
      script.send(frame('ServerHello', body));
      code = (await error).code;
    });
    expect(spent).toEqual(NOTHING_SPENT);
    return { code, words: await script.lastWords() };
  }

  const key = (sigalg: number, length = 2592) => ({ sigalg, pk: Buffer.alloc(length, sigalg) });
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

  it.each<[string, Partial<ServerHelloFields>]>([
    ['another magic number', { magic: 'PQSL' }],
    ['no version', { versions: [] }],
    ['nine versions', { versions: numbers(9) }],
    ['a version twice', { versions: [1, 1] }],
    ['an unknown version twice', { versions: [1, 7, 7] }],
    ['a random that is a byte short', { random: Buffer.alloc(31) }],
    ['no suite', { suites: [] }],
    ['nine suites', { suites: numbers(9) }],
    ['a suite twice', { suites: [1, 1] }],
    ['an unknown suite twice', { suites: [1, 0x7777, 0x7777] }],
    ['no key', { keys: [] }],
    ['five keys', { keys: numbers(5).map((sigalg) => key(sigalg)) }],
    ['two keys of one algorithm', { keys: [key(1), key(1)] }],
    ['two keys of one unknown algorithm', { keys: [key(1), key(7, 1), key(7, 2)] }],
    ['a key that is a byte short', { keys: [key(1, 2591)] }],
    ['a key that is a byte long', { keys: [key(1, 2593)] }],
    ['an empty key', { keys: [key(1, 0)] }],
    ['another algorithm’s key a byte short', { keys: [key(1), key(2, 2591)] }],
    ['extensions of 1025 bytes', { extensions: extension(6, Buffer.alloc(1021)) }],
    ['an extension twice', { extensions: Buffer.concat([extension(6), extension(6)]) }],
    ['descending extensions', { extensions: Buffer.concat([extension(8), extension(6)]) }],
    ['an extension longer than all of them', { extensions: Buffer.from('000100020a', 'hex') }],
    ['half an extension', { extensions: Buffer.from('000100', 'hex') }],
    ['data in the extension of batches', { extensions: extension(1, Buffer.alloc(1)) }],
  ])('refuses an offer with %s, and sends nothing', async (_, fields) => {
    expect(await refusal(fields)).toEqual({ code: 'PQ_ERR_DECODE', words: [] });
  });

  it('refuses an offer with a byte at its end, and sends nothing', async () => {
    expect(await refusal({}, {}, Buffer.alloc(1))).toEqual({ code: 'PQ_ERR_DECODE', words: [] });
  });

  it('refuses an offer that ends at any of its first 100 bytes or its last 10, and sends nothing', async () => {
    const { script, socket } = await pair.facing('client', 'START');
    const body = script.serverHello();
    socket.destroy();
    for (const length of [...numbers(100).map((n) => n - 1), ...numbers(10).map((n) => body.length - n)]) {
      const cut = await pair.facing('client', 'START');
      cut.script.send(frame('ServerHello', body.subarray(0, length)));
      expect([length, (await cut.error).code]).toEqual([length, 'PQ_ERR_DECODE']);
      expect(await cut.script.lastWords()).toEqual([]);
    }
  });

  it.each<[string, Partial<ServerHelloFields>, string, string]>([
    ['only other versions', { versions: [2, 3] }, 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['only unknown suites', { suites: [4, 0x7777] }, 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['only a suite that we do not use', { suites: [3] }, 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['a suite without its key', { suites: [1], keys: [key(2)] }, 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['neither', { versions: [2], suites: [4] }, 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
  ])('refuses an offer of %s, and connects once', async (_, fields, code, alert) => {
    const before = pair.peer.connections;
    expect(await refusal(fields)).toEqual({ code, words: [`Alert ${alert}`] });
    expect(pair.peer.connections).toBe(before + 1);
  });

  it('chooses no suite whose keys its policy has not on record, and no other when that one is refused', async () => {
    const both = { suites: [1, 2], keys: [key(1), key(2)] };
    const suites = ['kyber1024-dilithium5', 'mlkem1024-mldsa87'] as const;
    const options = { suites, trust: other[1].fingerprint } as Partial<HardenedOptions>;
    expect(await refusal({ suites: [1], keys: [key(1)] }, options)).toMatchObject({ code: 'PQ_ERR_NO_COMMON_SUITE' });
    expect(await refusal(both, options)).toEqual({ code: 'PQ_ERR_UNTRUSTED', words: ['Alert auth_failed'] });
    const trust = [other[0].fingerprint, other[1].fingerprint];
    expect(await refusal(both, { ...options, trust })).toMatchObject({
      code: 'PQ_ERR_UNTRUSTED',
    });
  });

  it('passes over versions, suites, keys and extensions that it does not know', async () => {
    const { script, socket } = await pair.facing('client', 'START');
    const versions = [9, 1, 0];
    const suites = [0x7777, 1, 0];
    const keys = [key(7, 0), { sigalg: 1, pk: script.keys.publicKey }, key(0, 3)];
    const extensions = Buffer.concat([extension(0), extension(6, Buffer.alloc(3)), extension(0xffff)]);
    const body = script.serverHello({ versions, suites, keys, extensions });
    script.serverHello = () => body;
    await script.reach('OPEN');
    socket.destroy();
  });

  it.each([...ALERTS.map((alert, i) => [alert, i + 1] as const), ['an unknown reason', 0x55] as const])(
    'that is sent %s in clear before any offer gives up, and connects once',
    async (alert, code) => {
      const before = pair.peer.connections;
      const { script, error } = await pair.facing('client', 'START');
      script.send(frame('Alert', Uint8Array.of(code)));
      const failure = await error;
      if (code <= ALERTS.length) expect(failure).toMatchObject({ code: 'PQ_ERR_ALERT', alert });
      else expect(failure.code).toBe('PQ_ERR_DECODE');
      expect(await script.lastWords()).toEqual([]);
      expect(pair.peer.connections).toBe(before + 1);
    },
  );

  it.each(ALERTS.map((alert, i) => [alert, i + 1] as const))(
    'that is sent %s in clear after its flight gives up, and connects once',
    async (alert, code) => {
      const before = pair.peer.connections;
      const { script, error } = await pair.facing('client', 'WAIT_KEM');
      script.send(frame('Alert', Uint8Array.of(code)));
      const failure = await error;
      expect(failure).toBeInstanceOf(AlertError);
      expect(failure).toMatchObject({ code: 'PQ_ERR_ALERT', alert });
      expect(await script.lastWords()).toEqual([]);
      expect(pair.peer.connections).toBe(before + 1);
    },
  );
});

describe('a server', () => {
  /** What it says of a choice, and what it tells the client. */
  async function refusal(fields: Partial<ClientHelloFields>, rest = EMPTY) {
    const { script, error } = await pair.facing('server', 'START');
    let code: string | undefined;
    const spent = await spentDuring(async () => {
      script.send(frame('ClientHello', Buffer.concat([script.clientHello(fields), rest])));
      code = (await error).code;
    });
    expect(spent).toEqual(NOTHING_SPENT);
    return { code, words: await script.lastWords() };
  }

  it.each<[string, Partial<ClientHelloFields>, string, string]>([
    ['version 0', { version: 0 }, 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['version 2', { version: 2 }, 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['suite 0', { suite: 0 }, 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['suite 4', { suite: 4 }, 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['suite 0x0100', { suite: 0x0100 }, 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['a ticket', { mode: 1, key: Buffer.alloc(512) }, 'PQ_ERR_TICKET', 'ticket_rejected'],
    ['mode 2', { mode: 2 }, 'PQ_ERR_DECODE', 'decode_error'],
    ['mode 255', { mode: 255 }, 'PQ_ERR_DECODE', 'decode_error'],
    ['a key that is a byte short', { key: Buffer.alloc(2591) }, 'PQ_ERR_DECODE', 'decode_error'],
    ['a key that is a byte long', { key: Buffer.alloc(2593) }, 'PQ_ERR_DECODE', 'decode_error'],
    ['an extension', { extensions: extension(7) }, 'PQ_ERR_DECODE', 'decode_error'],
    ['batches, which were not offered', { extensions: extension(1) }, 'PQ_ERR_DECODE', 'decode_error'],
    [
      'data in the extension of batches, and a ticket',
      { mode: 1, extensions: extension(1, Buffer.alloc(1)) },
      'PQ_ERR_DECODE',
      'decode_error',
    ],
    ['half an extension', { extensions: Buffer.alloc(3) }, 'PQ_ERR_DECODE', 'decode_error'],
    ['a bad form and a bad version', { version: 2, mode: 2 }, 'PQ_ERR_DECODE', 'decode_error'],
    ['a bad version and a bad suite', { version: 2, suite: 4 }, 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['a bad suite and a ticket', { suite: 4, mode: 1 }, 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    [
      'a ticket and an extension',
      { mode: 1, key: Buffer.alloc(40), extensions: extension(1) },
      'PQ_ERR_TICKET',
      'ticket_rejected',
    ],
  ])('refuses a choice with %s, and spends nothing', async (_, fields, code, alert) => {
    expect(await refusal(fields)).toEqual({ code, words: [`Alert ${alert}`] });
  });

  it('refuses a choice with a byte at its end', async () => {
    expect(await refusal({}, Buffer.alloc(1))).toEqual({ code: 'PQ_ERR_DECODE', words: ['Alert decode_error'] });
  });

  it('is heard with what it says even by a client that goes on to send', async () => {
    const { script, error } = await pair.facing('server', 'START');
    script.send(frame('ClientHello', script.clientHello({ version: 2 })), Buffer.alloc(4 * 2 ** 20));
    expect((await error).code).toBe('PQ_ERR_NO_COMMON_VERSION');
    expect(await script.lastWords()).toEqual(['Alert no_common_version']);
  });

  it('refuses a suite that it knows and did not offer', async () => {
    const server = await ScriptPair.serve(pair.identities, { suites: ['mlkem1024-mldsa87'] });
    for (const suite of [1, 3]) {
      const script = await (await HardenedScript.connect(server.port)).reach('START');
      const failed = once(server.server, 'clientError');
      script.send(frame('ClientHello', script.clientHello({ suite })));
      expect((await failed)[0]).toMatchObject({ code: 'PQ_ERR_NO_COMMON_SUITE' });
      expect(await script.lastWords()).toEqual(['Alert no_common_suite']);
    }
    await server.close();
  });

  it('says what the peer may be when it speaks another protocol', async () => {
    for (const [bytes, text] of [
      [Buffer.from('GET / HTTP/1.1\r\n\r\n'), '"GET "'],
      [headerOf(0x00, 2592), 'seed profile'],
    ] as const) {
      const { script, error } = await pair.facing('server', 'START');
      script.send(bytes);
      const failure = await error;
      expect(failure.code).toBe('PQ_ERR_UNEXPECTED_MESSAGE');
      expect(failure.message).toContain(text);
      expect(await script.lastWords()).toEqual([]);
    }
  });
});

describe('a peer of another profile or protocol', () => {
  const heard = async (listening: Promise<[Socket]>): Promise<Buffer[]> => {
    const [socket] = await listening;
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    return chunks;
  };

  it('a hardened client sends nothing to a server of the seed profile, and both say why', async () => {
    const seed = await SeedServer.listen(await seedIdentities(), { trust: 'any' });
    const atServer = once(seed.server, 'clientError');
    const transport = connectTcp(seed.port, '127.0.0.1');
    const client = connect({ socket: transport, identity: other[0], trust: 'any' });
    const error = await errorOf(client);
    expect(error.code).toBe('PQ_ERR_UNEXPECTED_MESSAGE');
    expect(error.message).toContain('seed profile');
    expect((await atServer)[0]).toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
    expect(transport.bytesWritten).toBe(0);
    await seed.close();
  });

  it('a client of the seed profile sends nothing to a hardened server, and both say why', async () => {
    const { client: identity } = await seedIdentities();
    const atServer = once(pair.server.server, 'clientError');
    const transport = connectTcp(pair.server.port, '127.0.0.1');
    const client = connect({ profile: 'seed', socket: transport, identity, trust: 'any' });
    expect((await errorOf(client)).code).toBe('PQ_ERR_DECODE');
    expect((await atServer)[0]).toMatchObject({ code: 'PQ_ERR_TRUNCATED' });
    expect(transport.bytesWritten).toBe(0);
  });

  it.each([
    ['of HTTP', () => createHttpServer()],
    ['that says nothing', () => createTcpServer()],
  ])('a client waits for a server %s no longer than its timeout, sends nothing, and says so', async (_, make) => {
    const server = make().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const received = heard(once(server, 'connection') as Promise<[Socket]>);
    for (const limit of [{ handshakeTimeout: 60 }, { frameTimeout: 60 }]) {
      const client = connect({ host: '127.0.0.1', port, identity: other[0], trust: 'any', ...limit });
      const error = await errorOf(client);
      expect(error.code).toBe('PQ_ERR_TIMEOUT');
      expect(error.message).toContain('60 ms; the peer has sent nothing');
    }
    expect(await received).toEqual([]);
    server.close();
  });

  it('a client that is answered in text says what the peer may be', async () => {
    const peer = await ScriptServer.listen();
    const accepted = peer.accept();
    const client = connect({ host: '127.0.0.1', port: peer.port, identity: other[0], trust: 'any' });
    const script = await accepted;
    script.send(Buffer.from('220 mail.example ESMTP\r\n'));
    const error = await errorOf(client);
    expect(error.code).toBe('PQ_ERR_UNEXPECTED_MESSAGE');
    expect(error.message).toContain('"220 "');
    expect(await script.lastWords()).toEqual([]);
    peer.close();
  });
});
