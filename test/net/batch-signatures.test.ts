/** A server that may sign for several clients at once: when it does, what each gets, and what it costs. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect, type HardenedOptions, Identity } from '../../lib/index.js';
import { HardenedScript } from '../support/hardened-script.js';
import { NO_LIMITS, occupyPool, SEVERAL_EACH } from '../support/occupied-pool.js';
import type { TestServer } from '../support/pair.js';
import { BATCHES, batchFields } from '../support/script-batch.js';
import { ScriptPair, spentDuring } from '../support/script-pair.js';
import { SCRIPT_SUITES } from '../support/script-suite.js';

const COUNT = SEVERAL_EACH;
const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87'] as const;
const HYBRID = 'x25519mlkem1024-mldsa87';
type Name = keyof typeof SCRIPT_SUITES;

let identities: readonly [Identity, Identity];
beforeAll(async () => {
  identities = await Promise.all([Identity.generate(), Identity.generate({ algorithm: 'ML-DSA-87' })]);
});

let server: TestServer;
afterEach(() => server.close());

let asked = 0;
let release = (): void => {};

/** A server that works on none of its clients before {@link openAll}. */
async function serve(options: Partial<HardenedOptions> = { batchSignatures: true }): Promise<void> {
  asked = 0;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const trust = async () => {
    asked += 1;
    await released;
    return true;
  };
  server = await ScriptPair.serve(identities, { trust, limits: NO_LIMITS, ...options });
  server.server.setMaxListeners(0);
}

interface Clients {
  readonly name?: (i: number) => Name;
  readonly extensions?: Buffer;
  /** Which of the server's keys each chooses. */
  readonly place?: (i: number) => number;
  readonly sign?: (script: HardenedScript) => Buffer;
}

/** Clients that have said all of their flight. */
function waiting(
  count: number,
  { name = () => SUITES[1], extensions = BATCHES, place, sign = (script) => script.signature('client') }: Clients = {},
): Promise<HardenedScript[]> {
  const each = async (i: number) => {
    const suite = SCRIPT_SUITES[name(i)];
    const options = { suite, extensions, ...(place && { place: place(i) }) };
    const script = await (await HardenedScript.connect(server.port, options)).reach('WAIT_AUTH');
    script.say('ClientAuth', sign(script));
    return script;
  };
  return Promise.all(Array.from({ length: count }, (_, i) => each(i)));
}

/** Has the server work on all at once; the ServerAuth of each of these, when they and it know each other. */
async function openAll(scripts: readonly HardenedScript[], clients = scripts.length): Promise<Buffer[]> {
  while (asked < clients) await nextTurn();
  const busy = occupyPool();
  release();
  await Promise.all(scripts.map((script) => confirmed(script)));
  await busy;
  return scripts.map(({ transcript }) => (transcript[5] as Buffer).subarray(4));
}

async function confirmed(script: HardenedScript): Promise<void> {
  await script.hearServer();
  script.say('ClientFinished', script.mac('client'));
}

const isBatch = (auth: Buffer) => auth[0] === 1;

it.each(SUITES)('signs for several clients of %s together, when all wait', async (name) => {
  await serve();
  const { sig } = SCRIPT_SUITES[name];
  const scripts = await waiting(COUNT, { name: () => name });
  let auths: Buffer[] = [];
  const spent = await spentDuring(async () => {
    auths = await openAll(scripts);
  });
  const batches = auths.filter(isBatch).map((auth) => batchFields(auth, sig.signatureLength));
  const signatures = new Set(auths.map((auth) => auth.toString('latin1', auth.length - sig.signatureLength)));
  const ids = new Set(batches.map(({ id }) => id.toString('hex')));
  expect(signatures.size).toBeLessThan(COUNT);
  expect(spent).toMatchObject({ verify: 2 * COUNT, encapsulate: COUNT, sign: signatures.size, decapsulate: COUNT });
  for (const id of ids) {
    const members = batches.filter((batch) => batch.id.toString('hex') === id);
    const places = members.map(({ place }) => place).sort((a, b) => a - b);
    expect(places).toEqual(places.map((_, i) => i));
    expect(members[0]?.depth).toBe(Math.ceil(Math.log2(members.length)));
    expect(new Set(members.map(({ random }) => random.toString('hex'))).size).toBe(members.length);
  }
});

it('signs for a client that is alone as ever', async () => {
  await serve();
  expect(isBatch((await openAll(await waiting(1)))[0] as Buffer)).toBe(false);
});

it('signs for each client alone that has not agreed, and for the others together', async () => {
  await serve();
  const agreed = await waiting(COUNT);
  const not = await waiting(COUNT, { extensions: Buffer.alloc(0) });
  let auths: Buffer[] = [];
  const spent = await spentDuring(async () => {
    auths = await openAll([...agreed, ...not]);
  });
  expect(auths.slice(0, COUNT).filter(isBatch).length).toBeGreaterThan(0);
  expect(auths.slice(COUNT).some(isBatch)).toBe(false);
  expect(spent.sign).toBeGreaterThanOrEqual(COUNT);
  expect(spent.sign).toBeLessThan(2 * COUNT);
});

it('has a signature for each of its keys, whatever the order in which clients come', async () => {
  await serve();
  const auths = await openAll(await waiting(2 * COUNT, { name: (i) => SUITES[i % 2] as Name }));
  for (const [i, name] of SUITES.entries()) {
    const own = auths.filter((_, at) => at % 2 === i);
    expect(own.filter(isBatch).length).toBeGreaterThan(0);
    expect(own[0]?.length).toBeGreaterThan(SCRIPT_SUITES[name].sig.signatureLength);
  }
});

it('has a signature for each of several keys of an algorithm, with the key that the client chose', async () => {
  const old = await Identity.generate({ algorithm: 'ML-DSA-87' });
  await serve({ batchSignatures: true, identity: [...identities, old] });
  const auths = await openAll(await waiting(2 * COUNT, { place: (i) => 1 + (i % 2) })); // each checks its signature
  const { signatureLength } = SCRIPT_SUITES[SUITES[1]].sig;
  const [some, others] = [0, 1].map((place) => {
    const own = auths.filter((auth, at) => at % 2 === place && isBatch(auth));
    return new Set(own.map((auth) => batchFields(auth, signatureLength).id.toString('hex')));
  }) as [Set<string>, Set<string>];
  expect([some.size > 0, others.size > 0]).toEqual([true, true]);
  expect([...some].filter((id) => others.has(id))).toEqual([]);
});

it('takes clients in the suite with X25519', async () => {
  await serve();
  await openAll(await waiting(COUNT, { name: () => HYBRID }));
});

it('signs together also where some clients are refused, or gone', async () => {
  await serve();
  const errors: unknown[] = [];
  server.server.on('clientError', (error: Error & { code?: string }) => void errors.push(error.code));
  const wrong = await waiting(COUNT, { sign: (script) => script.signature('server') });
  const leaving = await waiting(COUNT);
  const honest = await waiting(COUNT);
  const opened = openAll(honest, 3 * COUNT);
  for (const script of leaving) script.socket.destroy();
  await opened;
  for (const script of wrong) expect(await script.lastWords()).toEqual(['Alert auth_failed']);
  expect(errors.filter((code) => code === 'PQ_ERR_AUTH_FAILED')).toHaveLength(COUNT);
});

it('opens connections with clients of our own', async () => {
  await serve();
  release();
  const identity = await Identity.generate();
  const options = { host: '127.0.0.1', port: server.port, identity, trust: 'any' } as const;
  const sockets = Array.from({ length: COUNT }, () => connect(options));
  await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
  for (const socket of sockets) socket.destroy();
});

it('offers nothing, and signs for each alone, unless it is told to', async () => {
  await serve({});
  const scripts = await waiting(COUNT, { extensions: Buffer.alloc(0) });
  const spent = await spentDuring(() => openAll(scripts));
  expect(spent).toMatchObject({ verify: 2 * COUNT, encapsulate: COUNT, sign: COUNT, decapsulate: COUNT });
  expect((scripts[0] as HardenedScript).transcript[0]?.subarray(-2)).toEqual(Buffer.alloc(2));
});
