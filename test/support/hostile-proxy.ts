/** Somebody hostile between a client and a server, over TCP, who has each frame in hand before it goes on. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FRAMES, type FrameName } from './hardened-script.js';

export type Side = 'client' | 'server';

export const SIDES: readonly Side[] = ['client', 'server'];

/** A frame on its way. */
interface Passing {
  /** Who is to get it. */
  readonly to: Side;
  readonly type: number;
  /** How many went the same way before. */
  readonly index: number;
  /** With its header. */
  readonly bytes: Buffer;
}

/** What goes on in the place of a frame: the frame itself if it is undefined, nothing if it is empty. */
export type Attack = (passing: Passing, link: Link) => readonly Uint8Array[] | undefined;

/** What is done to a connection. */
export interface Plan {
  readonly attack?: Attack;
  /** Once so many bytes went to a side: its stream ends there, or both sides are reset. */
  readonly cut?: { readonly to: Side; readonly after: number; readonly how: 'fin' | 'reset' };
  /** Bytes that go on in one turn of the event loop; otherwise all that there are. */
  readonly segment?: number;
}

const HEADER_LENGTH = 4;

/** One connection through the proxy. */
export class Link {
  /** The frames that each side has sent, before anything was done to them. */
  readonly sent: Readonly<Record<Side, Buffer[]>> = { client: [], server: [] };
  /** The bytes that each side has sent, also of frames that are not whole. */
  readonly bytes: Record<Side, number> = { client: 0, server: 0 };
  /** When both sides are gone. */
  readonly closed: Promise<unknown>;
  readonly #plan: Plan;
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #received: Record<Side, Buffer> = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
  /** What is still to be written to each side, one segment after the other. */
  readonly #writing: Record<Side, Promise<void>> = { client: Promise.resolve(), server: Promise.resolve() };
  readonly #written: Record<Side, number> = { client: 0, server: 0 };

  constructor(client: Socket, server: Socket, plan: Plan) {
    this.#plan = plan;
    this.#sockets = { client, server };
    this.closed = Promise.all(
      SIDES.map((side) => new Promise((resolve) => this.#sockets[side].once('close', resolve))),
    );
    for (const side of SIDES) this.#listen(side);
    for (const side of SIDES) this.send(side); // a cut may be due before the first byte
  }

  /** Sends bytes to a side, between what goes by. */
  send(to: Side, ...bytes: Uint8Array[]): void {
    const { segment } = this.#plan;
    const all = Buffer.concat(bytes);
    if (segment === undefined) this.#write(to, all);
    else this.#writing[to] = this.#writing[to].then(() => this.#writeSlowly(to, all, segment));
  }

  /** Ends the stream of these sides, or resets their connections. */
  cut(how: 'fin' | 'reset', ...sides: Side[]): void {
    for (const side of sides) {
      if (how === 'fin') this.#sockets[side].end();
      else this.#sockets[side].resetAndDestroy();
    }
  }

  destroy(): void {
    for (const side of SIDES) this.#sockets[side].destroy();
  }

  #listen(from: Side): void {
    const to = otherSide(from);
    const end = () => void this.#writing[to].then(() => this.#sockets[to].end());
    this.#sockets[from]
      .setNoDelay(true)
      .on('data', (chunk) => this.#pass(from, chunk))
      .on('end', end)
      .on('close', end)
      .on('error', () => {}); // a side that refuses may reset; 'close' follows
  }

  /** Without an attack the bytes go on at once: they may be no frames. */
  #pass(from: Side, chunk: Buffer): void {
    this.bytes[from] += chunk.length;
    if (this.#plan.attack === undefined) this.send(otherSide(from), chunk);
    this.#received[from] = Buffer.concat([this.#received[from], chunk]);
    for (;;) {
      const received = this.#received[from];
      if (received.length < HEADER_LENGTH) return;
      const length = HEADER_LENGTH + received.readUIntBE(1, 3);
      if (received.length < length) return;
      this.#received[from] = received.subarray(length);
      this.#handle(from, received.subarray(0, length));
    }
  }

  #handle(from: Side, bytes: Buffer): void {
    const to = otherSide(from);
    const index = this.sent[from].push(bytes) - 1;
    const { attack } = this.#plan;
    if (attack === undefined) return;
    const instead = attack({ to, type: bytes.readUInt8(0), index, bytes: Buffer.from(bytes) }, this);
    this.send(to, ...(instead ?? [bytes]));
  }

  #write(to: Side, bytes: Buffer): void {
    const socket = this.#sockets[to];
    const { cut } = this.#plan;
    const left = cut?.to === to ? cut.after - this.#written[to] : Number.POSITIVE_INFINITY;
    if (socket.writable && left > 0) socket.write(bytes.subarray(0, left));
    this.#written[to] += bytes.length;
    if (cut === undefined || bytes.length < left) return;
    this.cut(cut.how, ...(cut.how === 'fin' ? [to] : SIDES));
  }

  async #writeSlowly(to: Side, bytes: Buffer, segment: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += segment) {
      this.#write(to, bytes.subarray(at, at + segment));
      await nextTurn();
    }
  }
}

export class HostileProxy {
  /** For the connections to come. */
  plan: Plan = {};
  /** All connections that were made to it. */
  readonly links: Link[] = [];
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (client: Socket) => {
      const { plan } = this;
      const onward = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      const refused = () => void client.destroy();
      client.on('error', () => {});
      onward.once('error', refused).once('connect', () => {
        onward.off('error', refused);
        this.links.push(new Link(client, onward, plan));
      });
    });
  }

  /** Listens in front of whoever listens there. */
  static async before(port: number): Promise<HostileProxy> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HostileProxy(server, port);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The last connection. */
  get link(): Link {
    return this.links.at(-1) as Link;
  }

  close(): void {
    this.#server.close();
    for (const link of this.links) link.destroy();
  }
}

/** Puts something else in the place of the frames of one type. */
export function inPlaceOf(name: FrameName, change: (bytes: Buffer, link: Link) => readonly Uint8Array[]): Attack {
  return ({ type, bytes }, link) => (type === FRAMES[name] ? change(bytes, link) : undefined);
}

/** Puts something else in the place of the records that go to a side; they are numbered from 0. */
export function inPlaceOfRecords(
  to: Side,
  change: (record: Buffer, at: number, all: readonly Buffer[]) => readonly Uint8Array[],
): Attack {
  const all: Buffer[] = [];
  return ({ type, to: receiver, bytes }) => {
    if (type !== FRAMES.Record || to !== receiver) return undefined;
    return change(bytes, all.push(bytes) - 1, all);
  };
}

export function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}
