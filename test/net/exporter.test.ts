/** exportKeyingMaterial: the same on both sides, and for nobody else. */
import { once } from 'node:events';
import type { PqSocket } from '../../lib/index.js';
import { outcomeOf } from '../support/outcome.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { errorOf, TestServer as SeedServer, seedIdentities } from '../support/seed-pair.js';

let both: Identities;
let server: TestServer;
let client: PqSocket;
let accepted: PqSocket;
beforeAll(async () => {
  both = await identities();
});
beforeEach(async () => {
  server = await TestServer.listen(both, { limits: { rekeyLeast: 0 } });
  ({ client, server: accepted } = await server.connected({ limits: { keyRecords: 2, rekeyInterval: 1 } }));
});
afterEach(() => server.close());

const context = Buffer.from('a context');

it.each<[string, number, string, Uint8Array | undefined]>([
  ['one byte', 1, 'test', undefined],
  ['as many as HKDF gives', 16_320, 'test', undefined],
  ['with a context', 32, 'test', context],
  ['with an empty label', 32, '', undefined],
  ['with the longest label', 32, 'x'.repeat(243), undefined],
  [
    'with all characters that a label may have',
    32,
    String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i)),
    undefined,
  ],
])('is the same on both sides: %s', (_, length, label, about) => {
  const exported = client.exportKeyingMaterial(length, label, about);
  expect(exported).toHaveLength(length);
  expect(accepted.exportKeyingMaterial(length, label, about)).toEqual(exported);
  expect(client.exportKeyingMaterial(length, label, about)).toEqual(exported);
});

it('is another for another label, context, length or connection', async () => {
  const second = await server.connected();
  const exported = [
    client.exportKeyingMaterial(32, 'test'),
    client.exportKeyingMaterial(32, 'tess'),
    client.exportKeyingMaterial(32, 'test', context),
    client.exportKeyingMaterial(33, 'test').subarray(0, 32),
    second.client.exportKeyingMaterial(32, 'test'),
  ];
  expect(new Set(exported.map((bytes) => bytes.toString('hex'))).size).toBe(exported.length);
});

it('takes no context for an empty one', () => {
  expect(client.exportKeyingMaterial(32, 'test', new Uint8Array(0))).toEqual(client.exportKeyingMaterial(32, 'test'));
});

it('is a copy of one’s own', () => {
  const exported = client.exportKeyingMaterial(32, 'test');
  exported.fill(0);
  expect(client.exportKeyingMaterial(32, 'test')).not.toEqual(exported);
});

it('stays the same when the keys are changed by KEY_UPDATE and REKEY, also if asked for only then', async () => {
  const before = client.exportKeyingMaterial(32, 'test');
  let lines = 0;
  client.on('keylog', () => {
    lines += 1;
  });
  while (lines < 10) {
    client.write('to');
    await once(accepted, 'data');
    accepted.write('fro');
    await once(client, 'data');
  }
  expect(client.exportKeyingMaterial(32, 'test')).toEqual(before);
  expect(accepted.exportKeyingMaterial(32, 'test')).toEqual(before);
});

it.each<[string, string, unknown[]]>([
  ['no bytes', 'PQ_ERR_INVALID_LENGTH', [0, 'test']],
  ['more than there are', 'PQ_ERR_INVALID_LENGTH', [16_321, 'test']],
  ['a half byte', 'PQ_ERR_INVALID_LENGTH', [1.5, 'test']],
  ['a length as text', 'PQ_ERR_INVALID_LENGTH', ['32', 'test']],
  ['a label that is too long', 'PQ_ERR_INVALID_LENGTH', [32, 'x'.repeat(244)]],
  ['no label', 'PQ_ERR_INVALID_ARGUMENT', [32]],
  ['a label beyond ASCII', 'PQ_ERR_INVALID_ARGUMENT', [32, 'Grüße']],
  ['a label of two lines', 'PQ_ERR_INVALID_ARGUMENT', [32, 'a\n']],
  ['a context as text', 'PQ_ERR_INVALID_ARGUMENT', [32, 'test', 'context']],
  ['a context that is null', 'PQ_ERR_INVALID_ARGUMENT', [32, 'test', null]],
])('refuses %s', (_, code, args) => {
  for (const socket of [client, accepted]) {
    expect(outcomeOf(() => socket.exportKeyingMaterial(...(args as [number, string])))).toBe(code);
  }
});

it('is not there before the handshake is complete, nor after the end', async () => {
  const early = server.connect();
  expect(outcomeOf(() => early.exportKeyingMaterial(32, 'test'))).toBe('PQ_ERR_NOT_CONNECTED');
  const told = errorOf(accepted);
  client.destroy();
  expect(outcomeOf(() => client.exportKeyingMaterial(32, 'test'))).toBe('PQ_ERR_SECRET_DISPOSED');
  await told;
  expect(outcomeOf(() => accepted.exportKeyingMaterial(32, 'test'))).toBe('PQ_ERR_SECRET_DISPOSED');
});

it('is not there after a handshake that has failed', async () => {
  const refused = server.connect({ trust: both.client.fingerprint });
  await errorOf(refused);
  expect(outcomeOf(() => refused.exportKeyingMaterial(32, 'test'))).toBe('PQ_ERR_NOT_CONNECTED');
});

it('is not there in the seed profile', async () => {
  const seed = await SeedServer.listen(await seedIdentities());
  const socket = seed.connect();
  await once(socket, 'secureConnect');
  expect(() => socket.exportKeyingMaterial(32, 'test')).toThrow('the seed profile has no exporter');
  socket.on('error', () => {}).destroy();
  await seed.close();
});
