/** `pqsock demo --tamper`: a man in the middle between the two processes, three times, each time refused. */
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Server } from 'node:net';
import { Transform } from 'node:stream';
import { connect, createServer, type HandshakeStepMessage, Identity, type PqServer } from '../index.js';
import { takeFile } from './demo-client.js';
import type { DemoServerProcess } from './demo-server.js';
import type { DemoView } from './demo-view.js';

/** Where things are in what the server sends: b_sig_pk, kem_ct and ct_signature are fields with four bytes before. */
const KEM_CT_AT = 4 + 2592 + 4;
const FIRST_RECORD_AT = KEM_CT_AT + 1568 + 4 + 4595 + 4;
const NONCE_LENGTH = 12;

interface Attack {
  readonly name: string;
  /** The code of the error with which the client must refuse. */
  readonly expected: string;
  /** Listens in the middle; `port` is the real server's. */
  start(port: number): Promise<Server | PqServer>;
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'the man in the middle shows a key of his own instead of the server’s',
    expected: 'PQ_ERR_UNTRUSTED',
    start: async () => {
      const identity = await Identity.generate({ profile: 'seed' });
      return listen(createServer({ profile: 'seed', identity, trust: 'any' }));
    },
  },
  {
    name: 'the man in the middle flips a bit of kem_ct',
    expected: 'PQ_ERR_AUTH_FAILED',
    start: (port) => listen(flippingProxy(port, KEM_CT_AT + 100)),
  },
  {
    name: 'the man in the middle flips a bit of the first record of data',
    expected: 'PQ_ERR_BAD_RECORD',
    start: (port) => listen(flippingProxy(port, FIRST_RECORD_AT + NONCE_LENGTH + 3)),
  },
];

/** Answers whether all were refused, as they must be. */
export async function runTamperDemo(server: DemoServerProcess, view: DemoView): Promise<boolean> {
  const identity = await Identity.generate({ profile: 'seed' });
  const { port, fingerprint } = await server.start(identity.fingerprint);
  view.start({ port, processes: { server: server.pid, client: process.pid } });
  let lastStep = 0;
  subscribe('pqsock:handshake:step', (message) => {
    const { role, step } = message as HandshakeStepMessage;
    if (role === 'client') lastStep = step;
  });
  let refused = 0;
  for (const { name, expected, start } of ATTACKS) {
    lastStep = 0;
    const middle = await start(port);
    const code = await outcome((middle.address() as AddressInfo).port, identity, fingerprint, view);
    middle.close();
    view.tamper({ attack: name, refused: code === expected, code, afterStep: lastStep });
    if (code === expected) refused += 1;
  }
  return refused === ATTACKS.length;
}

/** The code with which the client refuses, or undefined if it took all of the file. */
async function outcome(
  port: number,
  identity: Identity<'seed'>,
  trust: string,
  view: DemoView,
): Promise<string | undefined> {
  const socket = connect({ profile: 'seed', host: '127.0.0.1', port, identity, trust });
  try {
    await takeFile(socket, view);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Passes everything on, but for one bit at this place of what the server sends. */
function flippingProxy(port: number, at: number): Server {
  return createTcpServer((client) => {
    const server = connectTcp(port, '127.0.0.1');
    let seen = 0;
    const flip = new Transform({
      transform(chunk: Buffer, _encoding, callback) {
        const here = at - seen;
        seen += chunk.length;
        if (here >= 0 && here < chunk.length) chunk.writeUInt8(chunk.readUInt8(here) ^ 1, here);
        callback(null, chunk);
      },
    });
    client.pipe(server);
    server.pipe(flip).pipe(client);
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
