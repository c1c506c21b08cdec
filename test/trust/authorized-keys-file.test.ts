import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  type AuthorizedKeysFile,
  type AuthorizedKeysOptions,
  anyOf,
  authorizedKeysFile,
  type Candidate,
  Identity,
  type PqSocket,
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

const quiet = (socket: PqSocket) => socket.on('error', () => {});
const fingerprint = someFingerprint();
const candidate: Candidate = {
  algorithm: 'Dilithium5',
  publicKey: Buffer.alloc(2592),
  fingerprint,
  suite: 'kyber1024-dilithium5',
  host: undefined,
  address: '192.0.2.1',
  port: 40_000,
};
const policy = (text: string, options?: AuthorizedKeysOptions) => authorizedKeysFile(folder.write(text), options);
const refusal = (text: string) =>
  expect.objectContaining({ code: 'PQ_ERR_UNTRUSTED', message: expect.stringContaining(text) });

describe('a file of authorized keys', () => {
  it('accepts the keys that it has', () => {
    expect(policy(`# Ann\n${fingerprint}\n`)(candidate)).toBe(true);
    expect(policy(`${someFingerprint()}\n`)(candidate)).toEqual(refusal(`${folder.file()} does not have it`));
    expect(policy('')(candidate)).toEqual(refusal('does not have it'));
  });

  it('leaves a key that it does not have to the next policy', async () => {
    const [first, second] = [policy('', {}), authorizedKeysFile(folder.write(`${fingerprint}\n`, 'second'))];
    expect(await anyOf(first, second)(candidate)).toBe(true);
  });

  it('accepts a key until it expires, by the clock at that moment', () => {
    let now = Date.parse('2027-01-30T23:59:59.999Z');
    const trust = policy(`\n${fingerprint} expires=2027-01-31\n`, { now: () => now });
    expect(trust(candidate)).toBe(true);
    now += 1;
    expect(trust(candidate)).toEqual(
      refusal(`line 2 of ${folder.file()} says that it has expired, at 2027-01-31T00:00:00.000Z`),
    );
    now = Number.NaN;
    expect(trust(candidate)).toEqual(refusal('has expired'));
  });

  it.each([
    ['no tunnels', '', undefined, true],
    ['no tunnels, also for a tunnel', '', 'db', true],
    ['the tunnel', 'tunnels=queue,db', 'db', true],
    ['other tunnels', 'tunnels=queue,db2', 'db', false],
    ['a tunnel, for what is none', 'tunnels=db', undefined, false],
  ])('with %s', (_, option, tunnel, accepted) => {
    const answer = policy(`${fingerprint} ${option}\n`, { tunnel })(candidate);
    expect(answer).toEqual(accepted ? true : refusal(`not ${tunnel ?? 'what is no tunnel'}`));
  });

  it('says of a peer whether it would still be accepted', () => {
    let now = Date.parse('2027-01-30');
    const trust = policy(`${fingerprint} expires=2027-01-31\n`, { now: () => now });
    const peer = { fingerprint };
    const seen = [trust.isStillTrusted(peer)];
    folder.write('half');
    seen.push(trust.isStillTrusted(peer));
    now = Date.parse('2027-01-31');
    seen.push(trust.isStillTrusted(peer));
    folder.write(`${fingerprint}\n`);
    seen.push(trust.isStillTrusted(peer));
    folder.write('');
    seen.push(trust.isStillTrusted(peer));
    expect(seen).toEqual([true, true, false, true, false]);
  });

  it('says what it has about a key, and of which algorithms they are', () => {
    const trust = policy(`${fingerprint} tunnels=db # Ann\n`);
    expect(trust.get(fingerprint)).toMatchObject({ fingerprint, tunnels: ['db'], comment: 'Ann' });
    expect(trust.get(someFingerprint())).toBeUndefined();
    expect([...(trust.algorithms?.({ host: undefined, port: undefined }) ?? [])]).toEqual(['Dilithium5']);
  });

  it('has to be there', () => {
    expect(() => authorizedKeysFile(folder.file())).toThrow(expect.objectContaining({ code: 'PQ_ERR_TRUST_FILE' }));
  });

  it.each<[string, unknown]>([
    ['an unknown one', { tunnels: 'db' }],
    ['a tunnel that has no such name', { tunnel: 'a,b' }],
    ['a clock that is none', { now: 1 }],
    ['onBroken that is no function', { onBroken: 1 }],
    ['null', null],
  ])('has options, not %s', (_, options) => {
    expect(() => policy('', options as AuthorizedKeysOptions)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }),
    );
  });
});

describe('a change of a file of authorized keys', () => {
  const [a, b] = [someFingerprint(), someFingerprint()] as [string, string];
  const text = `# first\n\n${a}   # Ann\n\t# last\n`;
  const now = () => readFileSync(folder.file(), 'utf8');

  it('adds a line behind all others, which stay as they are', async () => {
    const trust = policy(text);
    await trust.add({ fingerprint: b, expires: new Date('2027-01-31'), tunnels: ['db'], comment: 'Bob' });
    expect(now()).toBe(`${text}${b} expires=2027-01-31T00:00:00Z tunnels=db # Bob\n`);
    expect(trust.get(b)?.comment).toBe('Bob');
  });

  it('puts a line in the place of that of the same key', async () => {
    const trust = policy(text);
    await trust.add({ fingerprint: a, comment: 'Anna' });
    expect(now()).toBe(`# first\n\n${a} # Anna\n\t# last\n`);
  });

  it('removes a line and nothing else, and says whether there was one', async () => {
    const trust = policy(text);
    expect([await trust.remove(b), now()]).toEqual([false, text]);
    expect([await trust.remove(a), now()]).toEqual([true, '# first\n\n\t# last\n']);
  });

  it('is none for what could not be read again', async () => {
    const trust = policy(text);
    await expect(trust.add({ fingerprint: 'x' })).rejects.toMatchObject({ code: 'PQ_ERR_INVALID_OPTION' });
    await expect(trust.add({ fingerprint: b, comment: 'x'.repeat(1024) })).rejects.toMatchObject({
      code: 'PQ_ERR_TRUST_FILE',
    });
    expect(now()).toBe(text);
  });
});

describe('a server with a file of authorized keys', () => {
  const listen = async (trust: AuthorizedKeysFile) => {
    server = await TestServer.listen(both, { trust }, quiet);
    return server;
  };

  it('goes by the file as it is when a client connects, and keeps the connections that it has', async () => {
    const trust = policy(`${both.client.fingerprint}\n`);
    const { client, server: kept } = await (await listen(trust)).connected();
    const visit = async (identity: Identity) => {
      const outcome = await comesTo((server as TestServer).connect({ identity }));
      return outcome === 'connected' ? outcome : (outcome as { alert?: string }).alert;
    };
    expect(await visit(another)).toBe('auth_failed');
    folder.write(`${another.fingerprint}\n`);
    expect([await visit(another), await visit(both.client)]).toEqual(['connected', 'auth_failed']);
    expect([client.readyState, kept.readyState]).toEqual(['open', 'open']);
    expect(trust.isStillTrusted({ fingerprint: kept.getPeerFingerprint() as string })).toBe(false);
  });

  it('hears why a client was refused, and the client does not', async () => {
    const trust = policy(`${both.client.fingerprint} tunnels=queue # Ann\n`, { tunnel: 'db' });
    const { server: listening } = await listen(trust);
    const refused = once(listening, 'clientError');
    const outcome = await comesTo((server as TestServer).connect());
    expect(outcome).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
    expect((outcome as Error).message).not.toMatch(/tunnel|queue|line/);
    expect((await refused)[0]).toEqual(refusal(`line 1 of ${folder.file()} lets it use queue, not db`));
  });

  it('lets nobody in while the file is broken, and says so once', async () => {
    const told: Error[] = [];
    const good = `${both.client.fingerprint}\n`;
    const { server: listening } = await listen(policy(good, { onBroken: (error) => told.push(error) }));
    folder.write(good.slice(0, -1));
    for (let i = 0; i < 2; i += 1) {
      const refused = once(listening, 'clientError');
      expect(await comesTo((server as TestServer).connect())).toMatchObject({ alert: 'auth_failed' });
      expect((await refused)[0]).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause: { code: 'PQ_ERR_TRUST_FILE' } });
    }
    expect(told).toEqual([expect.objectContaining({ code: 'PQ_ERR_TRUST_FILE' })]);
    folder.write(good);
    expect(await comesTo((server as TestServer).connect())).toBe('connected');
  });
});
