/** A handshake of two of our sessions, and somebody on the way who changes what they say. */
import type { SuiteName } from '../../lib/crypto/suites.js';
import type { Identity } from '../../lib/keys/identity.js';
import type { Role } from '../../lib/record/channel.js';
import { End, type HardenedIdentities, hardenedEnds } from '../support/wired-hardened.js';
import { seedSides } from '../support/wired-sessions.js';
import { type Edit, Tamperer } from './flight-edits.js';

/** Everything that makes one run. */
export interface Plan {
  readonly edits: Readonly<Record<Role, readonly Edit[]>>;
  /** How the bytes are cut, in turn. */
  readonly cuts: readonly number[];
}

/** The peers, and what they speak. */
export type Parties =
  | {
      readonly profile: 'hardened';
      readonly suite: SuiteName;
      readonly identities: HardenedIdentities;
      /** Whether the server offers to sign for several, which it never does here. */
      readonly batches?: boolean;
      /** The server's key before, which it still shows. */
      readonly old?: Identity | undefined;
    }
  | { readonly profile: 'seed'; readonly identities: { client: Identity<'seed'>; server: Identity<'seed'> } };

/** Handshake messages that each side sends. */
const MESSAGES = { hardened: 4, seed: 3 };

const ROLES = ['client', 'server'] as const;

export class MutatedHandshake {
  readonly client: End;
  readonly server: End;
  /** What each has sent, frame by frame, and what came of it at the other side. */
  readonly sent: Record<Role, Buffer[]> = { client: [], server: [] };
  readonly delivered: Record<Role, Buffer[]> = { client: [], server: [] };
  readonly #messages: number;
  readonly #tamperers: Record<Role, Tamperer>;
  readonly #cuts: readonly number[];
  #chunks = 0;

  /** @param earlier what each sent in another connection */
  constructor(parties: Parties, { edits, cuts }: Plan, earlier: Readonly<Record<Role, readonly Buffer[]>>) {
    ({ client: this.client, server: this.server } = endsOf(parties));
    this.#messages = MESSAGES[parties.profile];
    this.#cuts = cuts;
    this.#tamperers = {
      client: new Tamperer(edits.client, { earlier: earlier.client, reflected: this.sent.server }),
      server: new Tamperer(edits.server, { earlier: earlier.server, reflected: this.sent.client }),
    };
  }

  /** Both write as soon as they may, and everything passes; in the end the transport ends. */
  run(): this {
    for (const role of ROLES) this[role].write(Buffer.alloc(100, role));
    while (ROLES.some((role) => this[role].wire.length > 0)) for (const role of ROLES) this.#pass(role);
    for (const role of ROLES) this[role].finished = true;
    for (const role of ROLES) this.#peerOf(role).takeFrom(this[role], Number.POSITIVE_INFINITY);
    return this;
  }

  /** Whether the first messages of a side have all come as they were sent; by default all of its handshake. */
  intact(role: Role, messages = this.#messages): boolean {
    const sent = this.sent[role].slice(0, messages);
    const expected = Buffer.concat(sent);
    const delivered = Buffer.concat(this.delivered[role]);
    return sent.length === messages && delivered.subarray(0, expected.length).equals(expected);
  }

  #pass(role: Role): void {
    const sender = this[role];
    const tamperer = this.#tamperers[role];
    for (const frame of sender.wire.splice(0).flatMap(framesOf)) {
      this.sent[role].push(frame);
      if (!tamperer.ended) this.delivered[role].push(...tamperer.pass(frame));
    }
    sender.finished ||= tamperer.ended;
    sender.wire.push(...this.#cut(Buffer.concat(this.delivered[role]).subarray(this.#passed[role])));
    this.#passed[role] = this.delivered[role].reduce((sum, { length }) => sum + length, 0);
    this.#peerOf(role).takeFrom(sender, Number.POSITIVE_INFINITY);
  }

  readonly #passed: Record<Role, number> = { client: 0, server: 0 };

  #cut(bytes: Buffer): Buffer[] {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; this.#chunks += 1) {
      const size = this.#cuts[this.#chunks % this.#cuts.length] as number;
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    return chunks;
  }

  #peerOf(role: Role): End {
    return role === 'client' ? this.server : this.client;
  }
}

function endsOf(parties: Parties): { client: End; server: End } {
  if (parties.profile === 'hardened') {
    const { batches: batchSignatures, old } = parties;
    const suites = [parties.suite] as const;
    return hardenedEnds(parties.identities, { client: { suites }, server: { suites, batchSignatures }, old });
  }
  const { client, server } = seedSides(parties.identities);
  const clock = { now: 0 };
  return { client: new End(client, clock), server: new End(server, clock) };
}

/** The header of both profiles has its length in the last three bytes. */
function framesOf(flight: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < flight.length; at += 4 + flight.readUIntBE(at + 1, 3)) {
    frames.push(flight.subarray(at, at + 4 + flight.readUIntBE(at + 1, 3)));
  }
  return frames;
}
