/** The key log: the same on both sides, in the form that is documented, and enough to open a capture. */
import { createDecipheriv, createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { PqSocket } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';
import { recordsOf, type SeenFrame, Wiretap } from './wiretap.js';

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

const LINE = /^PQSOCK_(CLIENT|SERVER)_TRAFFIC_SECRET_(\d+) ([0-9a-f]{64}) ([0-9a-f]{128})\n$/;

interface Parsed {
  readonly sender: string;
  readonly generation: number;
  readonly random: string;
  readonly secret: Buffer;
}

function parse(line: Buffer): Parsed {
  const [, sender = '', generation, random = '', secret = ''] = LINE.exec(String(line)) ?? [];
  return { sender, generation: Number(generation), random, secret: Buffer.from(secret, 'hex') };
}

/** The lines of a socket, from now on. */
function logOf(socket: PqSocket): Buffer[] {
  const lines: Buffer[] = [];
  socket.on('keylog', (line: Buffer) => void lines.push(line));
  return lines;
}

/** EL(secret, label, "", length) of PROTOCOL.md for a length of 64 at the most. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`pqsock1 ${label}`);
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)]);
  return createHmac('sha512', secret).update(info).digest().subarray(0, length);
}

/** A record's plaintext; throws if the secret is not its own. */
function open({ header, body }: SeenFrame, secret: Buffer, sequence: number): Buffer {
  const keyAndIv = expand(secret, 'key iv', 44);
  const nonce = Buffer.from(keyAndIv.subarray(32));
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
  const decipher = createDecipheriv('aes-256-gcm', keyAndIv.subarray(0, 32), nonce);
  decipher.setAAD(header).setAuthTag(body.subarray(-16));
  return Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]);
}

/** Sends data to and fro until it was often enough, as keys are changed when data is sent. */
async function talk(client: PqSocket, accepted: PqSocket, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    client.write('to');
    await once(accepted, 'data');
    accepted.write('fro');
    await once(client, 'data');
  }
}

it('the lines of client and server are the same, and have the form that other tools read', async () => {
  server = await TestServer.listen(both);
  const ofServer: [Buffer, PqSocket][] = [];
  server.server.on('keylog', (line, socket) => void ofServer.push([line, socket]));
  const accepted = once(server.server, 'secureConnection');
  const client = server.connect();
  const ofClient = logOf(client);
  const [[socket]] = await Promise.all([accepted, once(client, 'secureConnect')]);
  expect(ofClient.map(String).sort()).toEqual(ofServer.map(([line]) => String(line)).sort());
  expect(ofServer.map(([, one]) => one)).toEqual([socket, socket]);
  const parsed = ofClient.map(parse);
  expect(parsed.map(({ sender, generation }) => [sender, generation])).toEqual([
    ['CLIENT', 0],
    ['SERVER', 0],
  ]);
  expect(parsed[0]?.random).toBe(parsed[1]?.random);
  expect(parsed[0]?.secret).not.toEqual(parsed[1]?.secret);
});

it('the lines come before the connection is said to be open, so that no data escapes', async () => {
  server = await TestServer.listen(both);
  const client = server.connect();
  const told: string[] = [];
  client.on('keylog', () => void told.push('keylog')).on('connect', () => void told.push('connect'));
  await once(client, 'secureConnect');
  expect(told).toEqual(['keylog', 'keylog', 'connect']);
});

it('a capture can be opened with the lines, and says who the client is', async () => {
  server = await TestServer.listen(both, {}, (socket) => void socket.resume().end('an answer'));
  tap = await Wiretap.before(server.port);
  const client = server.connect({ port: tap.port });
  const lines = logOf(client);
  client.resume().write('a question');
  const [accepted] = (await once(server.server, 'secureConnection')) as [PqSocket];
  await once(accepted, 'close');
  const [up, down] = lines.map(parse) as [Parsed, Parsed];
  const hello = tap.toServer[0] as SeenFrame;
  expect(hello.body.subarray(3, 35).toString('hex')).toBe(up.random);
  const [question, close] = recordsOf(tap.toServer) as [SeenFrame, SeenFrame];
  expect(open(question, up.secret, 0)).toEqual(Buffer.from('a question\x01'));
  expect(open(close, up.secret, 1)).toEqual(Buffer.of(2));
  const [answer] = recordsOf(tap.toClient) as [SeenFrame];
  expect(open(answer, down.secret, 0)).toEqual(Buffer.from('an answer\x01'));
  expect(() => open(answer, up.secret, 0)).toThrow();
});

it('each KEY_UPDATE adds a line on both sides: the next generation, which follows from the last', async () => {
  server = await TestServer.listen(both, { limits: { keyRecords: 2 } });
  const ofServer: Buffer[] = [];
  server.server.on('keylog', (line) => void ofServer.push(line));
  const accepted = once(server.server, 'secureConnection') as Promise<[PqSocket]>;
  const client = server.connect({ limits: { keyRecords: 3 } });
  const ofClient = logOf(client);
  const [socket] = await accepted;
  await talk(client, socket, 6);
  expect(ofClient.map(String).sort()).toEqual(ofServer.map(String).sort());
  for (const [sender, generations] of [
    ['CLIENT', 3], // every second record is the last but one under its key
    ['SERVER', 6],
  ] as const) {
    const lines = ofClient.map(parse).filter((line) => line.sender === sender);
    expect(lines.map(({ generation }) => generation)).toEqual(Array.from({ length: generations }, (_, i) => i));
    for (const [i, { secret }] of lines.slice(1).entries()) {
      expect(secret).toEqual(expand((lines[i] as Parsed).secret, 'upd', 64));
    }
  }
});

it('each REKEY adds a line for both directions, of secrets that do not follow from the last', async () => {
  server = await TestServer.listen(both, { limits: { rekeyLeast: 0 } });
  const accepted = once(server.server, 'secureConnection') as Promise<[PqSocket]>;
  const client = server.connect({ limits: { rekeyInterval: 1 } });
  const lines = logOf(client);
  const [socket] = await accepted;
  const ofServer = logOf(socket);
  while (lines.length < 10) await talk(client, socket, 1);
  const parsed = lines.map(parse);
  for (const sender of ['CLIENT', 'SERVER']) {
    const own = parsed.filter((line) => line.sender === sender);
    expect(own.map(({ generation }) => generation)).toEqual(Array.from({ length: own.length }, (_, i) => i));
    for (const [i, { secret }] of own.slice(1).entries()) {
      expect(secret).not.toEqual(expand((own[i] as Parsed).secret, 'upd', 64));
    }
  }
  await talk(client, socket, 1);
  expect(ofServer.map(String)).toEqual(expect.arrayContaining(lines.slice(2, 10).map(String)));
});

describe('when nobody listens', () => {
  it('no line is made', async () => {
    const made: unknown[] = [];
    const from = Buffer.from;
    const spy = jest.spyOn(Buffer, 'from').mockImplementation(((...args: [string]) => {
      made.push(args[0]);
      return from(...args);
    }) as typeof Buffer.from);
    server = await TestServer.listen(both, { limits: { keyRecords: 2 } });
    const { client, server: accepted } = await server.connected({ limits: { keyRecords: 2 } });
    await talk(client, accepted, 3);
    const isLine = (value: unknown) => String(value).startsWith('PQSOCK_');
    expect(made.some(isLine)).toBe(false);
    logOf(client); // what is asked for later comes from then on, and the spy sees it
    await talk(client, accepted, 3);
    spy.mockRestore();
    expect(made.some(isLine)).toBe(true);
  });

  it('at the server, its sockets have no listener either', async () => {
    server = await TestServer.listen(both);
    const { server: accepted } = await server.connected();
    expect(accepted.listenerCount('keylog')).toBe(0);
  });
});
