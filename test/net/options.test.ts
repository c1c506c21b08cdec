import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type ConnectOptions, connect, createServer, Identity, type SeedOptions } from '../../lib/index.js';

let options: SeedOptions;
beforeAll(async () => {
  options = { profile: 'seed', identity: await Identity.generate({ profile: 'seed' }), trust: 'any' };
});

describe('the options', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['with an identity of another profile', { profile: 'hardened' }, /is for the profile seed, not hardened/],
    ['without a profile, which is then hardened', { profile: undefined }, /is for the profile seed, not hardened/],
    ['with an unknown profile', { profile: 'other' }, /one of hardened, seed/],
    ['with several identities, which the seed has no use for', { identity: [] }, /must be an Identity/],
    ['with a name of the hardened profile', { prologue: 'x' }, /unknown option of the seed profile prologue/],
    ['without an identity', { identity: undefined }, /see Identity.generate/],
    ['with something else as identity', { identity: { publicKey: Buffer.alloc(1) } }, /must be an Identity/],
    ['without a policy', { trust: undefined }, /trust is missing/],
    ['with an unknown name', { trsut: 'any' }, /unknown option trsut/],
    ['with CTR without saying that it authenticates nothing', { cipher: 'aes-256-ctr' }, /allowUnauthenticatedCtr/],
    ['with an unknown cipher', { cipher: 'aes-128-gcm' }, /cipher must be/],
    ['with a timeout of 0', { handshakeTimeout: 0 }, /handshakeTimeout must be a whole number/],
    ['with a timeout that no timer takes', { frameTimeout: 2 ** 31 }, /frameTimeout must be/],
    ['with a timeout as text', { handshakeTimeout: '10' }, /handshakeTimeout must be/],
    ['with allowHalfOpen as text', { allowHalfOpen: 'yes' }, /allowHalfOpen must be/],
  ])('%s are an error at the start, on both sides', (_, change, text) => {
    const wrong = { ...options, ...change } as SeedOptions;
    for (const start of [() => createServer(wrong), () => connect({ ...wrong, port: 1 })]) {
      expect(start).toThrow(
        expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION', message: expect.stringMatching(text) }),
      );
    }
  });

  it('of a client without any place to connect to are an error', () => {
    expect(() => connect(options as unknown as ConnectOptions)).toThrow(/where to connect to must be given/);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a socket that is no Duplex', { socket: {} }],
    ['a signal that is none', { port: 1, signal: 'x' }],
    ['a signal that nobody can listen to', { port: 1, signal: { aborted: false } }],
    ['a port that is none', { port: 65_536 }],
    ['a port as text', { port: '80' }],
    ['a host that is none', { port: 1, host: 7 }],
    ['an empty path', { path: '' }],
    ['a path and a port', { path: '/tmp/x', port: 1 }],
    ['a path and a host', { path: '/tmp/x', host: 'localhost' }],
  ])('of a client with %s are an error, and nothing is connected', (_, change) => {
    expect(() => connect({ ...options, ...change } as never)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }),
    );
  });

  it('are refused with a callback that is no function', () => {
    const invalid = expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' });
    expect(() => connect({ ...options, port: 1 }, 'x' as never)).toThrow(invalid);
    expect(() => createServer(options, 'x' as never)).toThrow(invalid);
  });

  it('refuse an identity that was disposed of', async () => {
    const identity = await Identity.generate({ profile: 'seed' });
    identity.dispose();
    expect(() => createServer({ ...options, identity })).toThrow(/was disposed of/);
  });

  it('of the seed profile make Node warn, once', () => {
    const script = `
      import { createServer, Identity } from 'pqsock';
      const identity = await Identity.generate({ profile: 'seed' });
      for (let i = 0; i < 2; i += 1) createServer({ profile: 'seed', identity, trust: 'any' });`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(__dirname, '../..'),
      env: { ...process.env, NODE_OPTIONS: '' },
      encoding: 'utf8',
    });
    expect(stderr.match(/PQSOCK_SEED_PROFILE/g)).toHaveLength(1);
  });

  it('that are no object are an error', () => {
    expect(() => createServer(undefined as never)).toThrow(/options must be an object/);
  });

  it('have no secret in what they say', async () => {
    expect(() => connect({ ...options, port: 1, passphrase: 'hunter2' } as never)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
