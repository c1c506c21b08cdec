/** Data of an open connection in memory, whose two halves are looked at one by one: sealing, and opening. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { connect, createServer, Identity, type PqSocket } from '../../index.js';
import type { Measurement } from './measurement.js';

/** Two connections: what one seals is thrown away, so that nobody could open what follows. */
export async function recordMeasurements(): Promise<Measurement[]> {
  const [sealing, opening] = await Promise.all([openConnection(), openConnection()]);
  const subject = { group: 'records', how: 'in memory, one thread', unit: 'megabyte' } as const;
  return [
    {
      ...subject,
      name: 'AES-256-GCM records, sealed',
      run: (count) =>
        added(count, async () => {
          const start = performance.now();
          await sealing.seal();
          const took = performance.now() - start;
          sealing.drop();
          return took;
        }),
    },
    {
      ...subject,
      name: 'AES-256-GCM records, opened',
      run: (count) =>
        added(count, async () => {
          await opening.seal();
          const start = performance.now();
          await opening.open();
          return performance.now() - start;
        }),
    },
  ];
}

/** A megabyte at a time: what is sealed and not opened yet stays little. */
async function added(count: number, one: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += await one();
  return sum;
}

interface Halves {
  /** A megabyte. */
  seal(): Promise<void>;
  /** All that was sealed. */
  open(): Promise<void>;
  /** Instead of opening it. */
  drop(): void;
}

async function openConnection(): Promise<Halves> {
  const [mine, yours] = await Promise.all([Identity.generate(), Identity.generate()]);
  const near = new HoldingEnd();
  const far = new HoldingEnd();
  near.peer = far;
  far.peer = near;
  const server = createServer({ identity: yours, trust: mine.fingerprint });
  const accepted = once(server, 'secureConnection') as Promise<[PqSocket]>;
  server.emit('connection', far);
  const client = connect({ socket: near, identity: mine, trust: yours.fingerprint });
  await once(client, 'secureConnect');
  const [receiver] = await accepted;
  let received = 0;
  receiver.on('data', ({ length }: Buffer) => {
    received += length;
  });
  near.holds = true;
  return {
    seal: () =>
      new Promise((resolve, reject) => client.write(MEGABYTE, (error) => (error ? reject(error) : resolve()))),
    open: async () => {
      received = 0;
      near.release();
      while (received < MEGABYTE.length) await once(receiver, 'data');
    },
    drop: () => void near.held.splice(0),
  };
}

/** One end of a connection in memory, which can keep back what it is to pass on. */
class HoldingEnd extends Duplex {
  peer: HoldingEnd = this;
  holds = false;
  readonly held: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.held.push(chunk);
    if (!this.holds) this.release();
    callback();
  }

  release(): void {
    for (const chunk of this.held.splice(0)) this.peer.push(chunk);
  }
}

const MEGABYTE = Buffer.alloc(1_000_000);
