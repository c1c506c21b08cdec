/** A REKEY of two honest sides whose records somebody leaves out, repeats, moves or holds back, over TCP (attack 25). */
import type { PqSocket } from '../../lib/index.js';
import { ANSWER, AttackedPair, NO_DATA, type Outcome, spentBy, type Talk, WHOLE } from '../support/attacked-pair.js';
import { FRAMES } from '../support/hardened-script.js';
import { type Attack, inPlaceOfRecords, type Link, otherSide, type Side } from '../support/hostile-proxy.js';
import { type Identities, identities } from '../support/pair.js';

/** A client asks with the first data that it sends a millisecond after the last time; a server answers once in 10 s. */
const CLIENT = { limits: { rekeyInterval: 1 }, allowHalfOpen: true };
/** Of a body: what holds a kem_pk or kem_ct; what is empty. */
const [ASKS, IS_EMPTY] = [1568 + 17, 17];

let both: Identities;
let pair: AttackedPair;
beforeAll(async () => {
  both = await identities();
  pair = await AttackedPair.listen(both, { allowHalfOpen: true });
});
afterAll(() => pair.close());

function aged(action: () => void): void {
  const from = performance.now();
  while (performance.now() - from < 2); // what comes now asks for a REKEY
  action();
}

/** Calls these when that much has come, one after the other. */
function hearing(socket: PqSocket, ...acts: readonly (readonly [heard: string, act: () => void])[]): void {
  let heard = '';
  const left = [...acts];
  socket.on('data', (data) => {
    heard += data;
    while (left[0] !== undefined && heard.startsWith(left[0][0])) left.shift()?.[1]();
  });
}

/** To the server INIT, a, DONE, b, c, CLOSE; to the client RESP, A, B, C, CLOSE; an INIT that comes too soon may follow. */
const TALK: Talk = {
  client: (socket) => {
    const answer = () => {
      socket.write('b');
      socket.write('c');
    };
    hearing(socket, ['AB', answer], ['ABC', () => socket.end()]);
    socket.on('secureConnect', () => aged(() => socket.write('a')));
  },
  server: (socket) => {
    const answer = () => {
      socket.write('A');
      socket.write('B');
    };
    hearing(socket, ['a', answer], ['abc', () => socket.write('C')]);
    socket.on('end', () => socket.end());
  },
};

const run = (attack: Attack, talk = TALK) => pair.run({ attack }, CLIENT, talk);

const recordsOf = (link: Link, side: Side) => link.sent[side].filter(([type]) => type === FRAMES.Record);
const lengthsOf = (side: Side) => recordsOf(pair.link, side).map(({ length }) => length - 4);

const HANDSHAKE = spentBy({ client: WHOLE, server: ANSWER });
const WITH_REKEY = { ...HANDSHAKE, keypair: 2, encapsulate: 2, decapsulate: 2 };

type Change = Parameters<typeof inPlaceOfRecords>[1];

const without =
  (left: number): Change =>
  (record, at) =>
    at === left ? [] : [record];
const twice =
  (again: number): Change =>
  (record, at) =>
    at === again ? [record, record] : [record];
const exchanged =
  (first: number): Change =>
  (record, at, all) => {
    if (at === first) return [];
    return at === first + 1 ? [record, all[first] as Buffer] : [record];
  };
const replayed =
  (old: number, after: number): Change =>
  (record, at, all) =>
    at === after ? [record, all[old] as Buffer] : [record];

it('two honest sides have new keys, and lose nothing', async () => {
  const outcome = await run(() => undefined);
  expect(outcome).toMatchObject({ client: 'end', server: 'end', got: ALL_DATA, alerts: [] });
  expect(outcome.spent).toMatchObject({ sign: 2, verify: 2, encapsulate: 2, decapsulate: 2 });
  expect(lengthsOf('client').slice(0, 3)).toEqual([ASKS, 18, IS_EMPTY]);
  expect(lengthsOf('server')).toEqual([ASKS, 18, 18, 18, IS_EMPTY]);
});

const ALL_DATA = { client: 'ABC', server: 'abc' };

/** What who refuses has got before, and how far the REKEY came. */
type Row = [what: string, Change, got: Outcome['got'], rekeyed?: 'answered' | 'asked'];

function expectRefusal(outcome: Outcome, by: Side, got: Outcome['got'], rekeyed?: Row[3]): void {
  const ends = { [by]: 'PQ_ERR_BAD_RECORD', [otherSide(by)]: 'alert bad_record' };
  expect(outcome).toMatchObject({ ...ends, got: { [by]: got[by] }, alerts: [] });
  const other = otherSide(by); // its data may have been under way already, and is right
  expect(ALL_DATA[other].startsWith(outcome.got[other])).toBe(true);
  const { sign, verify, encapsulate, decapsulate } = outcome.spent;
  const used = rekeyed === undefined ? [2, 2] : rekeyed === 'answered' ? [2, 1] : [1, 1];
  expect([sign, verify, encapsulate, decapsulate]).toEqual([2, 2, ...used]);
}

const HEARD_A = { client: 'AB', server: 'a' };
const SAID_A = { client: '', server: 'a' };

describe('a server refuses a client’s records', () => {
  it.each<Row>([
    ['without INIT', without(0), NO_DATA, 'asked'],
    ['without the data behind INIT', without(1), NO_DATA],
    ['without DONE', without(2), HEARD_A],
    ['without what comes behind DONE', without(3), HEARD_A],
    ['with INIT twice', twice(0), NO_DATA],
    ['with the data behind INIT twice', twice(1), HEARD_A],
    ['with DONE twice', twice(2), HEARD_A],
    ['with data before INIT', exchanged(0), NO_DATA, 'asked'],
    ['with DONE before the data behind INIT', exchanged(1), NO_DATA],
    ['with data before DONE', exchanged(2), HEARD_A],
    ['with INIT again behind DONE', replayed(0, 2), HEARD_A],
    ['with data under the old key behind DONE', replayed(1, 2), HEARD_A],
    ['with both of these', (record, at, all) => (at === 2 ? [record, ...all.slice(0, 2)] : [record]), HEARD_A],
  ])('%s', async (...[, change, got, rekeyed]) => {
    expectRefusal(await run(inPlaceOfRecords('server', change)), 'server', got, rekeyed);
  });
});

describe('a client refuses a server’s records', () => {
  it.each<Row>([
    ['without RESP', without(0), SAID_A, 'answered'],
    ['without the data behind RESP', without(1), SAID_A],
    ['with RESP twice', twice(0), SAID_A],
    ['with the data behind RESP twice', twice(1), { client: 'A', server: 'a' }],
    ['with data before RESP', exchanged(0), SAID_A, 'answered'],
    ['with data in another order behind RESP', exchanged(1), SAID_A],
    ['with RESP again behind data', replayed(0, 2), HEARD_A],
  ])('%s', async (...[, change, got, rekeyed]) => {
    expectRefusal(await run(inPlaceOfRecords('client', change)), 'client', got, rekeyed);
  });

  it('when its own INIT comes back in the place of RESP', async () => {
    const attack = inPlaceOfRecords('client', (record, at) => [
      at === 0 ? (recordsOf(pair.link, 'client')[0] as Buffer) : record,
    ]);
    expectRefusal(await run(attack), 'client', SAID_A, 'answered');
  });
});

it('of an INIT or RESP with a byte changed in its first, middle or last part nothing is used', async () => {
  for (const to of ['server', 'client'] as const) {
    for (const place of [0, 1, 3, 4, 5, 800, 1571, 1572, 1580, 1588]) {
      const attack = inPlaceOfRecords(to, (record, at) => {
        if (at === 0) record.writeUInt8(record.readUInt8(place) ^ 1, place);
        return [record];
      });
      const { got, spent, ...ends } = await run(attack);
      expect(ends[to]).toMatch(/^PQ_ERR_(BAD_RECORD|UNEXPECTED_MESSAGE|DECODE)$/);
      expect([place, got.client, spent.decapsulate]).toEqual([place, '', 1]);
    }
  }
});

describe('held back until it has crossed a CLOSE, nothing is lost, and nobody is stuck', () => {
  /** Holds what a side sends from one of its records on until the other side has sent so many. */
  function holding(from: Side, first: number, until: number): Attack {
    const held: Buffer[] = [];
    let [own, others, released] = [0, 0, false];
    return ({ type, to, bytes }, link) => {
      if (type !== FRAMES.Record) return undefined;
      if (to === from) {
        others += 1;
        if (others !== until) return undefined;
        released = true;
        link.send(otherSide(from), ...held);
        return undefined;
      }
      own += 1;
      if (released || own <= first) return undefined;
      held.push(bytes);
      return [];
    };
  }

  const DONE_TALK: Talk = {
    client: (socket) => {
      socket.on('secureConnect', () => aged(() => socket.write('a'))).on('end', () => socket.end('b'));
    },
    server: (socket) => hearing(socket, ['a', () => socket.end('A')]),
  };

  it('INIT, by a server that has sent CLOSE: it drops it', async () => {
    const talk: Talk = { client: DONE_TALK.client, server: (socket) => socket.end('A') };
    const outcome = await run(holding('client', 0, 2), talk);
    expect(outcome).toMatchObject({ client: 'end', server: 'end', got: { client: 'A', server: 'ab' }, alerts: [] });
    expect(outcome.spent).toEqual({ ...HANDSHAKE, keypair: 2 });
    expect(lengthsOf('client')).toEqual([ASKS, 18, 18, IS_EMPTY]);
    expect(lengthsOf('server')).toEqual([18, IS_EMPTY]);
  });

  it('RESP, by a client that has sent CLOSE: it takes it, and sends no DONE', async () => {
    const talk: Talk = {
      client: (socket) => void socket.on('secureConnect', () => aged(() => socket.end('a'))),
      server: (socket) => void socket.on('end', () => socket.end('A')),
    };
    const outcome = await run(holding('server', 0, 3), talk);
    const got = { client: 'A', server: 'a' };
    expect(outcome).toEqual({ client: 'end', server: 'end', got, alerts: [], spent: WITH_REKEY });
    expect(lengthsOf('client')).toEqual([ASKS, 18, IS_EMPTY]);
    expect(lengthsOf('server')).toEqual([ASKS, 18, IS_EMPTY]);
  });

  it('DONE, by a server that has sent CLOSE: it takes it, and what comes under the new key', async () => {
    const outcome = await run(holding('client', 2, 3), DONE_TALK);
    const got = { client: 'A', server: 'ab' };
    expect(outcome).toEqual({ client: 'end', server: 'end', got, alerts: [], spent: WITH_REKEY });
    expect(lengthsOf('client')).toEqual([ASKS, 18, IS_EMPTY, 18, IS_EMPTY]);
    expect(lengthsOf('server')).toEqual([ASKS, 18, IS_EMPTY]);
  });
});
