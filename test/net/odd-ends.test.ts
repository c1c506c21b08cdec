/** Ends and transports that nobody plans for: what is destroyed stays so, and the first reason is the one told. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Duplex, duplexPair } from 'node:stream';
import { connect, createServer, type HandshakeStepMessage, type PqSocket } from '../../lib/index.js';
import { type Identities, identities, TestServer } from '../support/pair.js';

let both: Identities;
let server: TestServer;
beforeAll(async () => {
  both = await identities();
});
afterEach(() => server?.close());

it.each([3, 7, 16, 18])('a socket that a subscriber destroys at step %d stays destroyed', async (last) => {
  server = await TestServer.listen(both);
  const client = server.connect();
  const taken: number[] = [];
  const listen = (message: unknown) => {
    const { socket, step } = message as HandshakeStepMessage;
    if (socket !== client) return;
    taken.push(step);
    if (step === last) client.destroy();
  };
  subscribe('pqsock:handshake:step', listen);
  const secure = jest.fn();
  client.on('secureConnect', secure);
  await once(client, 'close');
  unsubscribe('pqsock:handshake:step', listen);
  expect([client.authorized, taken.at(-1)]).toEqual([false, last]);
  expect(secure).not.toHaveBeenCalled();
  expect(() => client.exportKeyingMaterial(32, 'x')).toThrow(expect.objectContaining({ code: 'PQ_ERR_NOT_CONNECTED' }));
});

it('what is under way when a socket is destroyed is told of it after the reason is settled', async () => {
  const [near] = duplexPair(); // nobody is at the other end
  const client = connect({ identity: both.client, trust: 'any', socket: near });
  const order: string[] = [];
  client.write('x', () => void order.push('write')); // Node would catch what this throws inside destroy()
  const failed = once(client, 'error') as Promise<[Error]>;
  client.destroy(new Error('the reason'));
  order.push('destroyed');
  expect((await failed)[0].message).toBe('the reason');
  expect(order).toEqual(['destroyed', 'write']);
});

it('a transport that gives out text is refused as one', async () => {
  const transport = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(), encoding: 'latin1' });
  const client = connect({ identity: both.client, trust: 'any', socket: transport });
  const failed = once(client, 'error') as Promise<[Error & { code?: string }]>;
  transport.push('some text');
  expect((await failed)[0].code).toBe('PQ_ERR_INVALID_ARGUMENT');
});

it('a policy whose algorithms fail refuses', async () => {
  server = await TestServer.listen(both);
  const cause = new Error('no list');
  const trust = Object.assign(() => true, {
    algorithms: () => {
      throw cause;
    },
  });
  const [error] = await once(server.connect({ trust }), 'error');
  expect(error).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause });
});

it('setIdentity takes no other list of trusted peers than the server has', async () => {
  const trusted = new Set([both.client.fingerprint]);
  const listening = createServer({ identity: both.server, trust: trusted });
  trusted.clear();
  expect(() => listening.setIdentity(both.server)).not.toThrow();
  const [near, far] = duplexPair();
  listening.emit('connection', far);
  const accepted = once(listening, 'secureConnection') as Promise<[PqSocket]>;
  connect({ identity: both.client, trust: both.server.fingerprint, socket: near }).on('error', () => {});
  expect((await accepted)[0].getPeerFingerprint()).toBe(both.client.fingerprint);
});
