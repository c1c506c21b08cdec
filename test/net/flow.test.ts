/** How much goes through a connection, and how much of it is held. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { PqSocket } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { connectedInMemory, settled } from './in-memory.js';
import { recordsOf, Wiretap } from './wiretap.js';

let both: Identities;
let server: TestServer | undefined;
let tap: Wiretap | undefined;
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  tap?.close();
  await server?.close();
  [server, tap] = [undefined, undefined];
});

const MIB = 2 ** 20;
const HEADER_AND_TAG = 4 + 16;

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

/** Reads to the end, and leaves the other direction as it is: a loop over a stream would destroy it. */
async function digestOf(socket: PqSocket): Promise<{ length: number; hash: string }> {
  const hash = createHash('sha256');
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    length += chunk.length;
  });
  await once(socket, 'end');
  return { length, hash: hash.digest('hex') };
}

/** Writes until it is told to stop, and again when it may go on; says how much it has written. */
function fill(socket: PqSocket, total: number): { written: number; drains: number } {
  const told = { written: 0, drains: 0 };
  const more = (): void => {
    while (told.written < total) {
      told.written += 2 ** 16;
      if (!socket.write(Buffer.alloc(2 ** 16))) return;
    }
    socket.end();
  };
  socket.on('drain', () => {
    told.drains += 1;
    more();
  });
  more();
  return told;
}

describe('back-pressure', () => {
  it.each(['client', 'server'] as const)('stops the %s that writes while its peer does not read', async (who) => {
    const pair = await connectedInMemory(both, { client: { allowHalfOpen: true }, server: { allowHalfOpen: true } });
    const [writer, reader] = who === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
    const told = fill(writer, 32 * MIB);
    await settled();
    expect(writer.writableNeedDrain).toBe(true);
    expect(told.written).toBeLessThan(MIB);
    expect(reader.readableLength).toBeLessThan(MIB);
    expect((await digestOf(reader)).length).toBe(32 * MIB);
    expect(told.drains).toBeGreaterThan(30);
  });

  it('holds no more than a little of what comes from the network while nobody reads', async () => {
    let told = { written: 0, drains: 0 };
    server = await TestServer.listen(both, {}, (socket) => {
      told = fill(socket, 64 * MIB);
    });
    const client = server.connect();
    await once(client, 'readable');
    expect(client.readableLength).toBeLessThan(MIB);
    let read = 0;
    for await (const chunk of client) {
      read += chunk.length;
      expect(client.readableLength).toBeLessThan(MIB);
    }
    expect(read).toBe(64 * MIB);
    expect(told.drains).toBeGreaterThan(0);
  });

  it.each([1, 16_384, 2 ** 20])('begins when as much is unread as highWaterMark says: %d', async (highWaterMark) => {
    const pair = await connectedInMemory(both, { client: { highWaterMark } });
    fill(pair.server, 4 * MIB);
    await settled();
    expect(pair.client.readableHighWaterMark).toBe(highWaterMark);
    expect(pair.client.readableLength).toBeGreaterThanOrEqual(highWaterMark);
    expect(pair.client.readableLength).toBeLessThan(highWaterMark + 2 * 65_536);
    expect((await digestOf(pair.client)).length).toBe(4 * MIB);
  });

  it('lets one direction go on while nobody reads the other', async () => {
    const pair = await connectedInMemory(both, { client: { allowHalfOpen: true }, server: { allowHalfOpen: true } });
    fill(pair.server, 32 * MIB);
    await settled();
    fill(pair.client, 8 * MIB);
    expect((await digestOf(pair.server)).length).toBe(8 * MIB);
    for (const socket of [pair.client, pair.server]) socket.on('error', () => {}).destroy();
  });

  it('is told by pause and resume as well', async () => {
    const pair = await connectedInMemory(both);
    const seen: Buffer[] = [];
    pair.client.on('data', (chunk) => void seen.push(chunk));
    pair.client.pause();
    fill(pair.server, 4 * MIB);
    await settled();
    expect(seen).toHaveLength(0);
    pair.client.resume();
    await once(pair.client, 'close');
    expect(Buffer.concat(seen)).toHaveLength(4 * MIB);
  });
});

describe('data', () => {
  it('of 50 MB goes there and back, unchanged', async () => {
    server = await TestServer.listen(both, { allowHalfOpen: true }, (socket) => void pipeline(socket, socket));
    const data = randomBytes(50_000_000);
    const client = server.connect({ allowHalfOpen: true });
    client.end(data);
    expect((await digestOf(client)).hash).toBe(sha256(data));
    expect(client).toMatchObject({ bytesRead: data.length, bytesWritten: data.length });
  });

  it('goes both ways at once', async () => {
    server = await TestServer.listen(both, { allowHalfOpen: true });
    const { client, server: accepted } = await server.connected({ allowHalfOpen: true });
    const [up, down] = [randomBytes(20_000_000), randomBytes(30_000_000)];
    client.end(up);
    accepted.end(down);
    const [upward, downward] = await Promise.all([digestOf(accepted), digestOf(client)]);
    expect([upward.hash, downward.hash]).toEqual([sha256(up), sha256(down)]);
  });

  it('may be written as text, in pieces, and with callbacks in their order', async () => {
    server = await TestServer.listen(both);
    const { client, server: accepted } = await server.connected();
    const called: number[] = [];
    client.cork();
    for (let i = 0; i < 5; i += 1) client.write(`piece ${i}; `, () => void called.push(i));
    client.uncork();
    client.write('c3bc', 'hex');
    client.end();
    let text = '';
    for await (const chunk of accepted.setEncoding('utf8')) text += chunk;
    expect(text).toBe('piece 0; piece 1; piece 2; piece 3; piece 4; ü');
    expect(called).toEqual([0, 1, 2, 3, 4]);
  });

  it('may be empty', async () => {
    server = await TestServer.listen(both);
    const { client, server: accepted } = await server.connected();
    const called = new Promise((resolve) => void client.write('', resolve));
    await called;
    client.end();
    for await (const _ of accepted) throw new Error('there is no data');
    expect(accepted.bytesRead).toBe(0);
  });
});

describe('records on the wire', () => {
  /** The records with which a client sends so many bytes, its CLOSE the last. */
  async function sent(length: number, options: { padding?: number; maxRecordSize?: number }): Promise<number[]> {
    tap?.close();
    await server?.close();
    server = await TestServer.listen(both);
    tap = await Wiretap.before(server.port);
    const { client, server: accepted } = await server.connected({ ...options, port: tap.port });
    client.end(Buffer.alloc(length, 0xff));
    let read = 0;
    for await (const chunk of accepted) read += chunk.length;
    expect(read).toBe(length);
    return recordsOf(tap.toServer).map(({ header, body }) => header.length + body.length - HEADER_AND_TAG);
  }

  it('have one byte more than the data, and the tag', async () => {
    expect(await sent(1, {})).toEqual([2, 1]);
    expect(await sent(16_384, {})).toEqual([16_385, 1]);
    expect(await sent(16_385, {})).toEqual([16_385, 2, 1]);
    expect(await sent(65_537, { maxRecordSize: 65_536 })).toEqual([65_537, 2, 1]);
  });

  it.each([16, 1000, 4096, 65_537])('are multiples of the padding %d', async (padding) => {
    const sizes = await sent(100_000, { padding, maxRecordSize: 65_536 });
    for (const size of sizes) expect(size % padding === 0 || size === 65_537).toBe(true);
    expect(sizes.at(-1)).toBe(padding);
    expect(sizes).toHaveLength(3);
  });

  it('are padded when the data fills a multiple but for one byte, and when it is one more', async () => {
    expect(await sent(15, { padding: 16 })).toEqual([16, 16]);
    expect(await sent(16, { padding: 16 })).toEqual([32, 16]);
  });

  it('carry at most maxRecordSize of data', async () => {
    expect(await sent(10_000, { maxRecordSize: 4096 })).toEqual([4097, 4097, 1809, 1]);
    expect(await sent(3, { maxRecordSize: 1 })).toEqual([2, 2, 2, 1]);
  });

  it('never show the data', async () => {
    server = await TestServer.listen(both, {}, (socket) => void socket.end('an answer that must not be seen'));
    tap = await Wiretap.before(server.port);
    const { client } = await server.connected({ port: tap.port });
    client.write('a question that must not be seen');
    await once(client.resume(), 'close');
    const seen = [...tap.toServer, ...tap.toClient].map(({ body }) => body);
    expect(Buffer.concat(seen).includes('must not')).toBe(false);
  });
});
