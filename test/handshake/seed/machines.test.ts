/** The two machines of the seed profile, step by step. */
import { type Primitives, primitivesOf } from '../../../lib/crypto/primitives.js';
import { SEED_SUITE } from '../../../lib/crypto/suites.js';
import { PeerTrusted, SignatureValid } from '../../../lib/handshake/proof.js';
import { SEED_STEPS } from '../../../lib/handshake/seed/steps.js';
import { operationCounts } from '../../../lib/oqs.js';
import { type SeedIdentities, seedIdentities } from '../../support/seed-pair.js';
import { seedSides, settle } from '../../support/wired-sessions.js';

let identities: SeedIdentities;
beforeAll(async () => {
  identities = await seedIdentities();
});

describe('the seed’s handshake', () => {
  it('takes the seed’s steps, each side its own, in order', () => {
    const sides = seedSides(identities);
    settle(sides);
    expect(sides.client.steps.map(({ step }) => step)).toEqual([1, 2, 4, 5, 6, 7, 9, 10, 11, 15, 16, 17, 18]);
    expect(sides.server.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 7, 8, 11, 12, 13, 14, 15, 18]);
    const taken = new Set([...sides.client.steps, ...sides.server.steps].map(({ step }) => step));
    expect(taken.size).toBe(Object.keys(SEED_STEPS).length);
  });

  it('sends the messages of the protocol and nothing else', () => {
    const { client, server } = seedSides(identities);
    expect(server.takeSent().length).toBe(2596);
    client.session.receive(serverHello());
    client.doWork();
    client.doWork();
    expect(client.sent.map((message) => message.length)).toEqual([2596, 6171]);
  });

  it('costs the client a key pair, a signature, a verification and a decapsulation, the server as much', () => {
    const before = operationCounts();
    settle(seedSides(identities));
    const after = operationCounts();
    const spent = Object.entries(after).map(([name, count]) => [name, count - before[name as keyof typeof before]]);
    expect(Object.fromEntries(spent)).toEqual({ keypair: 1, sign: 2, verify: 2, encapsulate: 1, decapsulate: 1 });
  });

  it('takes the algorithms as a value: others can be put in their place', () => {
    const real = primitivesOf(SEED_SUITE);
    const asked: string[] = [];
    const listening: Primitives = {
      kem: { ...real.kem, encapsulate: (publicKey) => note('encapsulate', real.kem.encapsulate(publicKey)) },
      sig: { ...real.sig, verify: (...args) => note('verify', real.sig.verify(...args)) },
    };
    const note = <T>(name: string, operation: T): T => {
      asked.push(name);
      return operation;
    };
    const sides = seedSides(identities, listening);
    settle(sides);
    expect(sides.client.opened?.kind).toBe('open');
    expect(asked.sort()).toEqual(['encapsulate', 'verify', 'verify']);
  });

  function serverHello(): Buffer {
    return seedSides(identities).server.takeSent();
  }
});

describe('a proof', () => {
  const peer = {
    algorithm: 'Dilithium5',
    publicKey: Buffer.alloc(2592),
    fingerprint: 'pqsock1:dilithium5:…',
    suite: undefined,
  } as const;

  it('of trust is not given for a peer that is not trusted', () => {
    expect(() => PeerTrusted.by({ trusted: false }, peer)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_UNTRUSTED', message: expect.stringContaining(peer.fingerprint) }),
    );
  });

  it('of a signature is not given for a wrong one', () => {
    const trusted = PeerTrusted.by({ trusted: true }, peer);
    expect(SignatureValid.by(true, trusted).peer).toBe(peer);
    expect(() => SignatureValid.by(false, trusted)).toThrow(expect.objectContaining({ code: 'PQ_ERR_AUTH_FAILED' }));
  });

  it('can’t be made of an object that looks like one', () => {
    // @ts-expect-error a private member makes the type nominal
    const forged: PeerTrusted = { peer };
    expect(forged).not.toBeInstanceOf(PeerTrusted);
  });
});
