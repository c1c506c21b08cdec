import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net';
import {
  anyOf,
  type Candidate,
  connect,
  type FirstUse,
  type HardenedOptions,
  Identity,
  type KnownHostsOptions,
  knownHosts,
  type PqSocket,
  type Trust,
} from '../../lib/index.js';
import { comesTo, type Identities, identities, TestServer } from '../support/pair.js';
import { someFingerprint, TrustFolder } from '../support/trust-files.js';

let both: Identities;
let another: Identity;
let folder: TrustFolder;
let server: TestServer | undefined;
beforeAll(async () => {
  [both, another] = await Promise.all([identities(), Identity.generate()]);
});
beforeEach(() => {
  folder = new TrustFolder();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  folder.remove();
});

const invalid = expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' });
const errorOf = async (socket: PqSocket) => (await once(socket, 'error'))[0] as Error & { code: string; cause?: Error };
const fingerprint = someFingerprint();
const candidate = (peer: Partial<Candidate> = {}): Candidate => ({
  algorithm: 'Dilithium5',
  publicKey: Buffer.alloc(2592),
  fingerprint,
  suite: 'kyber1024-dilithium5',
  host: 'db.example',
  address: '192.0.2.1',
  port: 7443,
  ...peer,
});
const ask = (text: string, options?: KnownHostsOptions, peer?: Partial<Candidate>) =>
  knownHosts(folder.write(text), options)(candidate(peer));
/** What a call throws. */
function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it throws nothing');
}

/** A server whose connections may end as they like. */
const listen = (options: Partial<HardenedOptions> = {}) =>
  TestServer.listen(both, options, (socket) => socket.on('error', () => {}));

/** A client of the server, as `localhost`. */
function dial(trust: Trust, port = (server as TestServer).port): PqSocket {
  return connect({ host: 'localhost', port, identity: both.client, trust });
}

async function outcome(socket: PqSocket): Promise<string> {
  const outcome = await comesTo(socket);
  return typeof outcome === 'string' ? outcome : outcome.message;
}

describe('known hosts', () => {
  it.each([
    ['of the host', 'db.example', {}],
    ['of the host and the port', 'DB.example:7443', {}],
    ['of what was dialled, in another form', '[2001:db8::1]:7443', { host: '2001:DB8:0::1' }],
  ])('accept by a line %s', (_, name, peer) => {
    expect(ask(`# ours\n${name} ${fingerprint}\n`, {}, peer)).toBe(true);
  });

  it('accept each of several keys of a host', () => {
    const text = `db.example ${someFingerprint()}\ndb.example ${fingerprint} # the next one\n`;
    expect(ask(text)).toBe(true);
  });

  it.each([
    ['an empty file', ''],
    ['another port', `db.example:7444 ${fingerprint}\n`],
    ['another host', `db2.example ${fingerprint}\n`],
    ['the address, which nobody has asked for', `192.0.2.1 ${fingerprint}\n`],
  ])('refuse a host of which there is only %s, and say which line is missing', (_, text) => {
    expect(ask(text)).toMatchObject({
      code: 'PQ_ERR_UNTRUSTED',
      message:
        `db.example:7443 is not in ${folder.file()}: if that is its fingerprint, which you must have from elsewhere, ` +
        `add the line "db.example:7443 ${fingerprint}"`,
    });
  });

  it.each(['refuse', 'accept'] as const)(
    'refuse a key that has changed, with both keys, file and lines: %s',
    (onFirstUse) => {
      const [first, second] = [someFingerprint(), someFingerprint()];
      const error = thrownBy(() => ask(`\ndb.example:7443 ${first}\ndb.example:7443 ${second}\n`, { onFirstUse }));
      expect(error).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
      expect(error.message).toContain(`the key of db.example:7443 has changed: it shows ${fingerprint}`);
      expect(error.message).toContain(`${folder.file()} has ${first} in line 2, ${second} in line 3`);
      expect(error.message).toContain('remove that line');
    },
  );

  it('refuse a key of another port when the port has its own, also among several policies', async () => {
    const path = folder.write(`db.example ${fingerprint}\ndb.example:7443 ${someFingerprint()}\n`);
    await expect((async () => anyOf(knownHosts(path), fingerprint)(candidate()))()).rejects.toThrow('has changed');
  });

  it('leave a host that they do not have to the next policy', async () => {
    expect(await anyOf(knownHosts(folder.write('')), fingerprint)(candidate())).toBe(true);
  });

  it('go by another name if there is one', () => {
    const options = { name: 'primary:1' };
    expect(ask(`primary:1 ${fingerprint}\n`, options)).toBe(true);
    expect(ask(`primary:1 ${fingerprint}\n`, options, { host: undefined, port: undefined })).toBe(true);
    expect(ask(`db.example ${fingerprint}\n`, options)).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
  });

  it.each([undefined, 'a b'])('refuse a peer that was dialled as %p, and say why', (host) => {
    expect(ask(`db.example ${fingerprint}\n`, { onFirstUse: 'accept' }, { host })).toMatchObject({
      code: 'PQ_ERR_INVALID_OPTION',
      message: expect.stringContaining('tell knownHosts by its option name'),
    });
  });

  it.each<[string, unknown]>([
    ['an unknown one', { onFirstuse: 'accept' }],
    ['onFirstUse true', { onFirstUse: true }],
    ['a name that is none', { name: 'a b' }],
    ['onBroken that is no function', { onBroken: 1 }],
    ['null', null],
  ])('have options, not %s', (_, options) => {
    expect(() => knownHosts(folder.write(''), options as KnownHostsOptions)).toThrow(invalid);
  });

  it('know of which algorithms the keys of a host are', () => {
    const path = folder.write(`db.example ${someFingerprint('mldsa87')}\nother.example ${fingerprint}\n`);
    const algorithmsOf = (host: string | undefined) => [...(knownHosts(path).algorithms?.({ host, port: 1 }) ?? [])];
    expect(algorithmsOf('db.example')).toEqual(['ML-DSA-87']);
    expect(algorithmsOf('other.example')).toEqual(['Dilithium5']);
    for (const unknown of ['third.example', undefined]) expect(algorithmsOf(unknown)).toHaveLength(2);
  });
});

describe('a first use that is to be accepted', () => {
  const learnt = (port: number | string, key: string) =>
    new RegExp(`^localhost:${port} ${key} # first use \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\n$`);

  it('is written down once, behind what is there, and the next one is known', async () => {
    server = await listen();
    const path = folder.write('# ours\n');
    const trust = knownHosts(path, { onFirstUse: 'accept' });
    for (let i = 0; i < 2; i += 1) expect(await outcome(dial(trust))).toBe('connected');
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith('# ours\n')).toBe(true);
    expect(text.slice('# ours\n'.length)).toMatch(learnt(server.port, both.server.fingerprint));
    expect(await outcome(dial(knownHosts(path)))).toBe('connected');
  });

  it('is written down once by many at the same time', async () => {
    server = await listen();
    const { port } = server;
    const path = folder.file('new');
    const policies = Array.from({ length: 6 }, () => knownHosts(path, { onFirstUse: 'accept' }));
    const outcomes = await Promise.all(policies.flatMap((trust) => [dial(trust), dial(trust)]).map(outcome));
    expect(new Set(outcomes)).toEqual(new Set(['connected']));
    expect(readFileSync(path, 'utf8')).toMatch(learnt(port, both.server.fingerprint));
  });

  it('of two that show different keys is one: the other is refused', async () => {
    const trust = knownHosts(folder.file(), { onFirstUse: 'accept' });
    const [first, second] = [candidate(), candidate({ fingerprint: someFingerprint() })].map(trust);
    await (first as FirstUse).learn();
    await expect((async () => (second as FirstUse).learn())()).rejects.toThrow(
      'the key of db.example:7443 has changed',
    );
    expect(readFileSync(folder.file(), 'utf8').split('\n')).toHaveLength(2);
  });

  it('is not what a changed key is', async () => {
    server = await listen();
    const trust = knownHosts(folder.file(), { onFirstUse: 'accept' });
    expect(await outcome(dial(trust))).toBe('connected');
    const before = readFileSync(folder.file(), 'utf8');
    server.server.setIdentity(another);
    const refused = once(server.server, 'clientError');
    const error = await errorOf(dial(trust));
    expect(error).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause: { code: 'PQ_ERR_UNTRUSTED' } });
    expect(error.message).toContain(
      `it shows ${another.fingerprint}, and ${folder.file()} has ${both.server.fingerprint} in line 1`,
    );
    expect((await refused)[0]).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
    expect(readFileSync(folder.file(), 'utf8')).toBe(before);
  });

  it.each([
    ['the MAC', 1],
    ['the signature', 200],
  ])('of a server that does not prove its key is not written down: %s is wrong', async (_, fromTheEnd) => {
    server = await listen();
    const { port } = server;
    const proxy = createTcpServer((near) => {
      const far = connectTcp(port, '127.0.0.1');
      near.pipe(far);
      let bytes = 0;
      far.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER) chunk[chunk.length - fromTheEnd] = 1 ^ (chunk.at(-fromTheEnd) as number);
        near.write(chunk);
      });
      near.on('error', () => {}).on('close', () => far.destroy());
      far.on('error', () => {}).on('close', () => near.destroy());
    }).listen(0, 'localhost');
    await once(proxy, 'listening');
    const client = dial(knownHosts(folder.file(), { onFirstUse: 'accept' }), (proxy.address() as AddressInfo).port);
    expect(await errorOf(client)).toMatchObject({ code: 'PQ_ERR_AUTH_FAILED' });
    proxy.close();
    expect(existsSync(folder.file())).toBe(false);
  });
  /** Bytes of the server before the end of its second flight comes: more than its ServerHello, less than both. */
  const ANSWER = 8_000;

  it('that cannot be written down is refused, and the cause is kept', async () => {
    server = await listen();
    const error = await errorOf(dial(knownHosts(folder.file('nowhere/hosts'), { onFirstUse: 'accept' })));
    expect(error).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause: { code: 'ENOENT' } });
  });
});

describe('a client with known hosts', () => {
  it('goes by the file as it is when it connects', async () => {
    server = await listen();
    const path = folder.write('');
    const trust = knownHosts(path);
    expect(await outcome(dial(trust))).toContain('is not in');
    folder.write(`localhost:${server.port} ${both.server.fingerprint}\n`);
    expect(await outcome(dial(trust))).toBe('connected');
    folder.write(`localhost:${server.port} ${another.fingerprint}\n`);
    expect(await outcome(dial(trust))).toContain('has changed');
  });

  it('takes the suite of the key that it knows', async () => {
    const [server2, client] = await Promise.all([identities('ML-DSA-87'), identities('ML-DSA-87')]);
    server = await listen({ identity: [both.server, server2.server], trust: 'any' });
    const trust = knownHosts(folder.write(`localhost ${server2.server.fingerprint}\n`));
    const socket = connect({ host: 'localhost', port: server.port, identity: [both.client, client.client], trust });
    await once(socket, 'secureConnect');
    expect(socket.getCipher()?.name).toBe('mlkem1024-mldsa87');
    socket.destroy();
  });

  it('of a transport that it was given needs the name', async () => {
    server = await listen();
    const { port } = server;
    const path = folder.write(`db.example ${both.server.fingerprint}\n`);
    const over = (trust: Trust) => connect({ socket: connectTcp(port, '127.0.0.1'), identity: both.client, trust });
    expect(await outcome(over(knownHosts(path)))).toContain('tell knownHosts by its option name');
    expect(await outcome(over(knownHosts(path, { name: 'db.example:7443' })))).toBe('connected');
  });

  it('is local to this machine if no host was said', async () => {
    server = await listen();
    const trust = knownHosts(folder.write(`localhost:${server.port} ${both.server.fingerprint}\n`));
    expect(await outcome(connect({ port: server.port, identity: both.client, trust }))).toBe('connected');
  });
});
