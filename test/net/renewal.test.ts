/** Keys that are renewed by themselves, in connections that move a lot meanwhile. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerLimits } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { errorOf } from '../support/seed-pair.js';

const SIZE = 50_000_000;

let both: Identities;
let data: Buffer;
let server: TestServer;
beforeAll(async () => {
  both = await identities();
  data = randomBytes(SIZE);
});
afterEach(() => server.close());

/** Moves the data up and down at the same time; gives the generations of both directions. */
async function move(limits: ServerLimits) {
  const generations = { CLIENT: 0, SERVER: 0 };
  server = await TestServer.listen(both, { limits, allowHalfOpen: true });
  const { client, server: accepted } = await server.connected({ limits, allowHalfOpen: true });
  client.on('keylog', (line: Buffer) => {
    const [, sender, generation] = /PQSOCK_(CLIENT|SERVER)_TRAFFIC_SECRET_(\d+)/.exec(String(line)) ?? [];
    generations[sender as keyof typeof generations] = Number(generation);
  });
  const hashes = [client, accepted].map(async (socket) => {
    const hash = createHash('sha256');
    socket.on('data', (chunk: Buffer) => void hash.update(chunk));
    await once(socket, 'end');
    return hash.digest('hex');
  });
  const writing = [client, accepted].map(async (socket) => {
    for (let at = 0; at < SIZE; at += 100_000) {
      if (!socket.write(data.subarray(at, at + 100_000))) await once(socket, 'drain');
      await new Promise(setImmediate); // what the kernel takes at once is drained before anything is read
    }
    socket.end();
  });
  const expected = createHash('sha256').update(data).digest('hex');
  expect(await Promise.all(hashes)).toEqual([expected, expected]);
  await Promise.all(writing);
  return generations;
}

describe('50 MB go both ways unchanged while keys are renewed', () => {
  it('after so many records', async () => {
    const generations = await move({ keyRecords: 3 });
    expect(generations.CLIENT).toBeGreaterThanOrEqual(SIZE / 65_536 / 2 - 1);
    expect(generations.SERVER).toBeGreaterThanOrEqual(SIZE / 65_536 / 2 - 1);
  });

  it('after so many bytes, with records that are larger, too', async () => {
    const generations = await move({ keyBytes: 50_000 });
    expect(Math.min(generations.CLIENT, generations.SERVER)).toBeGreaterThanOrEqual(SIZE / 100_000);
  });

  it('after so much time', async () => {
    const generations = await move({ keyAge: 1 });
    expect(Math.min(generations.CLIENT, generations.SERVER)).toBeGreaterThan(5);
  });

  it('by REKEY', async () => {
    const generations = await move({ rekeyInterval: 1, rekeyLeast: 0 });
    expect(generations.CLIENT).toBeGreaterThan(5);
    expect(Math.abs(generations.CLIENT - generations.SERVER)).toBeLessThanOrEqual(1);
  });

  it('by all of that at once', async () => {
    await move({ keyRecords: 2, keyBytes: 70_000, keyAge: 1, rekeyInterval: 1, rekeyLeast: 0 });
  });
});

it('a REKEY that comes too soon is answered later, and data goes on meanwhile', async () => {
  server = await TestServer.listen(both, { limits: { rekeyLeast: 300 } }, (socket) => void socket.pipe(socket));
  const client = server.connect({ limits: { rekeyInterval: 1 } });
  const times: number[] = [];
  client.on('keylog', (line: Buffer) => {
    if (String(line).includes('SERVER')) times.push(performance.now());
  });
  await once(client, 'secureConnect');
  let answers = 0;
  while (times.length < 4) {
    client.write('x');
    await once(client, 'data');
    answers += 1;
  }
  // The handshake's, the first REKEY at once, and then one every 300 ms.
  expect((times[3] as number) - (times[2] as number)).toBeGreaterThanOrEqual(295);
  expect(answers).toBeGreaterThan(10);
});

it('a peer that renews its keys without need is told so', async () => {
  server = await TestServer.listen(both, { limits: { keyUpdates: 1, rekeyLeast: 0 } });
  const { client, server: accepted } = await server.connected({ limits: { keyRecords: 2, rekeyInterval: 1 } });
  const refused = errorOf(accepted);
  const told = errorOf(client);
  client.on('data', () => {});
  const writer = setImmediate(function write() {
    // REKEY_INIT, and the KEY_UPDATE before it, come without data between them.
    if (!client.destroyed) client.write('x', () => setImmediate(write));
  });
  expect(await refused).toMatchObject({ code: 'PQ_ERR_FLOOD' });
  expect(await told).toMatchObject({ alert: 'limit_exceeded' });
  clearImmediate(writer);
});
