/**
 * Calls that must not compile: `npm run check` has tsc look for the error under each `@ts-expect-error`. Whoever makes
 * them without types gets an error at the start.
 */
import { anyOf, connect, createServer, Identity, type PqSocket, type TrustPolicy } from '../../lib/index.js';

let mine: Identity;
let seed: Identity<'seed'>;
beforeAll(async () => {
  [mine, seed] = await Promise.all([Identity.generate(), Identity.generate({ profile: 'seed' })]);
});

const trust = 'any';
const suites = ['kyber1024-dilithium5'] as const;

describe('does not compile, and does not start', () => {
  it.each<[string, () => unknown]>([
    // @ts-expect-error
    ['a server without a policy', () => createServer({ identity: mine })],
    // @ts-expect-error
    ['a client without a policy', () => connect({ port: 1, identity: mine })],
    // @ts-expect-error
    ['a server whose policy is undefined', () => createServer({ identity: mine, trust: undefined })],
    // @ts-expect-error
    ['a policy that is true', () => createServer({ identity: mine, trust: true })],
    // @ts-expect-error
    ['a server without an identity', () => createServer({ trust })],
    // @ts-expect-error
    ['a client without an identity', () => connect({ port: 1, trust })],
    // @ts-expect-error
    ['an empty list of identities', () => createServer({ identity: [], trust })],
    // @ts-expect-error
    ['a seed identity in the hardened profile', () => createServer({ identity: seed, trust })],
    // @ts-expect-error
    ['a seed identity among others', () => connect({ port: 1, identity: [mine, seed], trust })],
    // @ts-expect-error
    ['a hardened identity in the seed profile', () => createServer({ profile: 'seed', identity: mine, trust })],
    // @ts-expect-error
    ['several identities in the seed profile', () => createServer({ profile: 'seed', identity: [seed], trust })],
    // @ts-expect-error
    ['an unknown profile', () => createServer({ profile: 'tls', identity: mine, trust })],
    // @ts-expect-error
    ['a key pair as identity', () => createServer({ identity: { publicKey: mine.publicKey }, trust })],
    // @ts-expect-error
    ['an unknown suite', () => createServer({ identity: mine, trust, suites: ['kyber512'] })],
    // @ts-expect-error
    ['no suites', () => createServer({ identity: mine, trust, suites: [] })],
    // @ts-expect-error
    ['suites in the seed profile', () => createServer({ profile: 'seed', identity: seed, trust, suites })],
    // @ts-expect-error
    ['a prologue in the seed profile', () => createServer({ profile: 'seed', identity: seed, trust, prologue: '' })],
    // @ts-expect-error
    ['a cipher in the hardened profile', () => createServer({ identity: mine, trust, cipher: 'aes-256-gcm' })],
    // @ts-expect-error
    ['CTR by itself', () => createServer({ profile: 'seed', identity: seed, trust, cipher: 'aes-256-ctr' })],
    // @ts-expect-error
    ['two places', () => connect({ port: 1, path: '/tmp/x', identity: mine, trust })],
    // @ts-expect-error
    ['a path with a host', () => connect({ host: 'localhost', path: '/tmp/x', identity: mine, trust })],
    // @ts-expect-error
    ['no place', () => connect({ identity: mine, trust })],
    // @ts-expect-error
    ['a host alone', () => connect({ host: 'localhost', identity: mine, trust })],
    // @ts-expect-error
    ['a misspelt option', () => createServer({ identity: mine, trust, pading: 16 })],
    // @ts-expect-error
    ['an unknown limit', () => createServer({ identity: mine, trust, limits: { keyBites: 1 } })],
    // @ts-expect-error
    ['a server’s limit', () => connect({ port: 1, identity: mine, trust, limits: { signQueue: 1 } })],
    // @ts-expect-error
    ['a seed identity set later', () => createServer({ identity: mine, trust }).setIdentity(seed)],
    // @ts-expect-error
    ['nothing as a policy', () => anyOf(undefined)],
  ])('%s', (_, start) => {
    expect(start).toThrow(expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }));
  });
});

describe('does compile', () => {
  it('what is right, in every form', async () => {
    const mldsa = await Identity.generate({ algorithm: 'ML-DSA-87' });
    const policy: TrustPolicy = ({ fingerprint, suite, address }) => fingerprint + suite + address === '';
    const answer = (socket: PqSocket) => void socket.end();
    const servers = [
      createServer({ identity: mine, trust }, answer),
      createServer({ identity: [mine, mldsa], trust: [mine.fingerprint], limits: { signQueue: 1 } }),
      createServer({ identity: mine, trust: policy, suites, prologue: Buffer.alloc(1) }),
      createServer({ identity: mine, trust: anyOf(new Set([mine.fingerprint]), async () => false), padding: 16 }),
      createServer({ profile: 'seed', identity: seed, trust: seed.fingerprint }),
      createServer({
        profile: 'seed',
        identity: seed,
        trust,
        cipher: 'aes-256-ctr',
        allowUnauthenticatedCtr: true,
      }),
    ];
    expect(servers).toHaveLength(6);
  });

  it('a secret that belongs to one profile stays there', () => {
    // @ts-expect-error
    const other: Identity<'seed'> = mine;
    expect(other.profile).toBe('hardened');
  });
});
