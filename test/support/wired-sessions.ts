/** Two sessions wired to each other in memory, without a socket, a clock or a thread. */
import type { HandshakeStep } from '../../lib/channels.js';
import { type Primitives, primitivesOf } from '../../lib/crypto/primitives.js';
import { SEED_SUITE } from '../../lib/crypto/suites.js';
import type { OpenState, Work } from '../../lib/handshake/machine.js';
import { startSeedClient } from '../../lib/handshake/seed/client.js';
import { startSeedServer } from '../../lib/handshake/seed/server.js';
import type { Identity } from '../../lib/keys/identity.js';
import { HANDSHAKE_BUFFER } from '../../lib/limits.js';
import type { LoggedSecret } from '../../lib/record/channel.js';
import { Session } from '../../lib/session/session.js';

/** A clock that a test sets, in milliseconds. */
export interface Clock {
  now: number;
}

/** One side: its session, and what it has told. */
export class Side {
  readonly session: Session;
  readonly sent: Buffer[] = [];
  readonly steps: HandshakeStep[] = [];
  readonly data: Buffer[] = [];
  opened: OpenState | undefined;
  ended = false;
  /** Whether it takes data that comes. */
  hasSpace = true;
  /** How often it has told that the peer has proven its key. */
  proofs = 0;
  /** Work that was asked for and not yet done. */
  work: Work | undefined;

  /** Milliseconds after which it wants to be woken. */
  readonly wakes: number[] = [];
  readonly keylog: LoggedSecret[] = [];

  constructor(clock: Clock = { now: 0 }) {
    this.session = new Session(
      {
        send: (parts) => void this.sent.push(Buffer.concat(parts)),
        watched: () => true,
        step: (step) => void this.steps.push(step),
        proven: () => {
          this.proofs += 1;
        },
        open: (state) => {
          this.opened = state;
        },
        space: (bytes) => (this.hasSpace ? new Uint8Array(bytes.length) : undefined),
        data: (plaintext) => void this.data.push(Buffer.from(plaintext)),
        end: () => {
          this.ended = true;
        },
        work: (work) => {
          this.work = work;
          return undefined;
        },
        wakeIn: (delay) => void this.wakes.push(delay),
        keylog: (secret) => void this.keylog.push({ ...secret, secret: Uint8Array.from(secret.secret) }),
      },
      () => clock.now,
      HANDSHAKE_BUFFER,
    );
  }

  /** Does the work that is asked for, inline; every peer is trusted. */
  doWork(): void {
    const work = this.work;
    if (work === undefined) return;
    this.work = undefined;
    this.session.resume(work.kind === 'verdict' ? { trusted: true } : work.operation.runSync());
  }

  /** What it has sent since the last time. */
  takeSent(): Buffer {
    return Buffer.concat(this.sent.splice(0));
  }
}

export function seedSides(
  identities: { client: Identity<'seed'>; server: Identity<'seed'> },
  primitives: Primitives = primitivesOf(SEED_SUITE),
): { client: Side; server: Side } {
  const [client, server] = [new Side(), new Side()];
  const cipher = 'aes-256-gcm';
  client.session.start((out) => startSeedClient({ identity: identities.client, primitives, cipher }, out));
  server.session.start((out) => startSeedServer({ identity: identities.server, primitives, cipher }, out));
  return { client, server };
}

/** Moves bytes both ways and does all work, until nothing is left to do. */
export function settle({ client, server }: { client: Side; server: Side }): void {
  while (client.work ?? server.work ?? client.sent[0] ?? server.sent[0]) {
    client.doWork();
    server.doWork();
    server.session.receive(client.takeSent());
    client.session.receive(server.takeSent());
  }
}
