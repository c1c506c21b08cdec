/** `pqsock demo --tamper`: a man in the middle between the two processes, who tries one thing after the other. */
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Server } from 'node:net';
import { connect, createServer, type ErrorCode, type HandshakeStepMessage, type PqServer } from '../index.js';
import { takeFile } from './demo-client.js';
import { type ChangeMessage, MessageTamperer } from './demo-message-tamperer.js';
import { DEMO_PROFILES, type DemoChoice, type DemoParty, makeParty } from './demo-profile.js';
import type { DemoServerProcess } from './demo-server.js';
import type { DemoView } from './demo-view.js';

interface Attack {
  readonly name: string;
  /** The code of the error with which the client must refuse. */
  readonly expected: ErrorCode;
  /** Listens in the middle; `port` is the real server's. */
  start(port: number): Promise<Server | PqServer>;
}

const NONCE_AND_HEADER = 4 + 12; // what a record begins with, in the profile where that is longer

const flipBit =
  (at: number): ChangeMessage =>
  (message) => {
    message.writeUInt8(message.readUInt8(at) ^ 1, at);
    return [message];
  };

function attacksOn(choice: DemoChoice): readonly Attack[] {
  const { kemCt, firstRecord } = DEMO_PROFILES[choice.profile];
  const changing = (name: string, expected: ErrorCode, number: number, change: ChangeMessage): Attack => ({
    name: `the man in the middle ${name}`,
    expected,
    start: (port) => listen(proxy(port, () => new MessageTamperer(number, change))),
  });
  const always: readonly Attack[] = [
    {
      name: 'the man in the middle shows a key of his own instead of the server’s',
      expected: 'PQ_ERR_UNTRUSTED',
      start: async () => listen(createServer((await makeParty(choice)).options('any'))),
    },
    changing('flips a bit of kem_ct', 'PQ_ERR_AUTH_FAILED', kemCt, flipBit(100)),
    changing('flips a bit of the first record', 'PQ_ERR_BAD_RECORD', firstRecord, flipBit(NONCE_AND_HEADER)),
  ];
  if (choice.profile === 'seed') return always; // it would notice neither of the others: PROTOCOL.md says so
  return [
    ...always,
    changing('sends the first record twice', 'PQ_ERR_BAD_RECORD', firstRecord, (record) => [record, record]),
    changing('ends the connection after the first record', 'PQ_ERR_TRUNCATED', firstRecord, (record) => [record, null]),
  ];
}

/** Answers whether all were refused, as they must be. */
export async function runTamperDemo(choice: DemoChoice, server: DemoServerProcess, view: DemoView): Promise<boolean> {
  const client = await makeParty(choice);
  const { port, fingerprint } = await server.start(client.fingerprint);
  view.start({ profile: choice.profile, port, processes: { server: server.pid, client: process.pid } });
  let lastStep = 0;
  subscribe('pqsock:handshake:step', (message) => {
    const { role, step } = message as HandshakeStepMessage;
    if (role === 'client') lastStep = step;
  });
  const attacks = attacksOn(choice);
  let refused = 0;
  for (const { name, expected, start } of attacks) {
    lastStep = 0;
    const middle = await start(port);
    const error = await outcome((middle.address() as AddressInfo).port, client, fingerprint, view);
    middle.close();
    const asExpected = error?.code === expected;
    view.tamper({ attack: name, refused: asExpected, code: error?.code, message: error?.message, afterStep: lastStep });
    if (asExpected) refused += 1;
  }
  return refused === attacks.length;
}

/** The error with which the client refuses, or undefined if it took all of the file. */
async function outcome(
  port: number,
  client: DemoParty,
  trust: string,
  view: DemoView,
): Promise<(Error & { code?: string }) | undefined> {
  const socket = connect({ ...client.options(trust), host: '127.0.0.1', port });
  try {
    await takeFile(socket, view);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Passes everything on, what the server sends by way of a tamperer. */
function proxy(port: number, tamperer: () => MessageTamperer): Server {
  return createTcpServer((client) => {
    const server = connectTcp(port, '127.0.0.1');
    client.pipe(server);
    server.pipe(tamperer()).pipe(client);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
  });
}

async function listen<T extends Server | PqServer>(server: T): Promise<T> {
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server as Server, 'listening');
  return server;
}
