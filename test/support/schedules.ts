/** Schedules of two applications and of the network between them, for properties that hold for every one of them. */
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import type { SuiteName } from '../../lib/crypto/suites.js';
import type { Role } from '../../lib/record/channel.js';
import { drain, type End, type HardenedIdentities, hardenedEnds, type WiredOptions } from './wired-hardened.js';
import type { Clock } from './wired-sessions.js';

/** What can happen. `by` is the side that does it, or that takes what the other has sent. */
export type Action =
  | { readonly do: 'write' | 'take' | 'wait'; readonly by: Role; readonly amount: number }
  | { readonly do: 'takeOne' | 'close' | 'wake'; readonly by: Role };

export const HOUR = 3_600_000;

/** A client or a server. */
export const anyRole = fc.constantFrom<Role>('client', 'server');

/** The one with X25519 takes more time than all else in these connections: it is drawn less often. */
export const anySuite = fc.oneof(
  { arbitrary: fc.constantFrom<SuiteName>('kyber1024-dilithium5', 'mlkem1024-mldsa87'), weight: 5 },
  fc.constant<SuiteName>('x25519mlkem1024-mldsa87'),
);

const write = amount('write', fc.oneof(fc.nat(300), fc.nat(200_000)));
const take = amount('take', fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(20_000)));
const wait = amount('wait', fc.constantFrom(1, 999, 5000, 10_000, 60_000, HOUR));

/** Up to 30 actions, with up to 200 kB in each write. */
export const schedules = fc.array(
  fc.oneof(
    { arbitrary: write, weight: 8 },
    { arbitrary: take, weight: 12 },
    { arbitrary: wait, weight: 4 },
    { arbitrary: simple('wake'), weight: 2 },
    { arbitrary: simple('close'), weight: 1 },
  ),
  { maxLength: 30 },
);

/** Record by record and with little data, so that what crosses is messages. */
export const smallSchedules = fc.array(
  fc.oneof(
    { arbitrary: amount('write', fc.constant(10)), weight: 3 },
    { arbitrary: simple('takeOne'), weight: 6 },
    { arbitrary: wait, weight: 1 },
    { arbitrary: simple('wake'), weight: 1 },
    { arbitrary: simple('close'), weight: 1 },
  ),
  { maxLength: 25, size: 'max' },
);

const padding = fc.constantFrom(1, 100, 4096);
const maxRecordSize = fc.constantFrom(1000, 16_384, 65_536);
const keyAge = fc.constantFrom(1, 5000, HOUR);
const rekeyLeast = fc.constantFrom(0, 10_000);

/** Limits so low that new keys come often. */
const low = fc.record({
  keyRecords: fc.constantFrom(2, 3, 20, 2 ** 24),
  keyBytes: fc.constantFrom(1, 20_000, 200_000, 2 ** 30),
  keyAge,
  rekeyInterval: fc.constantFrom(1, 5000, HOUR, Number.POSITIVE_INFINITY),
  rekeyLeast,
});
export const anyOptions = bothOf(low);

/** With a REKEY as often as one is answered. */
const renewing = fc.record({ keyAge, rekeyInterval: fc.constantFrom(1, 999), rekeyLeast });
export const renewingOptions = bothOf(renewing);

const WRITE_MAX = 200_000;
const PATTERN = createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16)).update(Buffer.alloc(2 ** 20));

/** Two ends, a clock, and what to write. */
export class Connection {
  readonly clock: Clock = { now: 0 };
  readonly client: End;
  readonly server: End;
  #taken = 0;

  constructor(identities: HardenedIdentities, suite: SuiteName, { client, server }: Omit<WiredOptions, 'clock'>) {
    const suites = [suite] as const;
    const sides = { client: { ...client, suites }, server: { ...server, suites } };
    ({ client: this.client, server: this.server } = hardenedEnds(identities, { ...sides, clock: this.clock }));
  }

  get ends(): readonly [End, End] {
    return [this.client, this.server];
  }

  do(action: Action): void {
    const end = this[action.by];
    const peer = this.peerOf(end);
    if (action.do === 'write') this.write(end, action.amount);
    else if (action.do === 'take') end.takeFrom(peer, action.amount);
    else if (action.do === 'takeOne') end.takeFrom(peer, peer.wire[0]?.length ?? 1);
    else if (action.do === 'close') end.close();
    else if (action.do === 'wait') this.clock.now += action.amount;
    else end.wake();
  }

  /** No two writes of a connection are the same, but for the shortest. */
  write(end: End, length: number): void {
    this.#taken = (this.#taken + 65_521) % (PATTERN.length - WRITE_MAX);
    end.write(PATTERN.subarray(this.#taken, this.#taken + length));
  }

  /** Everything comes. */
  drain(): void {
    drain(this, this.clock);
  }

  peerOf(end: End): End {
    return end === this.client ? this.server : this.client;
  }
}

/** What a receiver has of what its peer wrote: whether that is its beginning, how much is missing, and if it ended. */
export function received(receiver: End, sender: End) {
  const [written, delivered] = [Buffer.concat(sender.written), Buffer.concat(receiver.side.data)];
  const isPrefix = written.subarray(0, delivered.length).equals(delivered);
  return { isPrefix, missing: written.length - delivered.length, ended: receiver.side.ended };
}

function amount(what: 'write' | 'take' | 'wait', amounts: fc.Arbitrary<number>): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constant(what), by: anyRole, amount: amounts });
}

function bothOf<T>(limits: fc.Arbitrary<T>) {
  const options = fc.record({ padding, maxRecordSize, limits });
  return fc.record({ client: options, server: options });
}

function simple(what: 'takeOne' | 'close' | 'wake'): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constant(what), by: anyRole });
}
