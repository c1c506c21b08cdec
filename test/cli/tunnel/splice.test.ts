/** Two connections joined: over TCP on both sides, and with a secure one between them. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainEnd, secureEnd } from '../../../lib/cli/tunnel/end.js';
import { type SpliceFailure, splice } from '../../../lib/cli/tunnel/splice.js';
import { type Identities, identities, TestServer } from '../../support/pair.js';
import { tcpPair } from '../../support/tcp-pair.js';

/** Two applications' sockets, and what has become of what is between them. */
interface Joined {
  readonly left: Socket;
  readonly right: Socket;
  readonly results: Promise<(SpliceFailure | undefined)[]>;
}

let both: Identities;
let server: TestServer | undefined;
let folder: string;
const sockets: Socket[] = [];
beforeAll(async () => {
  both = await identities();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-splice-'));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function pairOf(path?: string): Promise<[outside: Socket, inside: Socket]> {
  const { client, server: inside } = await tcpPair(path);
  sockets.push(client, inside);
  return [client, inside];
}

async function plain(): Promise<Joined> {
  const [[left, nearLeft], [right, nearRight]] = [await pairOf(), await pairOf()];
  const result = splice(plainEnd(nearLeft, 'tcp'), plainEnd(nearRight, 'tcp'));
  return { left, right, results: Promise.all([result]) };
}

/** As two tunnels do it. */
async function secure(path?: string): Promise<Joined> {
  server = await TestServer.listen(both, { allowHalfOpen: true });
  const { client, server: accepted } = await server.connected({ allowHalfOpen: true });
  const [[left, nearLeft], [right, nearRight]] = [await pairOf(), await pairOf(path)];
  const results = [
    splice(plainEnd(nearLeft, 'tcp'), secureEnd(client)),
    splice(secureEnd(accepted), plainEnd(nearRight, path === undefined ? 'tcp' : 'unix')),
  ];
  return { left, right, results: Promise.all(results) };
}

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

/** All that comes, and how it ends. */
async function fateOf(socket: Socket): Promise<{ data: Buffer; end: string }> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const end = await new Promise<string>((resolve) => {
    socket.once('end', () => {
      plainEnd(socket, 'tcp').confirmEnd();
      setImmediate(() => resolve((socket.errored as NodeJS.ErrnoException | null)?.code ?? 'end'));
    });
    socket.once('close', () => resolve((socket.errored as NodeJS.ErrnoException | null)?.code ?? 'close'));
  });
  return { data: Buffer.concat(chunks), end };
}

const SIDES = ['left', 'right'] as const;
const other = { left: 'right', right: 'left' } as const;

describe.each<[string, () => Promise<Joined>]>([
  ['over TCP', plain],
  ['over TCP, with a secure connection between them', () => secure()],
])('what is joined %s', (_, join) => {
  it.each(SIDES)('goes on half open when the %s has ended its side', async (side) => {
    const joined = await join();
    const [first, second] = [joined[side], joined[other[side]]];
    const heard = fateOf(second);
    first.end('a question');
    expect(await heard).toEqual({ data: Buffer.from('a question'), end: 'end' });
    const answered = fateOf(first);
    for (let i = 0; i < 20; i += 1) second.write(Buffer.alloc(100_000, i));
    second.end();
    const { data, end } = await answered;
    expect([data.length, end]).toEqual([2_000_000, 'end']);
    expect((await joined.results).filter((failure) => failure !== undefined)).toEqual([]);
  });

  it.each(SIDES)('is reset on the other side when the %s is reset', async (side) => {
    const joined = await join();
    const heard = fateOf(joined[other[side]]);
    joined[side].write('some');
    joined[other[side]].once('data', () => joined[side].resetAndDestroy());
    expect(await heard).toEqual({ data: Buffer.from('some'), end: 'ECONNRESET' });
    for (const failure of await joined.results) expect(failure?.error.message).toBeDefined();
  });

  // To libuv it is then the end of the data: see confirmEnd.
  it.each(SIDES)('is reset on the other side when the %s is reset right after it wrote', async (side) => {
    const joined = await join();
    const heard = fateOf(joined[other[side]]);
    joined[side].write('some');
    joined[side].resetAndDestroy();
    expect((await heard).end).toBe('ECONNRESET');
    for (const failure of await joined.results) expect(failure?.error.message).toBeDefined();
  });

  it.each(SIDES)('is reset when the %s is reset after the other side has ended its own', async (side) => {
    const joined = await join();
    const [first, second] = [joined[side], joined[other[side]]];
    const heard = fateOf(first);
    second.end('all');
    expect((await heard).end).toBe('end');
    const end = fateOf(second);
    first.resetAndDestroy();
    expect((await end).end).toBe('ECONNRESET');
  });

  it('carries random data both ways at once, whole and in order', async () => {
    const joined = await join();
    const data = { left: randomBytes(2 ** 23), right: randomBytes(2 ** 23 + 1) };
    const fates = SIDES.map((side) => fateOf(joined[side]));
    for (const side of SIDES) {
      for (let at = 0; at < data[side].length; at += 40_000) joined[side].write(data[side].subarray(at, at + 40_000));
      joined[side].end();
    }
    const [left, right] = await Promise.all(fates);
    expect([left?.end, right?.end]).toEqual(['end', 'end']);
    expect(sha256(left?.data as Buffer)).toBe(sha256(data.right));
    expect(sha256(right?.data as Buffer)).toBe(sha256(data.left));
    expect((await joined.results).every((failure) => failure === undefined)).toBe(true);
  });
});

describe('a Unix socket', () => {
  it('is closed when the other side is reset, as it has no reset', async () => {
    const { left, right, results } = await secure(join(folder, 'socket'));
    const closed = new Promise((resolve) => right.once('end', resolve));
    right.resume();
    left.resetAndDestroy();
    await closed;
    right.end();
    expect((await results)[1]?.side).toBe('near');
  });

  it('that is closed has ended, as far as anybody can tell', async () => {
    const { left, right } = await secure(join(folder, 'socket'));
    const heard = fateOf(left);
    right.write('all', () => right.destroy());
    expect(await heard).toEqual({ data: Buffer.from('all'), end: 'end' });
  });
});
