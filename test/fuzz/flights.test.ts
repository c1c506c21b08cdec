/**
 * Flights that were changed on the way, by the thousand, against both sides in every state: nobody believes in a
 * connection that isn't, every failure is one of ours, and nothing is left behind. `npm run fuzz -- --target flights`
 * does more of them.
 */
import fc from 'fast-check';
import { Secret } from '../../lib/crypto/secret.js';
import { Identity } from '../../lib/keys/identity.js';
import type { Role } from '../../lib/record/channel.js';
import { HANDSHAKE_ERRORS } from '../support/handshake-errors.js';
import { anySuite, received } from '../support/schedules.js';
import { secretsMade } from '../support/secrets-made.js';
import { type End, type HardenedIdentities, hardenedIdentities, SUITE_ALGORITHMS } from '../support/wired-hardened.js';
import { campaign } from './campaign.js';
import { anyEdit, anySplice, type Edit } from './flight-edits.js';
import { MutatedHandshake, type Parties, type Plan } from './mutated-handshake.js';

const FLIGHTS = campaign.times(10_000);
const SEED_FLIGHTS = campaign.times(1000);
jest.setTimeout(campaign.times(120_000));

const hardened = new Map<string, HardenedIdentities>();
const old = new Map<string, Identity>();
let seed: { client: Identity<'seed'>; server: Identity<'seed'> };
beforeAll(async () => {
  for (const name of ['Dilithium5', 'ML-DSA-87'] as const) {
    hardened.set(name, await hardenedIdentities(name));
    old.set(name, await Identity.generate({ algorithm: name }));
  }
  const one = () => Identity.generate({ profile: 'seed' });
  seed = { client: await one(), server: await one() };
  // Makes the one constant of the key schedule, which is there for good.
  new MutatedHandshake(
    {
      profile: 'hardened',
      suite: 'x25519mlkem1024-mldsa87', // the others are done by native code, which has its own
      identities: hardened.get('ML-DSA-87') as HardenedIdentities,
    },
    NOTHING,
    { client: [], server: [] },
  ).run();
});

const cuts = fc.oneof(
  fc.constant([Number.POSITIVE_INFINITY]),
  fc
    .array(fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 50, max: 5000 })), {
      minLength: 1,
      maxLength: 5,
    })
    .map((sizes) => [...sizes, 4000]),
);

it('a mutated flight opens no connection unless nothing was changed, and every failure is one of ours', () => {
  const earlier = new Map<string, Record<Role, Buffer[]>>();
  const seen = { opened: 0, codes: new Set<string | undefined>() };
  const plans = plansOf(fc.oneof({ arbitrary: anyEdit, weight: 5 }, anySplice));
  const property = fc.property(anySuite, plans, fc.boolean(), fc.boolean(), (suite, plan, batches, rotates) => {
    const identities = hardened.get(SUITE_ALGORITHMS[suite]);
    const also = rotates ? old.get(SUITE_ALGORITHMS[suite]) : undefined;
    const parties = { profile: 'hardened', suite, identities, batches, old: also } as Parties;
    const run = shaken(parties, plan, earlier.get(suite));
    if (run.intact('client') && run.intact('server')) earlier.set(suite, run.sent);
    expectHonest(run);
    // Each side's signature and MAC cover all that was said before, by both.
    if (run.client.side.opened) expect([run.intact('server'), run.intact('client', 3)]).toEqual([true, true]);
    if (run.server.side.opened) expect([run.intact('server'), run.intact('client')]).toEqual([true, true]);
    if (run.server.side.opened) expect(firstKeys(run.server)).toEqual(firstKeys(run.client));
    note(seen, run);
  });
  fc.assert(property, { numRuns: FLIGHTS, seed: campaign.seed });
  expectAllKinds(seen, FLIGHTS, HANDSHAKE_ERRORS);
});

it('in the seed profile a mutated flight opens no side that did not get all of the other’s', () => {
  const seen = { opened: 0, codes: new Set<string | undefined>() };
  // Another connection's flight opens one here, and records can be repeated: PROTOCOL.md, "What this profile does not do".
  const anyHere = anyEdit.map((edit) => ({ ...edit, frame: edit.frame % 3 }));
  const property = fc.property(plansOf(anyHere), (plan) => {
    const run = shaken({ profile: 'seed', identities: seed }, plan);
    expectHonest(run);
    if (run.client.side.opened) expect(run.intact('server')).toBe(true);
    if (run.server.side.opened) expect(run.intact('client')).toBe(true);
    note(seen, run);
  });
  fc.assert(property, { numRuns: SEED_FLIGHTS, seed: campaign.seed });
  expectAllKinds(seen, SEED_FLIGHTS, SEED_CODES);
});

/** The same in the seed profile. */
const SEED_CODES = [
  'PQ_ERR_AUTH_FAILED',
  'PQ_ERR_BAD_RECORD',
  'PQ_ERR_DECODE',
  'PQ_ERR_TRUNCATED',
  undefined, // the transport's end is the end of the data
];

/** Mostly one change: with several, what the first one does hides the others. None at all is a flight, too. */
function plansOf(edit: fc.Arbitrary<Edit>): fc.Arbitrary<Plan> {
  const one = fc.tuple(fc.constantFrom<Role>('client', 'server'), edit);
  const edits = fc.oneof(
    { arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }), weight: 6 },
    { arbitrary: fc.array(one, { maxLength: 4 }), weight: 2 },
  );
  return fc.record({
    edits: edits.map((list) => {
      const by = (role: Role) => list.filter(([sender]) => sender === role).map(([, each]) => each);
      return { client: by('client'), server: by('server') };
    }),
    cuts,
  });
}

/** Runs a handshake; whatever came of it, its secrets are wiped once both sides are disposed of. */
function shaken(parties: Parties, plan: Plan, earlier = { client: [], server: [] } as Record<Role, Buffer[]>) {
  let run!: MutatedHandshake;
  const secrets = secretsMade(() => {
    run = new MutatedHandshake(parties, plan, earlier).run();
    for (const { side } of [run.client, run.server]) side.session.dispose();
  });
  expect(secrets.filter(isAlive).map(({ length }) => length)).toEqual([]);
  return run;
}

/** One whose operation was never run is still nothing but zeros. */
function isAlive(secret: Secret): boolean {
  return !secret.disposed && Secret.bytesOf(secret).some((byte) => byte !== 0);
}

/** Nothing was delivered but what the other side wrote, and to nobody who was not open. */
function expectHonest({ client, server }: MutatedHandshake): void {
  for (const [receiver, sender] of [
    [client, server],
    [server, client],
  ] as const) {
    expect(received(receiver, sender).isPrefix).toBe(true);
    if (receiver.side.opened === undefined) expect(receiver.side.data.length).toBe(0);
  }
}

const NOTHING: Plan = { edits: { client: [], server: [] }, cuts: [Number.POSITIVE_INFINITY] };

/** The traffic secrets that a side began with, in hex. */
function firstKeys({ side: { keylog } }: End): string[] {
  const first = keylog.filter(({ generation }) => generation === 0);
  return first.map(({ sender, secret }) => `${sender} ${Buffer.from(secret).toString('hex')}`).sort();
}

interface Seen {
  opened: number;
  readonly codes: Set<string | undefined>;
}

function note(seen: Seen, { client, server }: MutatedHandshake): void {
  if (client.side.opened && server.side.opened) seen.opened += 1;
  for (const { error } of [client, server]) seen.codes.add(error?.code);
}

/** The runs went everywhere: else the properties above would hold of nothing. */
function expectAllKinds({ opened, codes }: Seen, runs: number, expected: readonly (string | undefined)[]): void {
  expect([...codes].sort()).toEqual([...expected].sort());
  expect(opened).toBeGreaterThan(runs / 50);
  expect(opened).toBeLessThan(runs / 2);
}
