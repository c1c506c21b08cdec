/** What a connection tells those who watch: diagnostics channels and NODE_DEBUG. */
import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type {
  ConnectionBeginMessage,
  ConnectionCloseMessage,
  ConnectionErrorMessage,
  ConnectionOpenMessage,
  HandshakeStepMessage,
  PqSocket,
} from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { clientErrorOf, errorOf } from '../support/seed-pair.js';
import { fateOf } from './fate.js';
import { connectedInMemory } from './in-memory.js';

let both: Identities;
let server: TestServer | undefined;
const subscriptions: [string, (message: unknown) => void][] = [];
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  for (const [name, listener] of subscriptions.splice(0)) unsubscribe(name, listener);
  await server?.close();
  server = undefined;
});

/** The messages of a channel from now on. */
function messagesOf<T>(name: string): T[] {
  const messages: T[] = [];
  const listener = (message: unknown) => void messages.push(message as T);
  subscribe(name, listener);
  subscriptions.push([name, listener]);
  return messages;
}

/** A connection in a process of its own. */
function run(debug: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(__dirname, 'debug-connection.mjs'), ...args], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_DEBUG: debug },
    encoding: 'utf8',
    timeout: 20_000,
  });
}

type Common = { role: string; socket: unknown; elapsed: number };

/** Without what every message has, which is checked here. */
function own<T extends Common>({ role, socket, elapsed, ...rest }: T, expected: Partial<Common>) {
  expect({ role, socket }).toEqual(expected);
  expect(elapsed).toBeGreaterThanOrEqual(0);
  expect(elapsed).toBeLessThan(10_000);
  return rest;
}

describe('pqsock:handshake:step', () => {
  it('tells every step of both sides, with messages, sizes and fingerprints', async () => {
    const steps = messagesOf<HandshakeStepMessage>('pqsock:handshake:step');
    server = await TestServer.listen(both);
    const pair = await server.connected();
    const of = (role: 'client' | 'server') =>
      steps.filter((step) => step.role === role).map((step) => own(step, { role, socket: pair[role] }));
    const name = expect.any(String);
    const flight = { client: 'ClientHello, ClientKem, ClientAuth', server: 'ServerKem, ServerAuth, ServerFinished' };
    const [ours, theirs] = [both.server.fingerprint, both.client.fingerprint];
    expect(of('client')).toEqual([
      { step: 1, name },
      { step: 2, name, message: 'ServerHello', direction: 'received', bytes: 2643 },
      { step: 3, name, suite: 'kyber1024-dilithium5' },
      { step: 4, name, fingerprint: ours },
      { step: 5, name },
      { step: 6, name, fingerprint: theirs },
      { step: 7, name, message: flight.client, direction: 'sent', bytes: 8807, fingerprint: theirs },
      { step: 12, name, message: 'ServerKem, ServerAuth', direction: 'received', bytes: 6172 },
      { step: 13, name, fingerprint: ours },
      { step: 14, name },
      { step: 15, name },
      { step: 16, name, message: 'ClientFinished', direction: 'sent', bytes: 68 },
      { step: 18, name },
    ]);
    expect(of('server')).toEqual([
      { step: 1, name },
      { step: 2, name, message: 'ServerHello', direction: 'sent', bytes: 2643 },
      { step: 8, name, fingerprint: theirs },
      { step: 7, name, message: flight.client, direction: 'received', bytes: 8807 },
      { step: 9, name, fingerprint: theirs },
      { step: 10, name },
      { step: 11, name, fingerprint: ours },
      { step: 12, name, message: flight.server, direction: 'sent', bytes: 6240 },
      { step: 16, name, message: 'ClientFinished', direction: 'received', bytes: 68 },
      { step: 17, name },
      { step: 18, name },
    ]);
  });

  it('stops at the step that fails', async () => {
    const steps = messagesOf<HandshakeStepMessage>('pqsock:handshake:step');
    server = await TestServer.listen(both);
    await errorOf(server.connect({ trust: both.client.fingerprint }));
    expect(steps.filter(({ role }) => role === 'client').map(({ step }) => step)).toEqual([1, 2, 3]);
  });
});

describe('pqsock:connection:begin', () => {
  it('tells of both sides before anything else, and how much has gone through them at any time', async () => {
    const begun = messagesOf<ConnectionBeginMessage>('pqsock:connection:begin');
    const steps = messagesOf<HandshakeStepMessage>('pqsock:handshake:step');
    server = await TestServer.listen(both);
    const client = server.connect();
    expect([begun.length, steps.length]).toEqual([1, 0]);
    const [{ traffic }] = begun as [ConnectionBeginMessage];
    expect(own(begun[0] as ConnectionBeginMessage, { role: 'client', socket: client })).toEqual({ traffic });
    expect(traffic()).toMatchObject({ bytesRead: 0, bytesWritten: 0 });
    const [accepted] = (await once(server.server, 'secureConnection')) as [PqSocket];
    expect(begun.map(({ role, socket }) => [role, socket])).toEqual([
      ['client', client],
      ['server', accepted],
    ]);
    accepted.write(Buffer.alloc(1000));
    await once(client, 'data');
    const record = 4 + 1000 + 1 + 16;
    expect(traffic()).toMatchObject({ bytesRead: 1000, bytesWritten: 0, transportBytesRead: 8883 + record });
  });
});

describe('pqsock:connection:open', () => {
  it('tells of both sides who the peer is, and the suite', async () => {
    const opened = messagesOf<ConnectionOpenMessage>('pqsock:connection:open');
    server = await TestServer.listen(both);
    const pair = await server.connected();
    const common = { profile: 'hardened', suite: 'kyber1024-dilithium5' };
    for (const [role, peer] of [
      ['client', both.server],
      ['server', both.client],
    ] as const) {
      const [message] = opened.filter((one) => one.role === role) as [ConnectionOpenMessage];
      const peerFingerprint = peer.fingerprint;
      expect(own(message, { role, socket: pair[role] })).toEqual({ ...common, peerFingerprint });
    }
    expect(opened).toHaveLength(2);
  });
});

describe('pqsock:connection:error', () => {
  it('tells of a handshake that fails, on both sides', async () => {
    const failed = messagesOf<ConnectionErrorMessage>('pqsock:connection:error');
    const opened = messagesOf<ConnectionOpenMessage>('pqsock:connection:open');
    server = await TestServer.listen(both);
    const refused = clientErrorOf(server.server);
    const client = server.connect({ trust: both.client.fingerprint });
    const error = await errorOf(client);
    const atServer = await refused;
    const [ofClient, ofServer] = ['client', 'server'].map((role) => failed.find((one) => one.role === role));
    expect(own(ofClient as ConnectionErrorMessage, { role: 'client', socket: client })).toEqual({ error });
    expect(ofServer?.error).toBe(atServer);
    expect(failed).toHaveLength(2);
    expect(opened).toHaveLength(0);
  });

  it('does not tell of a connection that ends well', async () => {
    const failed = messagesOf('pqsock:connection:error');
    const { client, server: accepted } = await connectedInMemory(both);
    const fates = [fateOf(client), fateOf(accepted)];
    client.end();
    await Promise.all(fates);
    expect(failed).toHaveLength(0);
  });
});

describe('pqsock:connection:close', () => {
  it('tells how many bytes went through, of data and on the wire', async () => {
    const closed = messagesOf<ConnectionCloseMessage>('pqsock:connection:close');
    server = await TestServer.listen(both);
    const pair = await server.connected();
    const fates = [fateOf(pair.client), fateOf(pair.server)];
    pair.server.write(Buffer.alloc(1000));
    pair.client.end('a question');
    await Promise.all(fates);
    const [ofClient, ofServer] = (['client', 'server'] as const).map((role) =>
      own(closed.find((one) => one.role === role) as ConnectionCloseMessage, { role, socket: pair[role] }),
    );
    const close = 4 + 1 + 16;
    const up = 8875 + 4 + 10 + 1 + 16 + close;
    const down = 8883 + 4 + 1000 + 1 + 16 + close;
    expect(ofClient).toEqual({
      opened: true,
      bytesRead: 1000,
      bytesWritten: 10,
      transportBytesRead: down,
      transportBytesWritten: up,
    });
    expect(ofServer).toEqual({
      opened: true,
      bytesRead: 10,
      bytesWritten: 1000,
      transportBytesRead: up,
      transportBytesWritten: down,
    });
    expect(closed).toHaveLength(2);
  });

  it('tells of a connection that was never open, and of transports that count nothing', async () => {
    const closed = messagesOf<ConnectionCloseMessage>('pqsock:connection:close');
    server = await TestServer.listen(both);
    const client = server.connect({ trust: both.client.fingerprint });
    await errorOf(client);
    expect(closed.find(({ socket }) => socket === client)).toMatchObject({ opened: false, bytesRead: 0 });
    const inMemory = await connectedInMemory(both);
    inMemory.server.on('error', () => {});
    inMemory.client.destroy();
    expect(closed.find(({ socket }) => socket === inMemory.client)).toMatchObject({
      opened: true,
      transportBytesRead: undefined,
      transportBytesWritten: undefined,
    });
  });
});

describe('all channels', () => {
  const channels = ['handshake:step', 'connection:begin', 'connection:open', 'connection:error', 'connection:close'];

  it('show no secret', async () => {
    const seen = channels.map((name) => messagesOf<Common>(`pqsock:${name}`));
    server = await TestServer.listen(both);
    const accepted = once(server.server, 'secureConnection');
    const client = server.connect();
    const secrets: string[] = [];
    client.on('keylog', (line: Buffer) => void secrets.push(String(line).trim().split(' ')[2] as string));
    await accepted;
    client.write('a word of the application');
    client.on('error', () => {}).destroy();
    const told = inspect(
      seen.flat().map(({ socket: _, ...rest }) => rest),
      { depth: 10, maxStringLength: null, maxArrayLength: null },
    );
    expect(secrets).toHaveLength(2);
    for (const secret of [...secrets, 'a word of the application']) expect(told).not.toContain(secret);
    expect(told).not.toMatch(/<Buffer|Uint8Array/);
  });

  it('hurt no connection when a subscriber throws', () => {
    const { stdout, status } = run('', 'throw');
    expect(status).toBe(0);
    expect(stdout.match(/^PQSOCK_/gm)).toHaveLength(2);
    expect(stdout.match(/^uncaught: a broken subscriber$/gm)?.length).toBeGreaterThan(30);
    expect(stdout).toMatch(/^the data came back$/m);
  });
});

describe('NODE_DEBUG=pqsock', () => {
  it('prints steps, ends and errors, and no secret', () => {
    const { stdout, stderr, status } = run('pqsock');
    expect(status).toBe(0);
    for (const line of [
      /^PQSOCK \d+: client 1: the transport is there$/m,
      /^PQSOCK \d+: server 11: server signs the transcript$/m,
      /^PQSOCK \d+: client is connected to pqsock1:dilithium5:[\w-]{43}$/m,
      /^PQSOCK \d+: client has ended: no error$/m,
      /^PQSOCK \d+: server has ended: UntrustedError: /m,
      /^PQSOCK \d+: client has ended: AlertError: /m,
    ]) {
      expect(stderr).toMatch(line);
    }
    const secrets = stdout
      .split('\n')
      .filter((line) => line.startsWith('PQSOCK_'))
      .map((line) => line.split(' ')[2] as string);
    expect(secrets).toHaveLength(2);
    for (const secret of [...secrets, 'words that nobody']) expect(stderr).not.toContain(secret);
    expect(stderr).not.toMatch(/[0-9a-f]{32}/i);
  });

  it('prints nothing unless it is asked for', () => {
    expect(run('net').stderr).not.toContain('PQSOCK');
  });
});
