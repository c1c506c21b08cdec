/** The options of the hardened profile: which values are taken, and what the others come to. */
import { connect, createServer, type HardenedOptions, Identity, type ServerOptions } from '../../lib/index.js';
import { outcomeOf } from '../support/outcome.js';

let dilithium: Identity;
let mldsa: Identity;
let seed: Identity<'seed'>;
beforeAll(async () => {
  [dilithium, mldsa, seed] = await Promise.all([
    Identity.generate(),
    Identity.generate({ algorithm: 'ML-DSA-87' }),
    Identity.generate({ profile: 'seed' }),
  ]);
});

type Change = Record<string, unknown>;

/** Both sides with these options; a client that is made is destroyed at once. */
function starts(change: Change): (() => unknown)[] {
  const options = { identity: dilithium, trust: 'any', ...change } as ServerOptions;
  return [
    () => createServer(options),
    () =>
      connect({ ...(options as HardenedOptions), port: 1 })
        .on('error', () => {})
        .destroy(),
  ];
}

describe('an option of both sides', () => {
  it.each<[string, () => Change, RegExp]>([
    ['an unknown name', () => ({ trsut: 'any' }), /unknown option trsut: there are /],
    ['the name of another case', () => ({ Padding: 8 }), /unknown option Padding/],
    ['a name of node:tls', () => ({ rejectUnauthorized: false }), /unknown option rejectUnauthorized/],
    ['cipher, which is the seed profile’s', () => ({ cipher: 'aes-256-gcm' }), /option of the hardened profile cipher/],
    ['allowUnauthenticatedCtr', () => ({ allowUnauthenticatedCtr: true }), /of the hardened profile allowUn/],
    [
      'suites in the seed profile',
      () => ({ profile: 'seed', identity: seed, suites: ['kyber1024-dilithium5'] }),
      /option of the seed profile suites/,
    ],
    ['a prologue in the seed profile', () => ({ profile: 'seed', identity: seed, prologue: 'x' }), /profile prologue/],
    [
      'a limit of records in the seed profile',
      () => ({ profile: 'seed', identity: seed, limits: { keyAge: 1 } }),
      /unknown limit keyAge/,
    ],
    ['an unknown profile', () => ({ profile: 'hard' }), /profile must be one of hardened, seed/],
    ['no identity', () => ({ identity: undefined }), /see Identity.generate/],
    ['an empty list of identities', () => ({ identity: [] }), /identity is an empty list/],
    ['an identity of the seed profile', () => ({ identity: seed }), /is for the profile seed, not hardened/],
    ['one such among several', () => ({ identity: [mldsa, seed] }), /is for the profile seed, not hardened/],
    ['an identity of this profile in the other', () => ({ profile: 'seed' }), /for the profile hardened, not seed/],
    [
      'the same identity twice',
      () => ({ identity: [dilithium, dilithium] }),
      /two identities with Dilithium5|identity pqsock1:\S+ is there twice/,
    ],
    ['five identities', () => ({ identity: [dilithium, mldsa, dilithium, dilithium, mldsa] }), /5 identities: 4 are/],
    ['something that only looks like an identity', () => ({ identity: { ...dilithium } }), /must be an Identity/],
    ['no trust', () => ({ trust: undefined }), /trust is missing/],
    ['an empty list of trusted keys', () => ({ trust: [] }), /no fingerprint is pinned/],
    ['an unknown suite', () => ({ suites: ['kyber512'] }), /suites has "kyber512": there are kyber1024-dilithium5, /],
    ['a suite that is a name of every object', () => ({ suites: ['constructor'] }), /suites has "constructor"/],
    ['a suite that has no text', () => ({ suites: [Object.create(null)] }), /suites has a value of type object/],
    ['no suites', () => ({ suites: [] }), /suites must be a list of some of/],
    ['suites that are no list', () => ({ suites: 'kyber1024-dilithium5' }), /suites must be a list/],
    ['a suite twice', () => ({ suites: ['kyber1024-dilithium5', 'kyber1024-dilithium5'] }), /same suite twice/],
    [
      'a suite without a key',
      () => ({ suites: ['kyber1024-dilithium5', 'mlkem1024-mldsa87'] }),
      /mlkem1024-mldsa87, which needs an identity with ML-DSA-87/,
    ],
    ['a prologue of 256 bytes', () => ({ prologue: Buffer.alloc(256) }), /256 bytes: 255 are the most/],
    ['a prologue of 255 characters and 256 bytes', () => ({ prologue: `${'a'.repeat(254)}ü` }), /has 256 bytes/],
    ['a prologue that is a number', () => ({ prologue: 7 }), /prologue must be a text or bytes/],
    ['padding of 0', () => ({ padding: 0 }), /padding must be a whole number from 1 to 65537/],
    ['padding of 65,538', () => ({ padding: 65_538 }), /padding must be/],
    ['padding of a half', () => ({ padding: 1.5 }), /padding must be/],
    ['padding as text', () => ({ padding: '16' }), /padding must be/],
    ['records without data', () => ({ maxRecordSize: 0 }), /maxRecordSize must be a whole number from 1 to 65536/],
    ['records of 65,537 bytes', () => ({ maxRecordSize: 65_537 }), /maxRecordSize must be/],
    ['a time for the handshake of 0', () => ({ handshakeTimeout: 0 }), /handshakeTimeout must be .* from 1 to/],
    ['a time that no timer takes', () => ({ handshakeTimeout: 2 ** 31 }), /handshakeTimeout must be/],
    ['an endless time for silence', () => ({ frameTimeout: Number.POSITIVE_INFINITY }), /frameTimeout must be/],
    ['a negative idle time', () => ({ idleTimeout: -1 }), /idleTimeout must be .* from 0 to/],
    ['an idle time as text', () => ({ idleTimeout: '5' }), /idleTimeout must be/],
    ['allowHalfOpen as text', () => ({ allowHalfOpen: 'yes' }), /allowHalfOpen must be true or false/],
    ['allowOwnKey as a number', () => ({ allowOwnKey: 1 }), /allowOwnKey must be true or false/],
    ['a highWaterMark of 0', () => ({ highWaterMark: 0 }), /highWaterMark must be a whole number from 1 to 1048576/],
    ['a highWaterMark of more than 1 MiB', () => ({ highWaterMark: 2 ** 20 + 1 }), /highWaterMark must be/],
    ['a highWaterMark as text', () => ({ highWaterMark: '16' }), /highWaterMark must be/],
    ['keepAlive as a number', () => ({ keepAlive: 60 }), /keepAlive must be true or false/],
    ['an empty alpnProtocol', () => ({ alpnProtocol: '' }), /alpnProtocol must be a text/],
    ['several protocols', () => ({ alpnProtocol: ['h2'] }), /alpnProtocol must be a text/],
    ['limits that are no object', () => ({ limits: 7 }), /limits must be an object/],
    ['limits that are null', () => ({ limits: null }), /limits must be an object/],
  ])('is refused at the start: %s', (_, change, text) => {
    for (const start of starts(change())) {
      expect(start).toThrow(
        expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION', message: expect.stringMatching(text) }),
      );
    }
  });

  it.each<[string, () => Change]>([
    ['nothing but identity and trust', () => ({})],
    ['the profile by name', () => ({ profile: 'hardened' })],
    ['two identities', () => ({ identity: [mldsa, dilithium] })],
    ['one suite of the two of a key', () => ({ identity: mldsa, suites: ['x25519mlkem1024-mldsa87'] })],
    [
      'every suite',
      () => ({
        identity: [dilithium, mldsa],
        suites: ['x25519mlkem1024-mldsa87', 'mlkem1024-mldsa87', 'kyber1024-dilithium5'],
      }),
    ],
    [
      'the least of everything',
      () => ({
        prologue: '',
        padding: 1,
        maxRecordSize: 1,
        handshakeTimeout: 1,
        frameTimeout: 1,
        idleTimeout: 0,
      }),
    ],
    [
      'the most of everything',
      () => ({
        prologue: Buffer.alloc(255),
        padding: 65_537,
        maxRecordSize: 65_536,
        handshakeTimeout: 2 ** 31 - 1,
        frameTimeout: 2 ** 31 - 1,
        idleTimeout: 2 ** 31 - 1,
      }),
    ],
    [
      'options that are undefined',
      () => ({
        profile: undefined,
        suites: undefined,
        prologue: undefined,
        padding: undefined,
        limits: undefined,
        keepAlive: undefined,
        alpnProtocol: undefined,
        allowHalfOpen: undefined,
      }),
    ],
  ])('is taken: %s', (_, change) => {
    for (const start of starts(change())) expect(start).not.toThrow();
  });
});

describe('an option of a client only', () => {
  it.each(['host', 'port', 'path', 'socket', 'signal'])('is refused by a server: %s', (name) => {
    const options = { identity: dilithium, trust: 'any', [name]: 1 } as never;
    expect(() => createServer(options)).toThrow(/unknown option/);
  });

  it.each<[string, Change]>([
    ['nowhere', {}],
    ['a port and a path', { port: 1, path: '/tmp/x' }],
    ['a path and a host', { path: '/tmp/x', host: 'localhost' }],
    ['a host without a port', { host: 'localhost' }],
    ['port 0', { port: 0 }],
    ['port 65,536', { port: 65_536 }],
    ['a port as text', { port: '80' }],
    ['an empty path', { path: '' }],
    ['a socket that is no Duplex', { socket: {} }],
    ['a signal that is none', { port: 1, signal: {} }],
  ])('must say where to, once: not %s', (_, place) => {
    const options = { identity: dilithium, trust: 'any', ...place } as never;
    expect(outcomeOf(() => connect(options))).toBe('PQ_ERR_INVALID_OPTION');
  });
});

it('what is wrong is not shown: it may be a secret', () => {
  for (const start of starts({ passphrase: 'hunter2' })) {
    expect(start).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  }
});

it('a server takes several identities with one algorithm, and a client does not', async () => {
  const identity = [dilithium, mldsa, await Identity.generate()];
  const [serve, dial] = starts({ identity });
  expect(serve).not.toThrow();
  expect(dial).toThrow(/two identities with Dilithium5: a client has one of an algorithm/);
  const seeds = { profile: 'seed', identity: [seed, await Identity.generate({ profile: 'seed' })] };
  for (const start of starts(seeds)) expect(start).toThrow(/identity must be an Identity/);
});

it('an identity that was disposed of starts nothing', async () => {
  const identity = await Identity.generate();
  identity.dispose();
  for (const start of starts({ identity })) expect(start).toThrow(/was disposed of/);
});

it('options that change later change nothing', () => {
  const options = { identity: dilithium, trust: 'any' } as Change;
  const server = createServer(options as never);
  options['suites'] = ['kyber512'];
  expect(() => server.setIdentity(dilithium)).not.toThrow();
});
