/** Somebody between a client and a server, over TCP: sees every byte, and can cut the connection. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';

/** A frame as it was on the wire. */
export interface SeenFrame {
  readonly type: number;
  /** 4 bytes. */
  readonly header: Buffer;
  readonly body: Buffer;
}

const RECORD = 0x10;

export class Wiretap {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  readonly #toServer: Buffer[] = [];
  readonly #toClient: Buffer[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (near: Socket) => {
      const far = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      this.#sockets.push(near, far);
      this.#carry(near, far, this.#toServer);
      this.#carry(far, near, this.#toClient);
    });
  }

  /** Listens in front of a server. */
  static async before(port: number): Promise<Wiretap> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Wiretap(server, port);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All that has gone to the server, frame by frame. */
  get toServer(): SeenFrame[] {
    return framesOf(Buffer.concat(this.#toServer));
  }

  get toClient(): SeenFrame[] {
    return framesOf(Buffer.concat(this.#toClient));
  }

  /** Ends the transport of both sides, as if each peer's process were gone. */
  cut(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('end').end();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(from: Socket, to: Socket, seen: Buffer[]): void {
    from.on('error', () => {});
    from.on('data', (chunk: Buffer) => {
      seen.push(chunk);
      if (to.writable && !to.write(chunk)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
  }
}

/** The records among frames. */
export function recordsOf(frames: readonly SeenFrame[]): SeenFrame[] {
  return frames.filter(({ type }) => type === RECORD);
}

function framesOf(bytes: Buffer): SeenFrame[] {
  const frames: SeenFrame[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const header = bytes.subarray(at, at + 4);
    const body = bytes.subarray(at + 4, at + 4 + header.readUIntBE(1, 3));
    frames.push({ type: header.readUInt8(0), header, body });
    at += 4 + body.length;
  }
  return frames;
}
