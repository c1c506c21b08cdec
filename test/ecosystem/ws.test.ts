/** ws at both ends: its client and its server on our connections. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type ClientOptions, type RawData, WebSocket, WebSocketServer } from 'ws';
import { Agent } from '../../lib/adapters/agent.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';

let pair: EcosystemPair;
let carrier: Server;
let server: WebSocketServer;
beforeEach(async () => {
  pair = await EcosystemPair.generate();
  carrier = createServer();
  server = new WebSocketServer({ server: carrier });
  await pair.listen((socket) => void carrier.emit('connection', socket));
});
afterEach(async () => {
  server.close();
  await pair.close();
});

/** Its type wants a net.Socket; at run time it takes any Duplex with the members that it calls. */
const overSocket = (): ClientOptions => ({ createConnection: () => pair.connect() as never });

function open(options: ClientOptions = overSocket()): WebSocket {
  return new WebSocket(pair.url.replace('http', 'ws'), options);
}

const echo = () => {
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => void socket.send(data, { binary: isBinary }));
  });
};

async function answerTo(socket: WebSocket, message: string | Buffer): Promise<Buffer> {
  const answer = once(socket, 'message') as Promise<[RawData]>;
  socket.send(message);
  return (await answer)[0] as Buffer;
}

describe('ws on our connections', () => {
  it.each([
    ['createConnection', overSocket],
    ['an Agent of ours', () => ({ agent: new Agent(pair.client) })],
  ])('carries messages there and back, with %s', async (_, options) => {
    echo();
    const socket = open(options());
    await once(socket, 'open');
    expect(String(await answerTo(socket, 'hello'))).toBe('hello');
    expect(pair.accepted.size).toBe(1);
    socket.close();
    await once(socket, 'close');
  });

  it('carries a message of 8 MB', async () => {
    echo();
    const socket = open();
    await once(socket, 'open');
    const message = randomBytes(8_000_000);
    expect((await answerTo(socket, message)).equals(message)).toBe(true);
  });

  it('carries many messages in order', async () => {
    const words = Array.from({ length: 1000 }, (_, i) => `number ${i}`);
    server.on('connection', (socket) => {
      for (const word of words) socket.send(word);
      socket.close();
    });
    const socket = open();
    const received: string[] = [];
    socket.on('message', (data) => void received.push(String(data)));
    await once(socket, 'close');
    expect(received).toEqual(words);
  });

  it('answers a ping', async () => {
    const socket = open();
    await once(socket, 'open');
    const pong = once(socket, 'pong');
    socket.ping('are you there');
    expect(String((await pong)[0])).toBe('are you there');
  });

  it('carries the code and the reason of the end, both ways', async () => {
    const ended = new Promise<[number, string]>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('close', (code, reason) => resolve([code, String(reason)]));
      });
    });
    const socket = open();
    await once(socket, 'open');
    socket.close(4001, 'enough');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4001, 'enough']);
    expect(await ended).toEqual([4001, 'enough']);
  });

  it('fails to open when the server isn’t trusted', async () => {
    const stranger = await pair.strangersFriend();
    const socket = open({ createConnection: () => pair.connect(stranger) as never });
    const failed = new Promise((resolve) => void socket.once('error', resolve));
    expect(await failed).toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
  });
});
