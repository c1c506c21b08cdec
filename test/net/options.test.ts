import { connect, createServer, Identity, type ServerOptions } from '../../lib/index.js';

let options: ServerOptions;
beforeAll(async () => {
  options = { profile: 'seed', identity: await Identity.generate({ profile: 'seed' }), trust: 'any' };
});

describe('the options', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['without a profile', { profile: undefined }, /profile must be given/],
    ['with an unknown profile', { profile: 'hardened' }, /one of seed/],
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
    const wrong = { ...options, ...change } as ServerOptions;
    for (const start of [() => createServer(wrong), () => connect({ ...wrong, port: 1 })]) {
      expect(start).toThrow(
        expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION', message: expect.stringMatching(text) }),
      );
    }
  });

  it('of a client without any place to connect to are an error', () => {
    expect(() => connect(options)).toThrow(/where to connect to is missing/);
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
