/** Every frame in every state of both sides, over TCP: what is refused is refused on its four bytes of header. */
import { once } from 'node:events';
import { AlertError, type PqSocket } from '../../../lib/index.js';
import { FRAMES, type FrameName, frame, STATES, type State } from '../../support/hardened-script.js';
import { extension } from '../../support/script-hello.js';
import { type Facing, ScriptPair } from '../../support/script-pair.js';
import { EMPTY, headerOf, INNER, type InnerName } from '../../support/script-records.js';
import { SCRIPT_SUITES } from '../../support/script-suite.js';

type SuiteName = keyof typeof SCRIPT_SUITES;
/** `RECORD`: the first Record has come. `CLOSED`: the peer's CLOSE has come. */
type Where = State | 'RECORD' | 'CLOSED';

const SUITES = Object.keys(SCRIPT_SUITES) as SuiteName[];
const TYPES = [...Object.values(FRAMES), 0x00, 0x09, 0x0b, 0x11, 0xff];
const ANY_LENGTH = 64;

let pair: ScriptPair;
beforeAll(async () => {
  pair = await ScriptPair.listen();
});
afterAll(() => pair.close());

/** A side under test, brought to a state. */
async function bring(
  role: 'client' | 'server',
  where: Where,
  name: SuiteName = SUITES[0] as SuiteName,
): Promise<Facing> {
  const facing = await pair.facing(role, stateOf(where), { suite: SCRIPT_SUITES[name] });
  const { script, socket } = facing;
  if (where === 'RECORD') script.send(script.sending.seal('DATA', EMPTY));
  if (where === 'CLOSED') {
    const ended = once(socket, 'end');
    script.send(script.sending.seal('CLOSE'));
    await ended;
  }
  return facing;
}

function stateOf(where: Where): State {
  return where === 'RECORD' || where === 'CLOSED' ? 'OPEN' : where;
}

/** What each state takes, besides Alert in a handshake. */
function permitted(
  role: 'client' | 'server',
  where: Where,
  name: SuiteName,
): [FrameName, least: number, most: number][] {
  const { kemLength, sig } = SCRIPT_SUITES[name];
  const alert: [FrameName, number, number] = ['Alert', 1, 1];
  const record: [FrameName, number, number] = ['Record', 17, 65_553];
  if (where === 'CLOSED') return [];
  if (where === 'RECORD') return [record];
  if (where === 'OPEN') return role === 'client' ? [record, alert] : [record];
  const own = role === 'server' ? 'Client' : 'Server';
  const extra = role === 'server' ? 0 : 1;
  return [
    {
      START: role === 'server' ? (['ClientHello', 41, 3656] as const) : (['ServerHello', 0, 16_384] as const),
      WAIT_KEM: [`${own}Kem`, kemLength, kemLength] as const,
      WAIT_AUTH: [`${own}Auth`, extra + sig.signatureLength, extra + sig.signatureLength] as const,
      WAIT_FIN: [`${own}Finished`, 64, 64] as const,
    }[where] as [FrameName, number, number],
    alert,
  ];
}

/** What the peer is told. */
function alertIn(where: Where, reason: string): string[] {
  if (where === 'START') return []; // no whole hello has come
  return [['OPEN', 'RECORD', 'CLOSED'].includes(where) ? `Record ALERT ${reason}` : `Alert ${reason}`];
}

const CASES = (['client', 'server'] as const).flatMap((role) =>
  ([...STATES, 'RECORD', 'CLOSED'] as const).flatMap((where) => SUITES.map((name) => ({ role, where, name }))),
);

describe.each(CASES)('a $role in the state $where of $name', ({ role, where, name }) => {
  const takes = permitted(role, where, name);
  const types = takes.map(([type]) => FRAMES[type]) as number[];
  const refused = TYPES.filter((type) => !types.includes(type));
  const title = (type: number) => Object.entries(FRAMES).find(([, each]) => each === type)?.[0] ?? `type ${type}`;

  it.each(refused.map((type) => [title(type), type] as const))('refuses %s on its header alone', async (_, type) => {
    const { script, error } = await bring(role, where, name);
    script.send(headerOf(type, ANY_LENGTH));
    expect((await error).code).toBe('PQ_ERR_UNEXPECTED_MESSAGE');
    expect(await script.lastWords()).toEqual(alertIn(where, 'unexpected_message'));
  });

  const lengths = takes.flatMap(([type, least, most]) => [
    ...(least > 0 ? [[type, least - 1] as const] : []),
    [type, most + 1] as const,
    [type, 0xffffff] as const,
  ]);
  if (lengths.length === 0) return;
  it.each(lengths)('refuses %s of %i bytes on its header alone', async (type, length) => {
    const { script, error } = await bring(role, where, name);
    script.send(headerOf(FRAMES[type], length));
    expect((await error).code).toBe('PQ_ERR_DECODE');
    expect(await script.lastWords()).toEqual(alertIn(where, 'decode_error'));
  });

  if (!types.includes(FRAMES.Alert)) return;
  it('is ended by Alert, and does not answer it', async () => {
    const { script, error } = await bring(role, where, name);
    script.send(frame('Alert', Uint8Array.of(0x0c)));
    const failure = await error;
    expect(failure).toBeInstanceOf(AlertError);
    expect(failure).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'internal' });
    expect(await script.lastWords()).toEqual([]);
  });

  it.each([0x00, 0x0e, 0xff])('is ended by Alert with the code %i, which there is not', async (code) => {
    const { script, error } = await bring(role, where, name);
    script.send(frame('Alert', Uint8Array.of(code)));
    expect((await error).code).toBe('PQ_ERR_DECODE');
    expect(await script.lastWords()).toEqual([]);
  });
});

describe.each(SUITES)('%s', (name) => {
  it('opens at both sides when every state gets its frame, even byte by byte', async () => {
    for (const role of ['client', 'server'] as const) {
      const { script, socket } = await bring(role, 'START', name);
      const send = script.send.bind(script);
      script.send = (...frames) => {
        for (const byte of Buffer.concat(frames)) send(Uint8Array.of(byte));
      };
      const opened = role === 'server' && (once(pair.server.server, 'secureConnection') as Promise<[PqSocket]>);
      await script.reach('OPEN');
      const [accepted] = (await opened) || [socket];
      const data = once(accepted, 'data');
      script.send(script.sending.seal('DATA', Buffer.from('there'), 3));
      expect(String((await data)[0])).toBe('there');
      accepted.write('and back');
      expect((await script.readRecord()).content.toString()).toBe('and back');
      accepted.destroy();
    }
  });
});

describe('the longest and the shortest frame', () => {
  it('ServerHello of 16384 bytes is taken', async () => {
    const { script } = await bring('client', 'START');
    const keys = [
      { sigalg: 1, pk: script.keys.publicKey },
      { sigalg: 0x7f, pk: Buffer.alloc(16_384 - 2639 - 3) },
    ];
    const body = script.serverHello({ keys });
    expect(body.length).toBe(16_384);
    script.serverHello = () => body;
    await script.reach('OPEN');
  });

  it('ClientHello of 41 bytes is read to its end: it is a ticket', async () => {
    const { script, error } = await bring('server', 'START');
    const hello = script.clientHello({ mode: 1, key: Buffer.alloc(1) });
    expect(hello.length).toBe(41);
    script.send(frame('ClientHello', hello));
    expect((await error).code).toBe('PQ_ERR_TICKET');
    expect(await script.lastWords()).toEqual(['Alert ticket_rejected']);
  });

  it('ClientHello of 3656 bytes is read to its end: its extension was not offered', async () => {
    const { script, error } = await bring('server', 'START');
    const hello = script.clientHello({ extensions: extension(7, Buffer.alloc(1020)) });
    expect(hello.length).toBe(3656);
    script.send(frame('ClientHello', hello));
    expect((await error).code).toBe('PQ_ERR_DECODE');
    expect(await script.lastWords()).toEqual(['Alert decode_error']);
  });

  it.each(['client', 'server'] as const)('Records of 17 and of 65553 bytes are taken by a %s', async (role) => {
    const { script, socket } = await bring(role, 'OPEN');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => void received.push(chunk));
    const [least, most] = [script.sending.seal('DATA'), script.sending.seal('DATA', Buffer.alloc(65_536, 1))];
    expect([least.length, most.length]).toEqual([4 + 17, 4 + 65_553]);
    const ended = once(socket, 'end');
    script.send(least, most, script.sending.seal('DATA', Buffer.from('x'), 65_535), script.sending.seal('CLOSE'));
    await ended;
    expect(Buffer.concat(received).length).toBe(65_537);
    socket.destroy();
  });
});

describe.each(['client', 'server'] as const)('an open %s', (role) => {
  const forbidden: [title: string, type: InnerName | number, content: number, code: string, alert: string][] = [
    ['of the type 0x09', 0x09, 0, 'PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message'],
    ['of the type 0xff', 0xff, 0, 'PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message'],
    ['CLOSE with content', 'CLOSE', 1, 'PQ_ERR_DECODE', 'decode_error'],
    ['KEY_UPDATE with content', 'KEY_UPDATE', 1, 'PQ_ERR_DECODE', 'decode_error'],
    ['REKEY_RESP out of turn', 'REKEY_RESP', 1568, 'PQ_ERR_REKEY', 'rekey_error'],
    ['REKEY_DONE out of turn', 'REKEY_DONE', 0, 'PQ_ERR_REKEY', 'rekey_error'],
    ...(role === 'server'
      ? ([['TICKET', 'TICKET', 37, 'PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message']] as const)
      : ([
          ['TICKET of 36 bytes', 'TICKET', 36, 'PQ_ERR_DECODE', 'decode_error'],
          ['TICKET of 549 bytes', 'TICKET', 549, 'PQ_ERR_DECODE', 'decode_error'],
          ['REKEY_INIT', 'REKEY_INIT', 1568, 'PQ_ERR_REKEY', 'rekey_error'],
        ] as const)),
  ] as typeof forbidden;

  it.each(forbidden)('refuses a record %s', async (_, type, length, code, alert) => {
    const { script, error } = await bring(role, 'OPEN');
    script.send(script.sending.seal(type, Buffer.alloc(length, 1)));
    expect((await error).code).toBe(code);
    expect(await script.lastWords()).toEqual([`Record ALERT ${alert}`]);
  });

  it.each(forbidden)('that has sent CLOSE refuses a record %s without a word', async (_, type, length, code) => {
    const { script, error, socket } = await bring(role, 'OPEN');
    socket.end();
    expect((await script.readRecord()).type).toBe('CLOSE');
    script.send(script.sending.seal(type, Buffer.alloc(length, 1)));
    expect((await error).code).toBe(code);
    expect(await script.lastWords()).toEqual([]);
  });

  it.each([
    ['a reason', [0x06], 'PQ_ERR_ALERT'],
    ['no reason', [], 'PQ_ERR_DECODE'],
    ['two reasons', [1, 1], 'PQ_ERR_DECODE'],
    ['an unknown reason', [0x0e], 'PQ_ERR_DECODE'],
  ])('is ended by an ALERT with %s, and does not answer it', async (_, content, code) => {
    const { script, error } = await bring(role, 'OPEN');
    script.send(script.sending.seal('ALERT', Buffer.from(content)));
    expect((await error).code).toBe(code);
    expect(await script.lastWords()).toEqual([]);
  });

  it('takes DATA, KEY_UPDATE and CLOSE, and goes on in its own direction after that CLOSE', async () => {
    const { script, socket } = await bring(role, 'OPEN');
    const received: string[] = [];
    socket.on('data', (chunk) => void received.push(String(chunk)));
    const ended = once(socket, 'end');
    script.send(script.sending.seal('DATA', Buffer.from('a')), script.sending.seal('KEY_UPDATE'));
    script.sending.update();
    script.send(script.sending.seal('DATA', Buffer.from('b')), script.sending.seal('CLOSE'));
    await ended;
    expect(received.join('')).toBe('ab');
    socket.end('still here');
    expect((await script.readRecord()).content.toString()).toBe('still here');
    expect(await script.lastWords()).toEqual(['Record CLOSE']);
  });
});

it('a client drops four TICKETs unread, and refuses the fifth', async () => {
  const { script, error, socket } = await bring('client', 'OPEN');
  const data = once(socket, 'data');
  for (const length of [37, 548, 37, 548]) script.send(script.sending.seal(INNER.TICKET, Buffer.alloc(length, 1)));
  script.send(script.sending.seal('DATA', Buffer.from('x')));
  expect(String((await data)[0])).toBe('x');
  script.send(script.sending.seal('TICKET', Buffer.alloc(37, 1)));
  expect((await error).code).toBe('PQ_ERR_FLOOD');
  expect(await script.lastWords()).toEqual(['Record ALERT limit_exceeded']);
});
