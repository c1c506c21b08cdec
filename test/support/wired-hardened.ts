/** Two sessions of the hardened profile wired to each other in memory; and ends, which do what PqSocket does. */
import type { SigName, SuiteName } from '../../lib/crypto/suites.js';
import { alertOf, PqError } from '../../lib/errors.js';
import type { HardenedConfig } from '../../lib/handshake/hardened/parts.js';
import type { OpenState } from '../../lib/handshake/machine.js';
import { Identity } from '../../lib/keys/identity.js';
import { parseHardened } from '../../lib/net/hardened-options.js';
import type { HardenedOptions } from '../../lib/net/options.js';
import type { Role } from '../../lib/record/channel.js';
import { policyOf } from '../../lib/trust/policy.js';
import { type Clock, Side } from './wired-sessions.js';

export interface HardenedIdentities {
  readonly client: Identity;
  readonly server: Identity;
}

export async function hardenedIdentities(algorithm: SigName): Promise<HardenedIdentities> {
  return { client: await Identity.generate({ algorithm }), server: await Identity.generate({ algorithm }) };
}

/** What a test says differently about a side. */
export type SideOptions = Partial<Omit<HardenedOptions, 'identity' | 'trust'>>;

export interface WiredOptions {
  readonly client?: SideOptions;
  readonly server?: SideOptions;
  readonly clock?: Clock;
  /** The server's key before, which it still shows beside its own. */
  readonly old?: Identity | undefined;
  /** As those of parseHardened. */
  readonly primitives?: HardenedConfig['primitives'] | undefined;
}

/** Both have begun; neither has got anything. Every peer is trusted. */
export function hardenedSides(identities: HardenedIdentities, options: WiredOptions = {}) {
  const begin = (role: Role): Side => {
    const trust = policyOf('any');
    const { clock, primitives, old } = options;
    const own = identities[role];
    const identity = role === 'server' && old !== undefined ? ([own, old] as const) : own;
    const ofRole = { ...options[role], identity, trust: 'any' } as const;
    const { startMachine } = parseHardened(role, ofRole, trust, primitives);
    const side = new Side(clock);
    side.session.start(startMachine);
    return side;
  };
  return { client: begin('client'), server: begin('server') };
}

/** The suites, and the identities that each needs. */
export const SUITE_ALGORITHMS: Record<SuiteName, SigName> = {
  'kyber1024-dilithium5': 'Dilithium5',
  'mlkem1024-mldsa87': 'ML-DSA-87',
  'x25519mlkem1024-mldsa87': 'ML-DSA-87',
};

/**
 * One end of a connection, with the wire to its peer: what it sends stays there until the test delivers it. As with
 * PqSocket, what is written before the handshake is complete waits, an error ends it with an alert, and the end of the
 * transport follows a CLOSE or an alert.
 */
export class End {
  readonly side: Side;
  readonly written: Buffer[] = [];
  /** What is on its way to the peer: one record, or one flight of the handshake, in each. */
  readonly wire: Buffer[] = [];
  /** Whether the first of them is the rest of one. */
  partial = false;
  /** Whether the transport ends behind the wire; what is sent later is lost. */
  finished = false;
  /** Why it failed. */
  error: PqError | undefined;
  /** Whether the application has said that no more data comes. */
  closed = false;
  /** What the exporter gives for one label, as soon as the connection is open. */
  exported: string | undefined;
  /** When it wants to be woken. */
  wakeAt: number | undefined;
  readonly #clock: Clock;
  #finDelivered = false;
  #held: (() => void)[] = [];

  constructor(side: Side, clock: Clock) {
    this.side = side;
    this.#clock = clock;
    this.#collect();
  }

  /** Whether there is something that the peer has not got, or a time to wait for. */
  get busy(): boolean {
    return this.wire.length > 0 || (this.finished && !this.#finDelivered) || this.wakeAt !== undefined;
  }

  write(data: Buffer): void {
    if (this.closed || this.error !== undefined) return;
    this.written.push(data);
    this.#whenOpen(() => this.side.session.write(data));
  }

  close(): void {
    if (this.closed || this.error !== undefined) return;
    this.closed = true;
    this.#whenOpen(() => {
      this.side.session.close();
      this.#collect();
      this.finished = true;
    });
  }

  /** Does what it asked to be woken for, if it is time. */
  wake(): void {
    if (this.wakeAt === undefined || this.wakeAt > this.#clock.now) return;
    this.wakeAt = undefined;
    this.#run(() => this.side.session.wake());
  }

  /** Takes up to so many bytes of the peer's wire, and the end of the transport if that is next. */
  takeFrom(peer: End, count: number): void {
    let left = count;
    for (let [first] = peer.wire; first !== undefined && left > 0; [first] = peer.wire) {
      const chunk = first.subarray(0, left);
      left -= chunk.length;
      peer.partial = chunk.length < first.length;
      if (peer.partial) peer.wire[0] = first.subarray(chunk.length);
      else peer.wire.shift();
      this.#run(() => this.side.session.receive(chunk));
    }
    if (left === 0 || !peer.finished || peer.#finDelivered) return;
    peer.#finDelivered = true;
    this.#run(() => this.side.session.receiveEnd());
  }

  #whenOpen(action: () => void): void {
    if (this.side.opened === undefined) this.#held.push(action);
    else this.#run(action);
  }

  #run(action: () => void): void {
    if (this.error !== undefined) return;
    try {
      action();
      while (this.side.work !== undefined) this.side.doWork();
      if (this.side.opened !== undefined) this.#opened(this.side.opened);
      this.#collect();
    } catch (error) {
      this.#fail(error);
    }
  }

  #opened({ channel }: OpenState): void {
    this.exported ??= channel.exporter?.(32, 'test', new Uint8Array(0)).toString('hex');
    for (const held of this.#held.splice(0)) held();
  }

  #fail(error: unknown): void {
    if (!(error instanceof PqError)) throw error;
    this.error = error;
    this.side.session.abort(alertOf(error));
    this.#collect();
    this.finished = true;
  }

  #collect(): void {
    const sent = this.side.sent.splice(0);
    if (!this.finished) this.wire.push(...sent);
    const delay = this.side.wakes.splice(0).at(-1);
    if (delay !== undefined) this.wakeAt = this.#clock.now + delay;
    if (this.error !== undefined) this.wakeAt = undefined;
  }
}

/** Delivers everything, and wakes whoever wants to be, as often as something comes of it. */
export function drain({ client, server }: { client: End; server: End }, clock: Clock): void {
  while (client.busy || server.busy) {
    server.takeFrom(client, Number.POSITIVE_INFINITY);
    client.takeFrom(server, Number.POSITIVE_INFINITY);
    for (const end of [client, server]) {
      clock.now = Math.max(clock.now, end.wakeAt ?? 0);
      end.wake();
    }
  }
}

/** Two ends; their handshake has only begun. */
export function hardenedEnds(identities: HardenedIdentities, options: WiredOptions = {}) {
  const clock = options.clock ?? { now: 0 };
  const { client, server } = hardenedSides(identities, { ...options, clock });
  return { client: new End(client, clock), server: new End(server, clock) };
}
