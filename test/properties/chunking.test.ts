/** A transport may cut the stream anywhere, and slow work may be done at any time: neither changes what happens. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import type { Work } from '../../lib/handshake/machine.js';
import { Identity } from '../../lib/keys/identity.js';
import { HANDSHAKE_BUFFER } from '../../lib/limits.js';
import { parseHardened } from '../../lib/net/hardened-options.js';
import { parseSeed } from '../../lib/net/seed-options.js';
import type { Role } from '../../lib/record/channel.js';
import { Session, type StartMachine } from '../../lib/session/session.js';
import { policyOf } from '../../lib/trust/policy.js';

const RUNS = 50;
const ANY = policyOf('any');
const SEED_CIPHERS = ['aes-256-gcm', 'aes-256-ctr'] as const;

/** How the bytes are cut, in turn; and whether work is done between two chunks, or only when all have come. */
interface Cuts {
  readonly sizes: readonly number[];
  readonly late: readonly boolean[];
}
const cuts: fc.Arbitrary<Cuts> = fc.record({
  sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 5000 })), {
    minLength: 1,
    maxLength: 30,
  }),
  late: fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
});
const UNCUT: Cuts = { sizes: [Number.POSITIVE_INFINITY], late: [false] };

/** A session that notes everything that it tells, in order. Of data a hash is kept, and no secret, which differ. */
class Recorder {
  readonly events: unknown[][] = [];
  readonly session: Session;
  #outgoing: Uint8Array[] = [];
  #work: Work | undefined;
  #data: Buffer[] = [];

  constructor(clock: { now: number }) {
    const note = (...event: unknown[]) => void this.events.push(event);
    this.session = new Session(
      {
        send: (parts) => {
          this.#outgoing.push(...parts);
          note(
            'send',
            parts.map(({ length }) => length),
          );
        },
        work: (work) => {
          this.#work = work;
          note('work', work.kind);
        },
        watched: () => true,
        step: (step) => note('step', step),
        proven: () => {},
        open: ({ peer }) => note('open', peer.fingerprint, peer.suite),
        data: (plaintext) => this.#noteData(plaintext),
        end: () => note('end'),
        wakeIn: (delay) => note('wakeIn', delay),
        keylog: ({ sender, generation }) => note('keylog', sender, generation),
      },
      () => clock.now,
      HANDSHAKE_BUFFER,
    );
  }

  /** As one event however many pieces it comes in: the borders between records mean nothing. */
  #noteData(plaintext: Uint8Array): void {
    if (this.events.at(-1)?.[0] === 'data') this.events.pop();
    else this.#data = [];
    this.#data.push(Buffer.from(plaintext));
    const all = Buffer.concat(this.#data);
    this.events.push(['data', all.length, createHash('sha256').update(all).digest('hex')]);
  }

  takeOutgoing(): Buffer {
    return Buffer.concat(this.#outgoing.splice(0));
  }

  doWork(): boolean {
    const work = this.#work;
    if (work === undefined) return false;
    this.#work = undefined;
    this.session.resume(work.kind === 'verdict' ? { trusted: true } : work.operation.runSync());
    return true;
  }
}

/** Two recorders, and a network that cuts. */
class Network {
  readonly clock = { now: 0 };
  readonly client = new Recorder(this.clock);
  readonly server = new Recorder(this.clock);
  readonly #cuts: Cuts;
  #chunks = 0;

  constructor(cuts: Cuts, start: (role: Role) => StartMachine) {
    this.#cuts = cuts;
    for (const role of ['client', 'server'] as const) this[role].session.start(start(role));
    this.settle();
  }

  get events(): Record<Role, unknown[][]> {
    return { client: this.client.events, server: this.server.events };
  }

  /** Moves everything, until nothing more comes of it. */
  settle(): void {
    while (this.#move(this.server, this.client) || this.#move(this.client, this.server));
  }

  #move(from: Recorder, to: Recorder): boolean {
    const bytes = from.takeOutgoing();
    const { sizes, late } = this.#cuts;
    for (let at = 0; at < bytes.length; ) {
      const size = sizes[this.#chunks % sizes.length] as number;
      to.session.receive(Uint8Array.from(bytes.subarray(at, at + size)));
      if (!late[this.#chunks % late.length]) to.doWork();
      at += size;
      this.#chunks += 1;
    }
    while (to.doWork());
    return bytes.length > 0;
  }
}

/** A whole connection: data both ways, new keys, and the end. */
function converse(cuts: Cuts, start: (role: Role) => StartMachine): Record<Role, unknown[][]> {
  const network = new Network(cuts, start);
  const { client, server, clock } = network;
  client.session.write(Buffer.alloc(100, 'c'));
  server.session.write(Buffer.alloc(30_000, 's'));
  network.settle();
  clock.now += 60_000; // a REKEY
  client.session.write(Buffer.alloc(20_000, 'k'));
  network.settle();
  clock.now += 1; // another, for which it is too soon
  client.session.write(Buffer.alloc(1));
  server.session.write(Buffer.alloc(10));
  network.settle();
  clock.now += 60_000;
  server.session.wake();
  network.settle();
  client.session.write(Buffer.from('last words'));
  client.session.close();
  network.settle();
  server.session.receiveEnd();
  server.session.write(Buffer.alloc(5000, 'e'));
  server.session.close();
  network.settle();
  client.session.receiveEnd();
  return network.events;
}

/** The reference is what comes of the same connection without cuts. */
function expectTheSameHoweverCut(start: (role: Role) => StartMachine): Record<Role, unknown[][]> {
  const expected = converse(UNCUT, start);
  const property = fc.property(cuts, (cut) => {
    expect(converse(cut, start)).toEqual(expected);
  });
  const total = (role: Role) =>
    expected[role].reduce((sum, [what, length]) => sum + (what === 'data' ? Number(length) : 0), 0);
  expect({ client: total('client'), server: total('server') }).toEqual({ client: 35_010, server: 20_111 });
  fc.assert(property, { numRuns: RUNS, examples: [[{ sizes: [1], late: [true] }]] });
  return expected;
}

describe.each(Object.keys(SUITES) as SuiteName[])('a connection with %s', (suite) => {
  it('tells the same events on both sides, however the bytes are cut and whenever work is done', async () => {
    const algorithm = SUITES[suite].sig;
    const identities = {
      client: await Identity.generate({ algorithm }),
      server: await Identity.generate({ algorithm }),
    };
    const limits = { keyBytes: 12_000, rekeyInterval: 1 };
    const start = (role: Role) =>
      parseHardened(
        role,
        { identity: identities[role], trust: 'any', suites: [suite], maxRecordSize: 8192, limits },
        ANY,
      ).startMachine;
    const { client, server } = expectTheSameHoweverCut(start);
    // What was meant to happen did.
    for (const events of [client, server]) {
      expect(events.filter(([what]) => what === 'end').length).toBe(1);
      expect(events.filter(([what]) => what === 'keylog').length).toBeGreaterThan(8);
    }
    expect(server.filter(([what]) => what === 'wakeIn').length).toBe(1);
  });
});

describe.each(SEED_CIPHERS)('a connection in the seed profile with %s', (cipher) => {
  it('tells the same events on both sides, however the bytes are cut and whenever work is done', async () => {
    const profile = 'seed' as const;
    const identities = { client: await Identity.generate({ profile }), server: await Identity.generate({ profile }) };
    const start = (role: Role) => {
      const common = { profile, identity: identities[role], trust: 'any' as const };
      const ctr = { ...common, cipher: 'aes-256-ctr', allowUnauthenticatedCtr: true } as const;
      return parseSeed(role, cipher === 'aes-256-ctr' ? ctr : { ...common, cipher }).startMachine;
    };
    const { client, server } = expectTheSameHoweverCut(start);
    for (const events of [client, server]) expect(events.filter(([what]) => what === 'end').length).toBe(1);
  });
});
