/** An honest client and an honest server with a {@link HostileProxy} between them, and what becomes of both. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  AlertError,
  type HardenedOptions,
  type OperationCounts,
  type PqSocket,
  type ServerLimits,
} from '../../lib/index.js';
import { type Fate, fateOf } from '../net/fate.js';
import { ALERTS, FRAMES, type FrameName } from './hardened-script.js';
import { HostileProxy, type Link, type Plan, SIDES, type Side } from './hostile-proxy.js';
import { type ClientOptions, type Identities, TestServer } from './pair.js';
import { NOTHING_SPENT, spentDuring } from './script-pair.js';

/** How a connection went. */
export interface Outcome {
  /** The code of each side's error, or `alert` and the peer's reason; 'end' if there is none and the data is complete. */
  readonly client: string;
  readonly server: string;
  /** What each side has got of the other's data. */
  readonly got: Readonly<Record<Side, string>>;
  /** The alerts that went over the wire in clear: who sent it, and the reason. */
  readonly alerts: readonly string[];
  /** The lattice operations of both sides together. */
  readonly spent: OperationCounts;
}

/** What the two say to each other; a socket is handed over when it is made (client), or open (server). */
export type Talk = Readonly<Record<Side, (socket: PqSocket) => void>>;

/** Each says its name, and that this is all. */
const GREETING: Talk = { client: (socket) => socket.end('client'), server: (socket) => socket.end('server') };

export class AttackedPair {
  readonly server: TestServer;
  readonly proxy: HostileProxy;
  #talk: Talk = GREETING;
  #serverEnded: (fate: Fate) => void = () => {};

  private constructor(server: TestServer, proxy: HostileProxy) {
    this.server = server;
    this.proxy = proxy;
    server.server.on('secureConnection', (socket) => {
      void fateOf(socket).then((fate) => this.#serverEnded(fate));
      this.#talk.server(socket);
    });
    server.server.on('clientError', (error) => this.#serverEnded({ events: [], data: Buffer.alloc(0), error }));
  }

  static async listen(both: Identities, options: Partial<HardenedOptions<ServerLimits>> = {}): Promise<AttackedPair> {
    const server = await TestServer.listen(both, options);
    return new AttackedPair(server, await HostileProxy.before(server.port));
  }

  /** The last connection. */
  get link(): Link {
    return this.proxy.link;
  }

  /** One connection, to its end on both sides. There is never a second one. */
  async run(plan: Plan, options: ClientOptions = {}, talk: Talk = GREETING): Promise<Outcome> {
    const connections = this.proxy.links.length;
    this.proxy.plan = plan;
    this.#talk = talk;
    let fates: Record<Side, Fate> | undefined;
    const spent = await spentDuring(async () => {
      const ended = new Promise<Fate>((resolve) => {
        this.#serverEnded = resolve;
      });
      const socket = this.server.connect({ ...options, port: this.proxy.port });
      const client = fateOf(socket);
      talk.client(socket);
      fates = { client: await client, server: await ended };
      await nextTurn();
    });
    if (this.proxy.links.length !== connections + 1) throw new Error('the client has connected again');
    const { client, server } = fates as Record<Side, Fate>;
    const got = { client: String(client.data), server: String(server.data) };
    return { client: endingOf(client), server: endingOf(server), got, alerts: alertsIn(this.link), spent };
  }

  async close(): Promise<void> {
    this.proxy.close();
    await this.server.close();
  }
}

/** Both sides have got nothing. */
export const NO_DATA = { client: '', server: '' };

type Spent = Partial<OperationCounts>;

/**
 * What the sides have done. A process counts both together, but which is whose can be told: a server does nothing that
 * an honest client has not signed for, and a client verifies only what a server has signed.
 */
export function spentBy({ client = {}, server = {} }: { client?: Spent; server?: Spent }): OperationCounts {
  const names = Object.keys(NOTHING_SPENT) as (keyof OperationCounts)[];
  const sums = names.map((name) => [name, (client[name] ?? 0) + (server[name] ?? 0)]);
  return Object.fromEntries(sums) as unknown as OperationCounts;
}

/** A client's flight, a server's answer, and what a client does with that. */
export const FLIGHT: Spent = { keypair: 1, sign: 1 };
export const ANSWER: Spent = { verify: 1, encapsulate: 1, sign: 1 };
export const WHOLE: Spent = { keypair: 1, sign: 1, verify: 1, decapsulate: 1 };

/** The frames that a side has sent, by their names. */
export function namesOf(frames: readonly Buffer[]): string[] {
  const names = Object.keys(FRAMES) as FrameName[];
  return frames.map(([type]) => names.find((name) => FRAMES[name] === type) ?? `type ${type}`);
}

function endingOf({ events, error }: Fate): string {
  if (error instanceof AlertError) return `alert ${error.alert}`;
  if (error !== undefined) return error.code ?? error.message;
  return events.includes('end') ? 'end' : 'neither an error nor an end';
}

function alertsIn({ sent }: Link): string[] {
  return SIDES.flatMap((side) =>
    sent[side]
      .filter((bytes) => bytes[0] === FRAMES.Alert)
      .map((bytes) => `${side}: ${ALERTS[bytes.readUInt8(4) - 1] ?? bytes.readUInt8(4)}`),
  );
}
