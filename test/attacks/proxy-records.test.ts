/** Records of two honest sides that somebody on the way leaves out, repeats, moves, sends back or changes, over TCP. */
import type { PqSocket } from '../../lib/index.js';
import { ANSWER, AttackedPair, NO_DATA, type Outcome, spentBy, type Talk, WHOLE } from '../support/attacked-pair.js';
import { FRAMES, type FrameName } from '../support/hardened-script.js';
import {
  type Attack,
  inPlaceOf,
  inPlaceOfRecords,
  type Link,
  otherSide,
  SIDES,
  type Side,
} from '../support/hostile-proxy.js';
import { identities } from '../support/pair.js';
import { EMPTY } from '../support/script-records.js';

/** Every third record is a KEY_UPDATE. */
const LIMITS = { keyRecords: 3 };
/** What the records of a sender hold: KEY_UPDATE and CLOSE hold no data. */
const RECORDS = ['a', 'b', '', 'c', 'd', '', 'e', ''];
const TEXTS = RECORDS.filter((text) => text !== '');
const CLOSE = RECORDS.length - 1;

let pair: AttackedPair;
/** The frames of a connection before. */
let recorded: Link['sent'];
beforeAll(async () => {
  pair = await AttackedPair.listen(await identities(), { limits: LIMITS });
  await pair.run({}, { limits: LIMITS });
  recorded = pair.link.sent;
});
afterAll(() => pair.close());

/** One side sends all, and ends if it should; the other ends when it has got the end. */
function talkOf(from: Side, end: boolean): Talk {
  const send = (socket: PqSocket) => {
    for (const text of TEXTS) socket.write(text);
    if (end) socket.end();
  };
  return { client: () => {}, server: () => {}, [from]: send };
}

function run(attack: Attack, from: Side, end = true): Promise<Outcome> {
  return pair.run({ attack }, { limits: LIMITS }, talkOf(from, end));
}

const SPENT = spentBy({ client: WHOLE, server: ANSWER });

/** Who refuses something after so many records, and what both sides say. */
function refusal(refuses: Side, records: number, code: string, alert: string): Outcome {
  const told = alert === '' ? 'PQ_ERR_TRUNCATED' : `alert ${alert}`;
  const ends = { [refuses]: code, [otherSide(refuses)]: told } as Record<Side, string>;
  const got = { ...NO_DATA, [refuses]: RECORDS.slice(0, records).join('') };
  return { ...ends, got, alerts: [], spent: SPENT };
}

describe.each(SIDES)('the records of an honest %s', (from) => {
  const to = otherSide(from);
  const refused = (records: number) =>
    records > CLOSE
      ? refusal(to, records, 'PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
      : refusal(to, records, 'PQ_ERR_BAD_RECORD', 'bad_record');

  it('arrive as they are, over two KEY_UPDATEs, if nobody does anything', async () => {
    const outcome = { client: 'end', server: 'end', got: { ...NO_DATA, [to]: 'abcde' }, alerts: [], spent: SPENT };
    expect(await run(() => undefined, from)).toEqual(outcome);
    const lengths = pair.link.sent[from].filter(([type]) => type === FRAMES.Record).map(({ length }) => length - 21);
    expect(lengths).toEqual(RECORDS.map(({ length }) => length));
  });

  it.each([...RECORDS.keys()])('without number %i are refused from there on (attack 19)', async (left) => {
    const outcome = await run(
      inPlaceOfRecords(to, (record, at) => (at === left ? [] : [record])),
      from,
    );
    const cut = { ...refusal(to, CLOSE, 'PQ_ERR_TRUNCATED', ''), [from]: 'PQ_ERR_TRUNCATED' };
    expect(outcome).toEqual(left === CLOSE ? cut : refused(left));
  });

  it.each([...RECORDS.keys()])('with number %i twice are refused at the second (attacks 19, 22, 24)', async (twice) => {
    const outcome = await run(
      inPlaceOfRecords(to, (record, at) => (at === twice ? [record, record] : [record])),
      from,
    );
    expect(outcome).toEqual(refused(twice + 1));
  });

  it.each([...RECORDS.keys()].slice(1))(
    'with number %i before the one before are refused there (attacks 19, 24)',
    async (second) => {
      const attack = inPlaceOfRecords(to, (record, at, all) => {
        if (at === second) return [record, all[at - 1] as Buffer];
        return at === second - 1 ? [] : [record];
      });
      expect(await run(attack, from)).toEqual(refused(second - 1));
    },
  );

  it.each([...RECORDS.keys()].slice(1))(
    'with any before number %i again behind it are refused there (attacks 19, 22, 24)',
    async (last) => {
      for (let old = 0; old < last; old += 1) {
        const attack = inPlaceOfRecords(to, (record, at, all) =>
          at === last ? [record, all[old] as Buffer] : [record],
        );
        expect([old, await run(attack, from)]).toEqual([old, refused(last + 1)]);
      }
    },
  );

  it('with one of another connection of the same two are refused there (attack 19)', async () => {
    const [old] = recorded[from].filter(([type]) => type === FRAMES.Record) as [Buffer];
    for (const place of [0, 3]) {
      const attack = inPlaceOfRecords(to, (record, at) => (at === place ? [old, record] : [record]));
      expect([place, await run(attack, from)]).toEqual([place, refused(place)]);
    }
  });

  it.each([...RECORDS.keys()].slice(0, CLOSE))(
    'end it when number %i comes back to who has sent it (attack 20)',
    async (back) => {
      const attack: Attack = (passing, link) => {
        const { type, to: receiver, bytes, index } = passing;
        if (type !== FRAMES.Record || receiver === from) return undefined;
        if (index - 4 === back) link.send(from, bytes);
        return undefined;
      };
      const outcome = await run(attack, from, false);
      const got = { ...NO_DATA, [to]: 'abcde' };
      expect(outcome).toEqual({ ...refusal(from, 0, 'PQ_ERR_BAD_RECORD', 'bad_record'), got });
    },
  );

  it.each([...Array(4).keys()])(
    'are followed by no frame of a handshake: number %i of either side (attack 22)',
    async (which) => {
      for (const side of SIDES) {
        const old = (link: Link) => link.sent[side][which] as Buffer;
        let records = 0;
        const attack: Attack = ({ type, to: receiver, bytes }, link) => {
          if (type !== FRAMES.Record || receiver === from) return undefined;
          records += 1;
          return records === 2 ? [bytes, old(link)] : undefined;
        };
        const outcome = await run(attack, from, false);
        expect(outcome).toEqual(refusal(to, 2, 'PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message'));
      }
    },
  );
});

it('both sides refuse their own records in the places of the other’s (attack 20)', async () => {
  const attack: Attack = ({ type, to, bytes }, link) => {
    if (type !== FRAMES.Record) return undefined;
    link.send(otherSide(to), bytes);
    return [];
  };
  const write = (socket: PqSocket) => void socket.write('a');
  const outcome = await pair.run({ attack }, {}, { client: write, server: write });
  const ends = { client: 'PQ_ERR_BAD_RECORD', server: 'PQ_ERR_BAD_RECORD' };
  expect(outcome).toEqual({ ...ends, got: NO_DATA, alerts: [], spent: SPENT });
});

describe('a record before its time (attack 22)', () => {
  it('overtakes ClientFinished, and is refused', async () => {
    let finished: Buffer = EMPTY;
    const attack: Attack = ({ type, to, bytes }) => {
      if (type === FRAMES.ClientFinished) {
        finished = bytes;
        return [];
      }
      return type === FRAMES.Record && to === 'server' ? [bytes, finished] : undefined;
    };
    const ends = { client: 'alert unexpected_message', server: 'PQ_ERR_UNEXPECTED_MESSAGE' };
    const alerts = ['server: unexpected_message'];
    expect(await run(attack, 'client', false)).toEqual({ ...ends, alerts, got: NO_DATA, spent: SPENT });
  });

  it.each<[FrameName, Side]>([
    ['ServerHello', 'client'],
    ['ClientHello', 'server'],
    ['ClientKem', 'server'],
    ['ClientAuth', 'server'],
    ['ServerKem', 'client'],
    ['ServerAuth', 'client'],
    ['ServerFinished', 'client'],
    ['ClientFinished', 'server'],
  ])('of another connection is refused in the place of %s', async (name, to) => {
    const [old] = recorded[otherSide(to)].filter(([type]) => type === FRAMES.Record) as [Buffer];
    const silent = name.endsWith('Hello');
    const told = silent ? 'PQ_ERR_TRUNCATED' : 'alert unexpected_message';
    const ends = { [to]: 'PQ_ERR_UNEXPECTED_MESSAGE', [otherSide(to)]: told };
    const alerts = silent ? [] : [`${to}: unexpected_message`];
    expect(
      await run(
        inPlaceOf(name, () => [old]),
        'client',
      ),
    ).toMatchObject({ ...ends, alerts, got: NO_DATA });
  });
});
