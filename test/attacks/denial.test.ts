/**
 * Peers that want to cost much, to be waited for, or to keep others out: the limits of the hardened profile, over TCP.
 * Those that come by the thousand are in soak.test.ts.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Writable } from 'node:stream';
import { connect, type DropInfo, type HandshakeStepMessage, Identity } from '../../lib/index.js';
import { frame, HardenedScript, STATES, type State } from '../support/hardened-script.js';
import type { TestServer } from '../support/pair.js';
import { type Facing, type Failure, ScriptPair } from '../support/script-pair.js';

const NONE = Number.POSITIVE_INFINITY;

let identities: readonly [Identity, Identity];
let honest: Identity;
beforeAll(async () => {
  identities = await Promise.all([Identity.generate(), Identity.generate({ algorithm: 'ML-DSA-87' })]);
  honest = await Identity.generate();
});

let server: TestServer;
afterEach(() => server.close());

type Options = Parameters<typeof ScriptPair.serve>[1];

async function serve(options: Options): Promise<void> {
  server = await ScriptPair.serve(identities, options);
  server.server.setMaxListeners(0);
}

const connectTo = (port = server.port) => connect({ host: '127.0.0.1', port, identity: honest, trust: 'any' });

/** The error with which a client ends. */
async function errorOf(client: ReturnType<typeof connect>): Promise<Failure> {
  return (await once(client, 'error'))[0] as Failure;
}

/** A port whose connections seem to come from another address than all others. */
async function fromElsewhere(target: TestServer): Promise<{ port: number; close(): void }> {
  const carrier = createTcpServer({ allowHalfOpen: true }, (transport) => {
    Object.defineProperty(transport, 'remoteAddress', { value: '192.0.2.7' });
    target.server.emit('connection', transport);
  });
  carrier.listen(0, '127.0.0.1');
  await once(carrier, 'listening');
  return { port: (carrier.address() as AddressInfo).port, close: () => void carrier.close() };
}

describe('a queue that is full', () => {
  it('has the clients told that the server is busy, and those that wait served', async () => {
    const excess = 10;
    const count = 2 * availableParallelism() + 1 + excess;
    const opened = gate();
    let waiting = 0;
    const trust = async () => {
      waiting += 1;
      if (waiting === count) opened.open();
      await opened.promise;
      return true;
    };
    await serve({ trust, limits: { verifyQueue: 1 } });
    const outcomes = await Promise.all(
      Array.from({ length: count }, async () => {
        const client = connectTo();
        const outcome = await Promise.race([
          once(client, 'secureConnect').then(() => 'connected'),
          errorOf(client),
        ]).catch((error: Failure) => error);
        client.destroy();
        return outcome;
      }),
    );
    const refused = outcomes.filter((outcome) => outcome !== 'connected');
    expect(refused.length).toBe(excess);
    for (const error of refused) expect(error).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'busy' });
  });
});

function gate(): { promise: Promise<void>; open: () => void } {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

describe('a peer that is silent', () => {
  const limit = 150;

  it.each([
    ['frameTimeout', 'the peer was silent for'],
    ['handshakeTimeout', 'the handshake took'],
  ])('is waited for no longer than %s in any state, and is told so', async (name, text) => {
    const pair = await ScriptPair.listen({ [name]: limit });
    server = pair.server;
    const waits: Promise<void>[] = [];
    for (const role of ['client', 'server'] as const) {
      for (const state of STATES.slice(0, 4)) {
        waits.push(wait(role, state, await pair.facing(role, state, { options: { [name]: limit } })));
      }
    }
    await Promise.all(waits);
    pair.peer.close();

    async function wait(role: 'client' | 'server', state: State, { script, error }: Facing): Promise<void> {
      const { code, message } = await error;
      const words = role === 'client' && state === 'START' ? [] : ['Alert timeout'];
      expect([role, state, code, await script.lastWords()]).toEqual([role, state, 'PQ_ERR_TIMEOUT', words]);
      expect(message).toContain(`${text} more than ${limit} ms`);
      expect(message.includes('the peer has sent nothing')).toBe(state === 'START');
    }
  });

  it('but for a byte now and then is not waited for longer than handshakeTimeout', async () => {
    await serve({ frameTimeout: 100, handshakeTimeout: 300 });
    const script = await (await HardenedScript.connect(server.port)).reach('START');
    const failed = once(server.server, 'clientError');
    const bytes = frame('ClientHello', script.clientHello());
    let sent = 0;
    const timer = setInterval(() => script.send(bytes.subarray(sent, ++sent)), 20);
    const [{ code, message }] = (await failed) as [Failure];
    clearInterval(timer);
    expect(code).toBe('PQ_ERR_TIMEOUT');
    expect(message).toContain('the handshake took more than 300 ms');
    expect(sent).toBeGreaterThan(5); // more than frameTimeout went by
    expect(await script.lastWords()).toEqual(['Alert timeout']);
  });

  it('is not one whose turn it is not: a policy may take longer than frameTimeout', async () => {
    const trust = () => new Promise<boolean>((resolve) => void setTimeout(() => resolve(true), 150));
    await serve({ trust, frameTimeout: 50 });
    const client = connect({
      host: '127.0.0.1',
      port: server.port,
      identity: honest,
      trust: 'any',
      frameTimeout: 5000,
    });
    await once(client, 'secureConnect');
    client.destroy();
  });
});

describe('handshakes under way', () => {
  /** Connects, and says what has become of it: the reason of a drop, or a script at the server's first word. */
  async function knock(): Promise<HardenedScript | DropInfo['reason']> {
    const dropped = once(server.server, 'drop').then(([info]) => (info as DropInfo).reason);
    const script = await HardenedScript.connect(server.port);
    const admitted = script.reach('START').catch(() => dropped);
    return Promise.race([dropped, admitted]);
  }

  const knocks = async (count: number) => {
    const answers: (HardenedScript | DropInfo['reason'])[] = [];
    for (let i = 0; i < count; i += 1) answers.push(await knock());
    return answers;
  };

  const kind = (answer: HardenedScript | string) => (typeof answer === 'string' ? answer : 'admitted');

  it('are no more than pendingHandshakes; what is beyond is closed, and sees nothing', async () => {
    await serve({ limits: { pendingHandshakes: 3, earlyDrop: NONE } });
    expect((await knocks(5)).map(kind)).toEqual(['admitted', 'admitted', 'admitted', 'too-many', 'too-many']);
    const error = await errorOf(connectTo());
    expect(['PQ_ERR_TRUNCATED', 'ECONNRESET']).toContain(error.code);
  });

  it('of one address are no more than pendingPerAddress, and others get in', async () => {
    await serve({ limits: { pendingPerAddress: 2 } });
    expect((await knocks(3)).map(kind)).toEqual(['admitted', 'admitted', 'address']);
    const elsewhere = await fromElsewhere(server);
    const client = connectTo(elsewhere.port);
    await once(client, 'secureConnect');
    client.destroy();
    elsewhere.close();
  });

  it('do not count against their address once a right signature has come, but against all', async () => {
    await serve({ limits: { pendingPerAddress: 1, pendingHandshakes: 3, earlyDrop: NONE } });
    for (let i = 0; i < 3; i += 1) {
      const script = (await knock()) as HardenedScript;
      expect(kind(script)).toBe('admitted');
      const accepted = stepOf(script, 8);
      await script.reach('WAIT_KEM');
      await accepted;
      expect(kind(await knock())).toBe('address'); // the key alone, which anybody can show, is not enough
      await script.reach('WAIT_FIN');
    }
    expect(kind(await knock())).toBe('too-many');
  });

  it('are refused at random from earlyDrop on, and not before', async () => {
    await serve({ limits: { pendingHandshakes: 30, earlyDrop: 10 } });
    const answers = (await knocks(60)).map(kind);
    expect(answers.slice(0, 11)).toEqual(Array(11).fill('admitted'));
    expect(answers).toContain('early-drop');
    expect(answers.filter((answer) => answer === 'admitted').length).toBeLessThanOrEqual(30);
    expect(answers).not.toContain('address');
  });

  it.each<[string, (script: HardenedScript) => unknown]>([
    ['is complete', (script) => script.reach('OPEN')],
    ['fails', (script) => script.send(Buffer.alloc(4))],
    ['fails with an alert', (script) => script.send(frame('ClientHello', script.clientHello({ mode: 2 })))],
    ['ends early', (script) => script.socket.end()],
    ['is reset', (script) => script.reach('WAIT_AUTH').then(() => script.socket.resetAndDestroy())],
    [
      'vanishes while its signature is verified',
      async (script) => {
        await script.reach('WAIT_AUTH');
        script.send(frame('ClientAuth', script.signature('client')));
        script.socket.destroy();
      },
    ],
  ])('give their place back when one %s', async (_, act) => {
    await serve({ limits: { pendingHandshakes: 1, earlyDrop: NONE, pendingPerAddress: 1 } });
    for (let i = 0; i < 3; i += 1) {
      const connected = once(server.server, 'connection') as Promise<[Socket]>;
      const script = (await knock()) as HardenedScript;
      expect(kind(script)).toBe('admitted');
      const [transport] = await connected;
      const opened = once(server.server, 'secureConnection');
      await act(script);
      if (script.transcript.length === 8) await opened;
      else await Promise.all([transport.closed || once(transport, 'close'), script.lastWords()]);
    }
  });
});

/** Until the server has taken a step of this script's handshake. */
function stepOf(script: HardenedScript, step: number): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: unknown) => {
      const { role, step: taken, socket } = message as HandshakeStepMessage;
      if (role !== 'server' || taken !== step) return;
      if ((socket as { remotePort?: number }).remotePort !== script.socket.localPort) return;
      unsubscribe('pqsock:handshake:step', listen);
      resolve();
    };
    subscribe('pqsock:handshake:step', listen);
  });
}

describe('a peer that does not read', () => {
  const CHUNK = Buffer.alloc(65_536);
  const MANY = 64 * 16;

  /** Writes chunks until none has been taken for 100 ms, or there are too many; says how many. */
  async function fill(stream: Writable, make: () => Buffer): Promise<number> {
    for (let written = 1; written < MANY; written += 1) {
      if (stream.write(make())) continue;
      const drained = once(stream, 'drain', { signal: AbortSignal.timeout(100) });
      const taken = await drained.then(
        () => true,
        () => false,
      );
      if (!taken) return written;
    }
    return MANY;
  }

  it('holds back whoever writes to it, and nobody else', async () => {
    const pair = await ScriptPair.listen();
    server = pair.server;
    const { script, socket } = await pair.facing('server', 'OPEN');
    script.socket.pause();
    expect(await fill(socket, () => CHUNK)).toBeLessThan(MANY);
    expect(socket.writableLength).toBeLessThan(2 ** 20);
    const other = await pair.facing('server', 'OPEN');
    other.socket.on('data', (chunk) => other.socket.write(chunk));
    for (let i = 0; i < 50; i += 1) {
      other.script.send(other.script.sending.seal('DATA', Buffer.from(`${i}`)));
      expect((await other.script.readRecord()).content.toString()).toBe(`${i}`);
    }
    for (const each of [socket, other.socket]) each.destroy();
    pair.peer.close();
  });

  it('is held back itself: at most 1 MiB waits for the application, and all of it comes', async () => {
    const pair = await ScriptPair.listen();
    server = pair.server;
    const { script, socket } = await pair.facing('server', 'OPEN');
    socket.pause();
    const written = await fill(script.socket, () => script.sending.seal('DATA', CHUNK));
    expect(written).toBeLessThan(MANY);
    expect(socket.readableLength).toBeLessThanOrEqual(2 ** 20);
    script.send(script.sending.seal('CLOSE'));
    let read = 0;
    for await (const chunk of socket) read += (chunk as Buffer).length;
    expect(read).toBe(written * CHUNK.length);
    socket.destroy();
    pair.peer.close();
  });
});
