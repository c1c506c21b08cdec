/** Offers and choices that somebody changes on the way between two honest sides, over TCP: no suite is forced on them. */
import { type HardenedOptions, Identity, type SuiteName } from '../../lib/index.js';
import { AttackedPair, FLIGHT, NO_DATA, type Outcome, spentBy } from '../support/attacked-pair.js';
import { FRAMES, frame } from '../support/hardened-script.js';
import { type Attack, inPlaceOf } from '../support/hostile-proxy.js';
import {
  type ClientHelloFields,
  clientHelloBody,
  extension,
  type ServerHelloFields,
  serverHelloBody,
  serverHelloFields,
} from '../support/script-hello.js';
import { EMPTY } from '../support/script-records.js';

const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87', 'x25519mlkem1024-mldsa87'] as const;

let clients: readonly [Identity, Identity];
let servers: readonly [Identity, Identity];
let pair: AttackedPair;
/** Of a client, which has pinned both of the server's keys. */
let options: Partial<HardenedOptions>;
beforeAll(async () => {
  const make = () => Promise.all([Identity.generate(), Identity.generate({ algorithm: 'ML-DSA-87' })]);
  [clients, servers] = await Promise.all([make(), make()]);
  options = { identity: clients, suites: SUITES, trust: servers.map(({ fingerprint }) => fingerprint) };
  pair = await offering(SUITES);
});
afterAll(() => pair.close());

let other: AttackedPair | undefined;
afterEach(async () => {
  await other?.close();
  other = undefined;
});

type Suites = NonNullable<HardenedOptions['suites']>;

function offering(suites: readonly SuiteName[]): Promise<AttackedPair> {
  const trust = clients.map(({ fingerprint }) => fingerprint);
  const all = { identity: servers, suites: suites as Suites, trust };
  return AttackedPair.listen({ server: servers[0], client: clients[0] }, all);
}

/** The server refuses the client's flight, with one verification or without. */
function serverRefuses(code: string, alert: string, verify: 0 | 1): Outcome {
  const spent = spentBy({ client: FLIGHT, server: { verify } });
  return { client: `alert ${alert}`, server: code, alerts: [`server: ${alert}`], got: NO_DATA, spent };
}

const WRONG_SIGNATURE = serverRefuses('PQ_ERR_AUTH_FAILED', 'auth_failed', 1);

type Change<Fields> = (fields: Fields) => Partial<Fields>;

function offer(change: Change<ServerHelloFields>, rest: Buffer = EMPTY): Attack {
  return inPlaceOf('ServerHello', (hello) => {
    const fields = serverHelloFields(hello.subarray(4));
    return [frame('ServerHello', Buffer.concat([serverHelloBody({ ...fields, ...change(fields) }), rest]))];
  });
}

function choice(change: Change<ClientHelloFields>, rest: Buffer = EMPTY): Attack {
  return inPlaceOf('ClientHello', (hello) => {
    const fields = clientHelloFields(hello.subarray(4));
    return [frame('ClientHello', Buffer.concat([clientHelloBody({ ...fields, ...change(fields) }), rest]))];
  });
}

function clientHelloFields(body: Buffer): ClientHelloFields {
  const key = body.subarray(38, body.length - 2);
  const [version, suite, mode] = [body.readUInt8(0), body.readUInt16BE(1), body.readUInt8(35)];
  return { version, suite, random: body.subarray(3, 35), mode, key, extensions: EMPTY };
}

/** All lists of one or more of these, but for the list as it is. */
function otherLists<T>(all: readonly T[]): T[][] {
  const lists = (rest: readonly T[]): T[][] =>
    rest.flatMap((first) => [[first], ...lists(rest.filter((each) => each !== first)).map((more) => [first, ...more])]);
  return lists(all).filter((list) => list.join() !== all.join());
}

it('two honest sides take the suite that the client prefers', async () => {
  for (const suite of SUITES) {
    const suites = [suite, ...SUITES.filter((each) => each !== suite)] as unknown as Suites;
    expect(await pair.run({}, { ...options, suites })).toMatchObject({ client: 'end', server: 'end' });
    expect(pair.link.sent.client[0]?.readUInt16BE(5)).toBe(SUITES.indexOf(suite) + 1);
  }
});

describe('an offer that was changed ends at the server’s verification (attack 14)', () => {
  it.each(otherLists([1, 2, 3]).map((suites) => ({ suites })))('with the suites $suites', async ({ suites }) => {
    expect(await pair.run({ attack: offer(() => ({ suites })) }, options)).toEqual(WRONG_SIGNATURE);
  });

  it.each(otherLists([1, 2]).map((algorithms) => ({ algorithms })))(
    'with keys of $algorithms',
    async ({ algorithms }) => {
      const attack = offer(({ keys }) => ({
        keys: algorithms.flatMap((n) => keys.filter(({ sigalg }) => sigalg === n)),
      }));
      expect(await pair.run({ attack }, options)).toEqual(WRONG_SIGNATURE);
    },
  );

  it.each<[string, Change<ServerHelloFields>]>([
    ['a later version after it', () => ({ versions: [1, 2] })],
    ['a later version before it', () => ({ versions: [2, 1] })],
    ['version 0', () => ({ versions: [1, 0] })],
    ['one more suite', ({ suites }) => ({ suites: [...suites, 0x7777] })],
    ['one more key', ({ keys }) => ({ keys: [...keys, { sigalg: 9, pk: Buffer.alloc(5) }] })],
    ['an empty extension', () => ({ extensions: extension(6) })],
    ['two extensions', () => ({ extensions: Buffer.concat([extension(6, Buffer.alloc(9)), extension(7)]) })],
    ['another random', () => ({ random: Buffer.alloc(32) })],
  ])('with %s', async (_, change) => {
    expect(await pair.run({ attack: offer(change) }, options)).toEqual(WRONG_SIGNATURE);
  });

  it('without the suite that only the pinned key is good for: no other key is asked about', async () => {
    const pinned = { ...options, trust: (servers[0] as Identity).fingerprint };
    const outcome = await pair.run({ attack: offer(({ keys }) => ({ keys: keys.slice(1) })) }, pinned);
    expect(outcome).toEqual(clientRefuses('PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'));
  });

  it.each<[string, Change<ServerHelloFields>, string, string]>([
    ['versions', () => ({ versions: [2, 3] }), 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['suites', () => ({ suites: [4, 0x7777] }), 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['keys', () => ({ keys: [{ sigalg: 3, pk: Buffer.alloc(32) }] }), 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
  ])('or before it, with other %s only', async (_, change, code, alert) => {
    expect(await pair.run({ attack: offer(change) }, options)).toEqual(clientRefuses(code, alert));
  });
});

function clientRefuses(code: string, alert: string): Outcome {
  const ends = { client: code, server: `alert ${alert}`, alerts: [`client: ${alert}`] };
  return { ...ends, got: NO_DATA, spent: spentBy({}) };
}

describe('a choice that was changed ends at the server (attacks 14, 15)', () => {
  it.each<[string, Change<ClientHelloFields>, string, string]>([
    ['version 0', () => ({ version: 0 }), 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['version 2', () => ({ version: 2 }), 'PQ_ERR_NO_COMMON_VERSION', 'no_common_version'],
    ['suite 0', () => ({ suite: 0 }), 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['suite 4', () => ({ suite: 4 }), 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['suite 0x0100', () => ({ suite: 0x0100 }), 'PQ_ERR_NO_COMMON_SUITE', 'no_common_suite'],
    ['a ticket', () => ({ mode: 1 }), 'PQ_ERR_TICKET', 'ticket_rejected'],
    ['another key', () => ({ key: Buffer.alloc(2592) }), 'PQ_ERR_UNTRUSTED', 'auth_failed'],
    ['an extension', () => ({ extensions: extension(7) }), 'PQ_ERR_DECODE', 'decode_error'],
  ])('to %s, without any work for it', async (_, change, code, alert) => {
    expect(await pair.run({ attack: choice(change) }, options)).toEqual(serverRefuses(code, alert, 0));
  });

  it('to another random, with one verification', async () => {
    const attack = choice(() => ({ random: Buffer.alloc(32) }));
    expect(await pair.run({ attack }, options)).toEqual(WRONG_SIGNATURE);
  });

  /** Also makes the rest of the flight as long as the other suite has it. */
  function switching(suite: number): Attack {
    const chosen = choice(() => ({ suite }));
    const lengths = new Map([
      [FRAMES.ClientKem, suite === 3 ? 1600 : 1568],
      [FRAMES.ClientAuth, suite === 1 ? 4595 : 4627],
    ] as [number, number][]);
    return (passing, link) => {
      const length = lengths.get(passing.type);
      if (length === undefined) return chosen(passing, link);
      return [frame(passing.type, Buffer.concat([passing.bytes.subarray(4), Buffer.alloc(32)]).subarray(0, length))];
    };
  }

  it.each([
    [1, 2, 'PQ_ERR_UNTRUSTED', 0],
    [1, 3, 'PQ_ERR_UNTRUSTED', 0],
    [2, 1, 'PQ_ERR_UNTRUSTED', 0],
    [2, 3, 'PQ_ERR_AUTH_FAILED', 1],
    [3, 1, 'PQ_ERR_UNTRUSTED', 0],
    [3, 2, 'PQ_ERR_AUTH_FAILED', 1],
  ] as const)('from suite %i to %i, which both have, with %s', async (from, to, code, verify) => {
    const suites = [SUITES[from - 1]] as unknown as Suites;
    const outcome = await pair.run({ attack: switching(to) }, { ...options, suites });
    expect(outcome).toEqual(serverRefuses(code, 'auth_failed', verify));
  });

  it.each([
    [2, 1],
    [2, 3],
    [3, 2],
    [1, 2],
  ] as const)('from suite %i to %i, which the server knows and has not offered', async (from, to) => {
    const suites = [SUITES[from - 1] as SuiteName];
    other = await offering(suites);
    const outcome = await other.run({ attack: switching(to) }, { ...options, suites: suites as unknown as Suites });
    expect(outcome).toEqual(serverRefuses('PQ_ERR_NO_COMMON_SUITE', 'no_common_suite', 0));
  });
});

describe('a hello of a bad form (attack 16)', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
  const key = (sigalg: number, length = 2592) => ({ sigalg, pk: Buffer.alloc(length, sigalg) });

  it.each<[string, Change<ServerHelloFields>, Buffer?]>([
    ['another magic number', () => ({ magic: 'PQSL' })],
    ['no version', () => ({ versions: [] })],
    ['nine versions', () => ({ versions: numbers(9) })],
    ['a version twice', () => ({ versions: [1, 1] })],
    ['no suite', () => ({ suites: [] })],
    ['nine suites', () => ({ suites: numbers(9) })],
    ['a suite twice', ({ suites }) => ({ suites: [...suites, 1] })],
    ['an unknown suite twice', ({ suites }) => ({ suites: [...suites, 9, 9] })],
    ['no key', () => ({ keys: [] })],
    ['five keys', ({ keys }) => ({ keys: [...keys, key(3), key(4), key(5)] })],
    ['a key twice', ({ keys }) => ({ keys: [...keys, ...keys] })],
    ['an unknown key twice', ({ keys }) => ({ keys: [...keys, key(9, 1), key(9, 2)] })],
    ['a key a byte short', ({ keys }) => ({ keys: keys.map(({ sigalg, pk }) => ({ sigalg, pk: pk.subarray(1) })) })],
    ['an extension twice', () => ({ extensions: Buffer.concat([extension(6), extension(6)]) })],
    ['descending extensions', () => ({ extensions: Buffer.concat([extension(8), extension(6)]) })],
    ['half an extension', () => ({ extensions: Buffer.alloc(3) })],
    ['an extension that is too long', () => ({ extensions: Buffer.from('000100020a', 'hex') })],
    ['1025 bytes of extensions', () => ({ extensions: extension(6, Buffer.alloc(1021)) })],
    ['a byte at its end', () => ({}), Buffer.alloc(1)],
  ])('an offer with %s is refused in silence', async (...[, change, rest]) => {
    const ends = { client: 'PQ_ERR_DECODE', server: 'PQ_ERR_TRUNCATED', alerts: [], got: NO_DATA };
    expect(await pair.run({ attack: offer(change, rest) }, options)).toEqual({ ...ends, spent: spentBy({}) });
    expect(pair.link.sent.client).toEqual([]);
  });

  it.each<[string, Change<ClientHelloFields>, Buffer?]>([
    ['mode 2', () => ({ mode: 2 })],
    ['mode 255', () => ({ mode: 255 })],
    ['a random a byte short', ({ random }) => ({ random: random.subarray(1) })],
    ['a key a byte short', ({ key }) => ({ key: key.subarray(1) })],
    ['a key a byte long', ({ key }) => ({ key: Buffer.concat([key, Buffer.alloc(1)]) })],
    ['a key of one byte', ({ key }) => ({ key: key.subarray(0, 1) })],
    ['an extension twice', () => ({ extensions: Buffer.concat([extension(6), extension(6)]) })],
    ['descending extensions', () => ({ extensions: Buffer.concat([extension(8), extension(6)]) })],
    ['half an extension', () => ({ extensions: Buffer.alloc(3) })],
    ['an extension that is too long', () => ({ extensions: Buffer.from('000100020a', 'hex') })],
    ['a byte at its end', () => ({}), Buffer.alloc(1)],
  ])('a choice with %s is refused, without any work for it', async (...[, change, rest]) => {
    const outcome = await pair.run({ attack: choice(change, rest) }, options);
    expect(outcome).toEqual(serverRefuses('PQ_ERR_DECODE', 'decode_error', 0));
  });
});
