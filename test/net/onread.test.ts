/** The option `onread`: data in memory that the application uses again and again. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { type ConnectOptions, connect, createServer, Identity, type OnRead, type PqSocket } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { connectedInMemory, settled } from './in-memory.js';

let both: Identities;
let server: TestServer | undefined;
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What comes into a buffer of so many bytes; `take` is asked after each piece whether more may come. */
class Collector {
  readonly pieces: Buffer[] = [];
  readonly onread: OnRead;

  constructor(size: number, take: (pieces: number) => unknown = () => true) {
    const buffer = new Uint8Array(size);
    this.onread = {
      buffer,
      callback: (length, given) => {
        expect(given).toBe(buffer);
        expect(length).toBeGreaterThan(0);
        this.pieces.push(Buffer.from(given.subarray(0, length)));
        return take(this.pieces.length);
      },
    };
  }

  get all(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

const DATA = randomBytes(1_000_000);

/** A client of a server that sends this and ends. */
async function receiving(onread: OnRead, data: Uint8Array = DATA, options = {}): Promise<PqSocket> {
  server = await TestServer.listen(both, options, (socket) => void socket.end(data));
  return server.connect({ onread });
}

describe('a socket with onread', () => {
  it.each([1000, 65_536, 300_000])(
    'gets all data in a buffer of %d bytes, then the end, and no data event',
    async (size) => {
      const collector = new Collector(size);
      const client = await receiving(collector.onread);
      const seen = jest.fn();
      client.on('data', seen);
      await once(client, 'end');
      expect(collector.all.equals(DATA)).toBe(true);
      expect(seen).not.toHaveBeenCalled();
      expect(client.bytesRead).toBe(DATA.length);
      expect(client.readableLength).toBe(0);
      await once(client, 'close');
    },
  );

  it('gets it in a part of memory that others have parts of, too', async () => {
    const memory = Buffer.allocUnsafe(1000); // of the pool, from which Node takes small buffers as well
    const pieces: Buffer[] = [];
    const callback = (length: number) => void pieces.push(Buffer.from(memory.subarray(0, length)));
    await once(await receiving({ buffer: memory, callback }, DATA.subarray(0, 50_000), { maxRecordSize: 300 }), 'end');
    expect(Buffer.concat(pieces).equals(DATA.subarray(0, 50_000))).toBe(true);
  });

  it('gets it in a buffer of one byte', async () => {
    const collector = new Collector(1);
    await once(await receiving(collector.onread, DATA.subarray(0, 5000)), 'end');
    expect(collector.pieces.length).toBe(5000);
    expect(collector.all.equals(DATA.subarray(0, 5000))).toBe(true);
  });

  it.each([100, 65_536])(
    'gets nothing from false to resume, whatever else comes, in a buffer of %d bytes',
    async (size) => {
      let calls = 0;
      const collector = new Collector(size, () => {
        calls += 1;
        if (calls % 3 !== 0) return true;
        const paused = calls;
        setImmediate(() => {
          expect(calls).toBe(paused);
          client.resume();
        });
        return false;
      });
      const client = await receiving(collector.onread, DATA.subarray(0, 200_000), { maxRecordSize: 10_000 });
      await once(client, 'end');
      expect(collector.all.equals(DATA.subarray(0, 200_000))).toBe(true);
    },
  );

  it('holds the peer back while it is paused', async () => {
    const collector = new Collector(65_536, () => false);
    const onread = collector.onread;
    const pair = await connectedInMemory(both, { client: { onread } as object });
    let written = 0;
    while (pair.server.write(Buffer.alloc(65_536))) written += 65_536;
    await settled();
    for (let i = 0; i < 20 && !pair.server.writableNeedDrain; i += 1) pair.server.write(Buffer.alloc(65_536));
    await settled();
    expect(collector.pieces.length).toBe(1);
    expect(written).toBeLessThan(2 ** 20);
    expect(pair.server.writableNeedDrain).toBe(true);
    for (const socket of [pair.client, pair.server]) socket.on('error', () => {}).destroy();
  });

  it('is paused by pause as well, also within the callback', async () => {
    const collector = new Collector(4096, (count) => void (count === 2 && client.pause()));
    const client = await receiving(collector.onread, DATA.subarray(0, 50_000));
    while (collector.pieces.length < 2) await new Promise(setImmediate);
    await settled();
    expect(collector.pieces.length).toBe(2);
    client.resume();
    await once(client, 'end');
    expect(collector.all.equals(DATA.subarray(0, 50_000))).toBe(true);
  });

  it('has its end after its data, also if that comes while it is paused', async () => {
    const collector = new Collector(65_536, () => false);
    const client = await receiving(collector.onread, Buffer.from('the last'));
    const ended = jest.fn();
    client.on('end', ended);
    while (collector.pieces.length < 1) await new Promise(setImmediate);
    await settled();
    expect(ended).not.toHaveBeenCalled();
    client.resume();
    await once(client, 'end');
    expect(String(collector.all)).toBe('the last');
  });

  it('may still write when the peer has ended, if it is half open', async () => {
    server = await TestServer.listen(both, { allowHalfOpen: true }, (socket) => void socket.end('x'));
    const accepted = once(server.server, 'secureConnection') as Promise<[PqSocket]>;
    const client = server.connect({ onread: new Collector(10).onread, allowHalfOpen: true });
    await once(client, 'end');
    client.end('after it');
    const [socket] = await accepted;
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toBe('after it');
  });

  it('goes on under new keys', async () => {
    const collector = new Collector(65_536);
    const options = { limits: { keyBytes: 20_000 }, maxRecordSize: 5000, padding: 64 };
    await once(await receiving(collector.onread, DATA, options), 'end');
    expect(collector.all.equals(DATA)).toBe(true);
  });

  it('takes what comes over a transport of the application, too', async () => {
    const [near, far] = duplexPair();
    server = await TestServer.listen(both, {}, (socket) => void socket.end(DATA));
    server.server.emit('connection', far);
    const collector = new Collector(65_536);
    const { client, server: peer } = both;
    const own = { identity: client, trust: peer.fingerprint, onread: collector.onread };
    await once(connect({ ...own, socket: near }), 'end');
    expect(collector.all.equals(DATA)).toBe(true);
  });

  it('works in the seed profile, whose records are another size', async () => {
    const seed = () => Identity.generate({ profile: 'seed' });
    const [identity, other] = await Promise.all([seed(), seed()]);
    const listener = createServer(
      { profile: 'seed', identity: other, trust: 'any' },
      (socket) => void socket.end(DATA),
    );
    const [near, far] = duplexPair();
    listener.emit('connection', far);
    const collector = new Collector(1000);
    const client = { profile: 'seed', identity, trust: 'any', onread: collector.onread, socket: near } as const;
    await once(connect(client), 'end');
    expect(collector.all.equals(DATA)).toBe(true);
  });

  it('fails when its buffer was transferred to somebody else', async () => {
    const collector = new Collector(
      65_536,
      () => void structuredClone(0, { transfer: [collector.onread.buffer.buffer as ArrayBuffer] }),
    );
    const client = await receiving(collector.onread);
    const [error] = await once(client, 'error');
    expect(error).toMatchObject({ code: 'PQ_ERR_DETACHED_BUFFER' });
  });

  it.each<[string, unknown]>([
    ['no object', 1],
    ['null', null],
    ['no buffer', { callback: () => {} }],
    ['an empty buffer', { buffer: new Uint8Array(0), callback: () => {} }],
    ['a buffer of other numbers', { buffer: new Uint16Array(10), callback: () => {} }],
    ['shared memory', { buffer: new Uint8Array(new SharedArrayBuffer(10)), callback: () => {} }],
    ['no callback', { buffer: new Uint8Array(10) }],
  ])('is refused with %s', (_, onread) => {
    const options = { port: 1, identity: both.client, trust: 'any', onread } as ConnectOptions;
    expect(() => connect(options)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION', message: expect.stringMatching(/^onread/) }),
    );
  });
});
