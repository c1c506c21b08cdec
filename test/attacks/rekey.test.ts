/** REKEY against a peer that does it wrong, or at the same time as something else, over TCP. */
import { once } from 'node:events';
import type { ConnectionLimits, PqSocket } from '../../lib/index.js';
import type { HardenedScript } from '../support/hardened-script.js';
import { type Facing, ScriptPair } from '../support/script-pair.js';
import { EMPTY } from '../support/script-records.js';
import { type ScriptPair as KemPair, SCRIPT_SUITES } from '../support/script-suite.js';

const [SUITE] = Object.values(SCRIPT_SUITES);
const HYBRID = SCRIPT_SUITES['x25519mlkem1024-mldsa87'];
const HOUR = 3_600_000;

let pair: ScriptPair;
/** One whose server answers a second REKEY only after an hour. */
let patient: ScriptPair;
beforeAll(async () => {
  pair = await ScriptPair.listen({ limits: { rekeyLeast: 0 } });
  patient = await ScriptPair.listen({ limits: { rekeyLeast: HOUR } });
});
afterAll(async () => {
  await pair.close();
  await patient.close();
});

const seal = (script: HardenedScript, text: string) => script.sending.seal('DATA', Buffer.from(text));

async function next(socket: PqSocket): Promise<string> {
  return String((await once(socket, 'data'))[0]);
}

/** The code of the error, and what the peer was told. */
async function ending({ script, error }: Pick<Facing, 'script' | 'error'>) {
  const { code } = await error;
  return { code, words: await script.lastWords() };
}

const REFUSED = { code: 'PQ_ERR_REKEY', words: ['Record ALERT rekey_error'] };

/** The script, a client, asks. */
function init(script: HardenedScript, kem: KemPair = script.suite.keypair()): KemPair {
  script.send(script.sending.seal('REKEY_INIT', kem.publicKey));
  return kem;
}

/** The script, a client, takes the answer; gives its own next secret. */
async function takeResponse(script: HardenedScript, kem: KemPair): Promise<Buffer> {
  const { type, content } = await script.readRecord();
  expect(type).toBe('REKEY_RESP');
  const { client, server } = script.rekey(script.suite.decapsulate(kem, content), kem.publicKey, content);
  script.receiving.replace(server);
  return client;
}

function done(script: HardenedScript, secret: Buffer): void {
  script.send(script.sending.seal('REKEY_DONE'));
  script.sending.replace(secret);
}

describe.each(Object.entries(SCRIPT_SUITES))('with %s', (_, suite) => {
  it('a server and a script have new keys, again and again, with KEY_UPDATE and data in between', async () => {
    const { script, socket } = await pair.facing('server', 'OPEN', { suite });
    for (let i = 0; i < 3; i += 1) {
      const kem = init(script);
      script.send(script.sending.seal('KEY_UPDATE'));
      script.sending.update();
      const meanwhile = next(socket);
      script.send(seal(script, 'meanwhile'));
      expect(await meanwhile).toBe('meanwhile');
      const secret = await takeResponse(script, kem);
      done(script, secret);
      script.send(script.sending.seal('KEY_UPDATE'));
      script.sending.update();
      const after = next(socket);
      script.send(seal(script, 'after'));
      expect(await after).toBe('after');
      socket.write('back');
      expect((await script.readRecord()).content.toString()).toBe('back');
    }
    socket.destroy();
  });

  it('a client and a script have new keys, again and again, with KEY_UPDATE and data in between', async () => {
    const { script, socket } = await facingAsker(suite);
    for (let i = 0; i < 3; i += 1) {
      const kemPk = await asked(script, socket);
      const received = next(socket);
      script.send(script.sending.seal('KEY_UPDATE'));
      script.sending.update();
      script.send(seal(script, 'meanwhile'));
      expect(await received).toBe('meanwhile');
      respond(script, kemPk);
      const after = next(socket);
      script.send(seal(script, 'after'));
      expect(await after).toBe('after');
      await takeDone(script);
    }
    socket.destroy();
  });
});

/** A client that asks for a REKEY whenever it sends data. */
function facingAsker(suite: (typeof SCRIPT_SUITES)[keyof typeof SCRIPT_SUITES] = SUITE as never): Promise<Facing> {
  const limits: ConnectionLimits = { rekeyInterval: 1 };
  return pair.facing('client', 'OPEN', { suite, options: { limits } });
}

/** The client under test sends data, and so asks. */
async function asked(script: HardenedScript, socket: PqSocket): Promise<Buffer> {
  const from = performance.now();
  while (performance.now() - from < 2); // it asks again a millisecond after the last time
  socket.write('data');
  const { type, content } = await script.readRecord();
  expect(type).toBe('REKEY_INIT');
  expect((await script.readRecord()).content.toString()).toBe('data');
  return content;
}

/** The script, a server, answers; it remembers the client's next secret. */
function respond(script: HardenedScript, kemPk: Buffer): void {
  const { ciphertext, sharedSecret } = script.suite.encapsulate(kemPk);
  script.send(script.sending.seal('REKEY_RESP', ciphertext));
  const { client, server } = script.rekey(sharedSecret, kemPk, ciphertext);
  script.sending.replace(server);
  pending.set(script, client);
}

const pending = new WeakMap<HardenedScript, Buffer>();

async function takeDone(script: HardenedScript): Promise<void> {
  expect((await script.readRecord()).type).toBe('REKEY_DONE');
  script.receiving.replace(pending.get(script) as Buffer);
}

describe('a server', () => {
  it.each<[string, (script: HardenedScript) => void]>([
    ['INIT a byte short', (script) => init(script, { ...script.pair, publicKey: Buffer.alloc(1567) })],
    ['INIT a byte long', (script) => init(script, { ...script.pair, publicKey: Buffer.alloc(1569) })],
    ['INIT without a kem_pk', (script) => init(script, { ...script.pair, publicKey: EMPTY })],
    [
      'INIT with a coefficient of 4095',
      (script) => init(script, { ...script.pair, publicKey: Buffer.alloc(1568, 255) }),
    ],
    ['RESP', (script) => script.send(script.sending.seal('REKEY_RESP', Buffer.alloc(1568, 1)))],
    ['DONE before any INIT', (script) => script.send(script.sending.seal('REKEY_DONE'))],
  ])('refuses %s', async (_, act) => {
    const facing = await pair.facing('server', 'OPEN');
    act(facing.script);
    expect(await ending(facing)).toEqual(REFUSED);
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['a second INIT', (script) => script.sending.seal('REKEY_INIT', script.suite.keypair().publicKey)],
    ['DONE with content', (script) => script.sending.seal('REKEY_DONE', Buffer.alloc(1, 1))],
    ['RESP', (script) => script.sending.seal('REKEY_RESP', Buffer.alloc(1568, 1))],
  ])('that has answered refuses %s', async (_, make) => {
    const facing = await pair.facing('server', 'OPEN');
    await takeResponse(facing.script, init(facing.script));
    facing.script.send(make(facing.script));
    expect(await ending(facing)).toEqual(REFUSED);
  });

  it('refuses a second DONE', async () => {
    const facing = await pair.facing('server', 'OPEN');
    done(facing.script, await takeResponse(facing.script, init(facing.script)));
    facing.script.send(facing.script.sending.seal('REKEY_DONE'));
    expect(await ending(facing)).toEqual(REFUSED);
  });

  it('refuses a record under the old key after DONE, and one under the new key before it', async () => {
    const late = await pair.facing('server', 'OPEN');
    await takeResponse(late.script, init(late.script));
    late.script.send(late.script.sending.seal('REKEY_DONE'), seal(late.script, 'old'));
    expect((await ending(late)).code).toBe('PQ_ERR_BAD_RECORD');
    const early = await pair.facing('server', 'OPEN');
    early.script.sending.replace(await takeResponse(early.script, init(early.script)));
    early.script.send(seal(early.script, 'new'));
    expect((await ending(early)).code).toBe('PQ_ERR_BAD_RECORD');
  });

  it('refuses an X25519 share of small order', async () => {
    const facing = await pair.facing('server', 'OPEN', { suite: HYBRID });
    const kem = HYBRID.keypair();
    kem.publicKey.fill(0, 1568);
    init(facing.script, kem);
    expect(await ending(facing)).toEqual(REFUSED);
  });

  /** A server that was asked, and will not answer for an hour. */
  async function facingAsked(): Promise<Facing> {
    const facing = await patient.facing('server', 'OPEN');
    done(facing.script, await takeResponse(facing.script, init(facing.script)));
    init(facing.script);
    return facing;
  }

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['another INIT', (script) => script.sending.seal('REKEY_INIT', script.suite.keypair().publicKey)],
    ['DONE', (script) => script.sending.seal('REKEY_DONE')],
    ['RESP', (script) => script.sending.seal('REKEY_RESP', Buffer.alloc(1568, 1))],
  ])('that was asked and has not answered yet refuses %s', async (_, make) => {
    const facing = await facingAsked();
    facing.script.send(make(facing.script));
    expect(await ending(facing)).toEqual(REFUSED);
  });

  it('that was asked too soon goes on with everything else, and drops the request at the client’s CLOSE', async () => {
    const { script, socket } = await facingAsked();
    const received = next(socket);
    script.send(seal(script, 'goes on'));
    expect(await received).toBe('goes on');
    const ended = once(socket, 'end');
    script.send(script.sending.seal('CLOSE'));
    await ended;
    socket.end('both ways');
    expect((await script.readRecord()).content.toString()).toBe('both ways');
    expect(await script.lastWords()).toEqual(['Record CLOSE']);
  });

  it('that was asked too soon never answers once it has sent CLOSE', async () => {
    const { script, socket } = await facingAsked();
    const received = next(socket);
    script.send(seal(script, 'x'));
    await received;
    socket.end();
    expect((await script.readRecord()).type).toBe('CLOSE');
    const ended = once(socket, 'close');
    script.send(seal(script, 'y'), script.sending.seal('CLOSE'));
    await ended;
    expect(await script.lastWords()).toEqual([]);
  });

  it('answers a request that comes too soon when the time has come', async () => {
    const least = 60;
    const server = await ScriptPair.listen({ limits: { rekeyLeast: least } });
    const { script, socket } = await server.facing('server', 'OPEN');
    const secret = await takeResponse(script, init(script));
    const from = performance.now();
    done(script, secret);
    await takeResponse(script, init(script));
    expect(performance.now() - from).toBeGreaterThanOrEqual(least - 2); // timers may be a millisecond early
    socket.destroy();
    await server.close();
  });

  it('never answers a request that came too soon once the client has sent CLOSE, not even when the time has come', async () => {
    const server = await ScriptPair.listen({ limits: { rekeyLeast: 60 } });
    const [one, other] = [await server.facing('server', 'OPEN'), await server.facing('server', 'OPEN')];
    done(one.script, await takeResponse(one.script, init(one.script)));
    init(one.script);
    one.script.send(one.script.sending.seal('CLOSE'));
    done(other.script, await takeResponse(other.script, init(other.script)));
    await takeResponse(other.script, init(other.script)); // its time has come after the first one's
    one.socket.end();
    expect(await one.script.lastWords()).toEqual(['Record CLOSE']);
    other.socket.destroy();
    await server.close();
  });

  it('that has sent CLOSE checks a request and drops it', async () => {
    const good = await pair.facing('server', 'OPEN');
    good.socket.end();
    expect((await good.script.readRecord()).type).toBe('CLOSE');
    init(good.script);
    const received = next(good.socket);
    good.script.send(seal(good.script, 'still under the old key'));
    expect(await received).toBe('still under the old key');
    const ended = once(good.socket, 'close');
    good.script.send(good.script.sending.seal('CLOSE'));
    await ended;
    expect(await good.script.lastWords()).toEqual([]);
    const bad = await pair.facing('server', 'OPEN');
    bad.socket.end();
    expect((await bad.script.readRecord()).type).toBe('CLOSE');
    init(bad.script, { ...bad.script.pair, publicKey: Buffer.alloc(1568, 255) });
    expect(await ending(bad)).toEqual({ code: 'PQ_ERR_REKEY', words: [] });
  });

  it('that has answered and then sent CLOSE still takes DONE, and what comes under the new key', async () => {
    const { script, socket } = await pair.facing('server', 'OPEN');
    const secret = await takeResponse(script, init(script));
    socket.end();
    expect((await script.readRecord()).type).toBe('CLOSE');
    done(script, secret);
    const received = next(socket);
    script.send(seal(script, 'new'));
    expect(await received).toBe('new');
    const ended = once(socket, 'close');
    script.send(script.sending.seal('CLOSE'));
    await ended;
  });

  it('that takes CLOSE after it has answered goes on under its own new key', async () => {
    const { script, socket } = await pair.facing('server', 'OPEN');
    const kem = init(script);
    const ended = once(socket, 'end');
    script.send(script.sending.seal('CLOSE'));
    await ended;
    await takeResponse(script, kem);
    socket.end('new');
    expect((await script.readRecord()).content.toString()).toBe('new');
    expect(await script.lastWords()).toEqual(['Record CLOSE']);
  });
});

describe('a client', () => {
  it.each<[string, (script: HardenedScript, kemPk: Buffer) => Buffer]>([
    ['RESP a byte short', (script) => script.sending.seal('REKEY_RESP', Buffer.alloc(1567, 1))],
    ['RESP a byte long', (script) => script.sending.seal('REKEY_RESP', Buffer.alloc(1569, 1))],
    ['INIT', (script, kemPk) => script.sending.seal('REKEY_INIT', kemPk)],
    ['DONE', (script) => script.sending.seal('REKEY_DONE')],
  ])('that has asked refuses %s', async (_, make) => {
    const facing = await facingAsker();
    const kemPk = await asked(facing.script, facing.socket);
    facing.script.send(make(facing.script, kemPk));
    expect(await ending(facing)).toEqual(REFUSED);
  });

  it('refuses a second RESP', async () => {
    const facing = await facingAsker();
    respond(facing.script, await asked(facing.script, facing.socket));
    await takeDone(facing.script);
    facing.script.send(facing.script.sending.seal('REKEY_RESP', Buffer.alloc(1568, 1)));
    expect(await ending(facing)).toEqual(REFUSED);
  });

  it('refuses an X25519 share of small order', async () => {
    const facing = await facingAsker(HYBRID);
    const { ciphertext } = HYBRID.encapsulate(await asked(facing.script, facing.socket));
    facing.script.send(facing.script.sending.seal('REKEY_RESP', ciphertext.fill(0, 1568)));
    expect(await ending(facing)).toEqual(REFUSED);
  });

  it('opens nothing of a server that has not the secret of the RESP that it sends', async () => {
    const facing = await facingAsker();
    await asked(facing.script, facing.socket);
    const { ciphertext } = (SUITE as typeof HYBRID).encapsulate((SUITE as typeof HYBRID).keypair().publicKey);
    facing.script.send(facing.script.sending.seal('REKEY_RESP', ciphertext), seal(facing.script, 'old'));
    expect((await facing.error).code).toBe('PQ_ERR_BAD_RECORD');
  });

  it('asks once, however much it sends before the answer', async () => {
    const { script, socket } = await facingAsker();
    await asked(script, socket);
    const from = performance.now();
    while (performance.now() - from < 3);
    for (const text of ['a', 'b', 'c']) {
      socket.write(text);
      expect((await script.readRecord()).content.toString()).toBe(text);
    }
    socket.destroy();
  });

  it('forgets what it has asked for when a CLOSE crosses it, asks no more, and goes on', async () => {
    const facing = await facingAsker();
    const { script, socket } = facing;
    await asked(script, socket);
    const ended = once(socket, 'end');
    script.send(script.sending.seal('CLOSE'));
    await ended;
    const from = performance.now();
    while (performance.now() - from < 3);
    socket.write('goes on');
    expect((await script.readRecord()).content.toString()).toBe('goes on');
    socket.end();
    expect(await script.lastWords()).toEqual(['Record CLOSE']);
  });

  it('asks for none when the server has sent CLOSE before', async () => {
    const { script, socket } = await facingAsker();
    const ended = once(socket, 'end');
    script.send(script.sending.seal('CLOSE'));
    await ended;
    const from = performance.now();
    while (performance.now() - from < 3);
    socket.end('only data');
    expect(await script.lastWords()).toEqual(['Record DATA', 'Record CLOSE']);
  });

  it.each([true, false])('that has sent CLOSE since takes an answer, and none (answered: %s)', async (answered) => {
    const { script, socket } = await facingAsker();
    const kemPk = await asked(script, socket);
    socket.end();
    expect((await script.readRecord()).type).toBe('CLOSE');
    if (answered) respond(script, kemPk);
    const received = next(socket);
    script.send(seal(script, 'to the end'));
    expect(await received).toBe('to the end');
    const closed = once(socket, 'close');
    script.send(script.sending.seal('CLOSE'));
    await closed;
    expect(await script.lastWords()).toEqual([]); // no DONE
  });
});
