/** What is sent, and that its memory is used again only when the kernel has it. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Outlet } from '../../lib/net/outlet.js';

const PIECE = 131_072;
let listener: Server;
const sockets: Socket[] = [];
beforeEach(async () => {
  listener = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  listener.close();
  await once(listener, 'close');
});

/** An outlet over TCP that seals a piece by copying it, the peer of its transport, and what was done. */
async function outletOverTcp() {
  const { port } = listener.address() as { port: number };
  const transport = connect({ port, host: '127.0.0.1' });
  sockets.unshift(transport);
  await Promise.all([once(transport, 'connect'), once(listener, 'connection')]);
  const done = jest.fn();
  const outlet: Outlet = new Outlet(transport, { seal: (piece) => send(piece), done });
  const send = (piece: Uint8Array) => {
    const room = outlet.room(piece.length);
    room.set(piece);
    outlet.send([room]);
  };
  return { outlet, transport, peer: sockets.at(-1) as Socket, done };
}

/** Writes more than the kernel takes while nobody reads. */
function writeTooMuch(outlet: Outlet, done: jest.Mock): Buffer {
  const data = Buffer.alloc(200 * PIECE);
  for (let i = 0; i < 200; i += 1) data.fill(i % 251, i * PIECE, (i + 1) * PIECE);
  outlet.write(data);
  expect(done).not.toHaveBeenCalled();
  return data;
}

async function readAll(peer: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  for await (const chunk of peer) {
    chunks.push(chunk as Buffer);
    got += (chunk as Buffer).length;
    if (got >= length) break;
  }
  return Buffer.concat(chunks);
}

it('sends a long write as the transport takes it, and is done with the last of it', async () => {
  const { outlet, peer, done, transport } = await outletOverTcp();
  const data = writeTooMuch(outlet, done);
  expect(transport.writableLength).toBeLessThanOrEqual(PIECE);
  expect((await readAll(peer, data.length)).equals(data)).toBe(true);
  expect(done.mock.calls).toEqual([[undefined]]);
});

it('gives nobody the memory of what waits in the transport', async () => {
  const { outlet, peer, done } = await outletOverTcp();
  const data = writeTooMuch(outlet, done);
  const others = [await outletOverTcp(), await outletOverTcp()];
  for (const other of others) {
    other.outlet.write(Buffer.alloc(PIECE, 0xff));
    expect(other.done).toHaveBeenCalled(); // the kernel takes as much at once
  }
  for (let i = 0; i < 10; i += 1) outlet.room(PIECE).fill(0xff);
  expect((await readAll(peer, data.length)).equals(data)).toBe(true);
});

it('uses the memory of what was taken again', async () => {
  const { outlet, done } = await outletOverTcp();
  const seen = new Set<ArrayBufferLike>();
  for (let i = 0; i < 5; i += 1) {
    seen.add(outlet.room(PIECE).buffer);
    outlet.write(Buffer.alloc(PIECE));
  }
  expect(done).toHaveBeenCalledTimes(5);
  expect(seen.size).toBe(1);
});

it('says what sealing has thrown, and forgets the write', async () => {
  const { transport } = await outletOverTcp();
  const done = jest.fn();
  const error = new Error('sealing');
  const seal = jest.fn(() => {
    throw error;
  });
  const outlet = new Outlet(transport, { seal, done });
  outlet.write(Buffer.alloc(3 * PIECE));
  expect(done.mock.calls).toEqual([[error]]);
  transport.emit('drain');
  expect(seal).toHaveBeenCalledTimes(1);
});
