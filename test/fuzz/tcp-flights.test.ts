/** Mutated flights over TCP, thousands of them against a server and clients in one process, which stays well. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Role } from '../../lib/record/channel.js';
import { hardenedIdentities } from '../support/wired-hardened.js';
import { campaign } from './campaign.js';
import { anyEdit, anySplice, type Edit, Tamperer } from './flight-edits.js';
import { MutatedHandshake } from './mutated-handshake.js';

/** Twice so many in all. */
const FLIGHTS = campaign.times(1000);
jest.setTimeout(campaign.times(120_000));
const TOGETHER = 16;

/** Between the first half of the flights and the second: what one connection leaves is there a thousand times. */
const GROWTH_MAX = 2 * 2 ** 20;

interface Health {
  readonly used: number;
  readonly resources: readonly string[];
  readonly codes: Record<string, number>;
  readonly wrong: string;
}

let child: ChildProcess;
let ports: Record<Role, number>;
let recorded: Record<Role, Buffer[]>;
beforeAll(async () => {
  const identities = await hardenedIdentities('Dilithium5');
  const parties = { profile: 'hardened', suite: 'kyber1024-dilithium5', identities } as const;
  const nothing = { edits: { client: [], server: [] }, cuts: [Number.POSITIVE_INFINITY] };
  recorded = new MutatedHandshake(parties, nothing, { client: [], server: [] }).run().sent;
  child = fork(join(__dirname, 'tcp-server.mjs'), { execArgv: ['--expose-gc'] });
  [ports] = (await once(child, 'message')) as [Record<Role, number>];
});
afterAll(() => child.kill());

it('none opens a connection, crashes the process, or leaves anything in it', async () => {
  const first = await half(campaign.seed);
  const second = await half(campaign.seed + 1);
  for (const { codes, wrong } of [first, second]) {
    expect(wrong).toBe('');
    expect(codes['open']).toBeUndefined();
    for (const code of Object.keys(codes)) expect(EXPECTED).toContain(code);
    expect(Object.keys(codes).length).toBeGreaterThan(4);
  }
  expect(second.resources).toEqual(first.resources);
  expect(second.used - first.used).toBeLessThan(GROWTH_MAX);
});

/** The system's besides ours: who resets a connection may see to it that the other side does, too. */
const EXPECTED = [
  'ECONNRESET',
  'EPIPE',
  'PQ_ERR_ALERT',
  'PQ_ERR_AUTH_FAILED',
  'PQ_ERR_DECODE',
  'PQ_ERR_NO_COMMON_SUITE',
  'PQ_ERR_NO_COMMON_VERSION',
  'PQ_ERR_OWN_KEY',
  'PQ_ERR_TICKET',
  'PQ_ERR_TRUNCATED',
  'PQ_ERR_UNEXPECTED_MESSAGE',
];

/** Half of the flights, and what there is in the process afterwards. */
async function half(seed: number): Promise<Health> {
  const edits = fc.array(fc.oneof(anyEdit, anySplice), { minLength: 1, maxLength: 3 });
  const flights = fc.sample(fc.tuple(fc.constantFrom<Role>('client', 'server'), edits, fc.nat(3)), {
    numRuns: FLIGHTS,
    seed,
  });
  await Promise.all(
    Array.from({ length: TOGETHER }, async () => {
      for (let flight = flights.pop(); flight !== undefined; flight = flights.pop()) await send(...flight);
    }),
  );
  child.send('how are you?');
  const [health] = (await once(child, 'message')) as [Health];
  return health;
}

/**
 * The recorded frames of one side, changed, to the other side; in one piece or in several. The other side has another
 * key and other random bytes than the one that they were made for, so that none of them is ever right.
 */
async function send(role: Role, edits: readonly Edit[], cuts: number): Promise<void> {
  const other = role === 'client' ? 'server' : 'client';
  const socket = connect({ port: ports[other], host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => {}).on('end', () => socket.end());
  socket.resume();
  await once(socket, 'connect').catch(() => {});
  const tamperer = new Tamperer(edits, { earlier: recorded[role], reflected: recorded[other] });
  const stream = Buffer.concat(recorded[role].flatMap((frame) => (tamperer.ended ? [] : tamperer.pass(frame))));
  const size = Math.ceil(stream.length / (1 + cuts)) || 1;
  for (let at = 0; at < stream.length; at += size) await written(socket, stream.subarray(at, at + size));
  if (cuts === 3) socket.resetAndDestroy();
  else socket.end();
  await closed;
}

function written(socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.writable) socket.write(chunk, () => resolve());
    else resolve();
  });
}
