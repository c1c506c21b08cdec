/** Connections of two honest sides that somebody cuts off at any byte, or delivers in pieces of any size, over TCP. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { connect } from '../../lib/index.js';
import { fateOf } from '../net/fate.js';
import { ANSWER, AttackedPair, NO_DATA, type Outcome, spentBy, WHOLE } from '../support/attacked-pair.js';
import { FRAMES } from '../support/hardened-script.js';
import { otherSide, SIDES, type Side } from '../support/hostile-proxy.js';
import { type Identities, identities } from '../support/pair.js';
import { spentDuring } from '../support/script-pair.js';

/** How many connections are under way at a time. */
const LANES = 16;
/** The server's first message, the client's three, and the server's up to its MAC, in the suite 1. */
const [OFFER_LENGTH, FLIGHT_LENGTH, ANSWER_LENGTH] = [2643, 8807, 8815];
/** A step through the bodies of handshake frames, of which every byte is the same to who waits for the whole frame. */
const STEP = 61;

let both: Identities;
let pair: AttackedPair;
/** The frames that each side gets in a whole connection. */
let frames: Record<Side, readonly Buffer[]>;
beforeAll(async () => {
  both = await identities();
  pair = await AttackedPair.listen(both);
  await pair.run({});
  frames = { client: pair.link.sent.server, server: pair.link.sent.client };
});
afterAll(() => pair.close());

/** The bytes up to the frame of a number, which for those that are not there are all. */
const upTo = (to: Side, frame: number): Buffer => Buffer.concat(frames[to].slice(0, frame));

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** So many numbers from 0 on, in parts: the first of each, and the one behind its last. */
function partsOf(count: number, size = 1000): [from: number, to: number][] {
  return range(0, Math.ceil(count / size)).map((i) => [i * size, Math.min((i + 1) * size, count)]);
}

/** Does something for each number, some of them at a time. */
async function forEach(numbers: readonly number[], act: (number: number) => Promise<void>): Promise<void> {
  const left = [...numbers];
  const lane = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await act(next);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

describe('a whole connection', () => {
  it.each([1, 2, 3, 4, 5, 7, 21, 63, 1000, 4600])('is no other in segments of %i bytes, both ways', async (segment) => {
    const got = { client: 'server', server: 'client' };
    const spent = spentBy({ client: WHOLE, server: ANSWER });
    expect(await pair.run({ segment })).toEqual({ client: 'end', server: 'end', got, alerts: [], spent });
  });
});

// Until the peer's signature is there, nothing that a side gets is looked at but its form: a recording of an honest peer
// is as good as the peer, and needs no lattice operation at every byte.

it.each(partsOf(FLIGHT_LENGTH))(
  'a server takes the end of its client behind %i to %i bytes for truncation, and is silent',
  async (...part) => {
    const flight = upTo('server', 3);
    expect(flight.length).toBe(FLIGHT_LENGTH);
    const refusals: (string | undefined)[] = [];
    const refused = (error: Error & { code?: string }) => void refusals.push(error.code);
    pair.server.server.on('clientError', refused);
    const spent = await spentDuring(() =>
      forEach(range(...part), async (length) => {
        const socket = connectTcp({ port: pair.server.port, host: '127.0.0.1', allowHalfOpen: true });
        socket.on('error', () => {}).end(flight.subarray(0, length));
        let heard = 0;
        for await (const chunk of socket) heard += (chunk as Buffer).length;
        expect([length, heard]).toEqual([length, OFFER_LENGTH]);
      }),
    );
    pair.server.server.off('clientError', refused);
    expect(refusals).toEqual(range(...part).map(() => 'PQ_ERR_TRUNCATED'));
    expect(spent).toEqual(spentBy({}));
  },
);

it.each(partsOf(ANSWER_LENGTH))(
  'a client takes the end of its server behind %i to %i bytes for truncation, and is silent',
  async (...part) => {
    const answer = upTo('client', 3);
    expect([answer.length, upTo('client', 1).length]).toEqual([ANSWER_LENGTH, OFFER_LENGTH]);
    const lengths = range(...part);
    let [heard, accepted] = [0, 0];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const length = lengths[accepted++] as number;
      if (length < OFFER_LENGTH) socket.end(answer.subarray(0, length));
      else socket.write(answer.subarray(0, OFFER_LENGTH));
      socket
        .on('error', () => {})
        .on('data', (chunk) => {
          heard += chunk.length;
          if (socket.writable) socket.end(answer.subarray(OFFER_LENGTH, length));
        });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const spent = await spentDuring(() =>
      forEach(lengths, async () => {
        const trust = both.server.fingerprint;
        const { events, error } = await fateOf(connect({ host: '127.0.0.1', port, identity: both.client, trust }));
        expect([events, error?.code]).toEqual([['error', 'close'], 'PQ_ERR_TRUNCATED']);
      }),
    );
    const closed = once(server, 'close');
    server.close();
    await closed; // it has heard all
    const flights = lengths.filter((length) => length >= OFFER_LENGTH).length;
    expect(heard).toBe(flights * FLIGHT_LENGTH);
    expect(spent).toEqual(spentBy({ client: { keypair: flights, sign: flights } }));
  },
);

describe.each(SIDES)('what goes to a %s', (to) => {
  const other = otherSide(to);
  const TEXT = { client: 'server', server: 'client' };

  /** What a side gets in the first so many bytes. */
  function gets(length: number): Outcome['got'] {
    return { ...NO_DATA, [to]: length >= upTo(to, 5).length ? TEXT[to] : '' };
  }

  /** Of all bytes of MAC and records; of the rest each header, and a byte here and there. */
  function places(): number[] {
    const first = upTo(to, 3).length;
    const headers = range(0, 4).flatMap((frame) => range(0, 6).map((i) => upTo(to, frame).length + i));
    const rest = range(0, first).filter((place) => place % STEP === 0);
    return [...new Set([...headers, ...rest, ...range(first, upTo(to, 6).length)])];
  }

  it('and ends before its CLOSE is truncated, and never an end', async () => {
    for (const after of places()) {
      const outcome = await pair.run({ cut: { to, after, how: 'fin' } });
      const isOpen = after >= upTo(to, 4).length; // and has said all that it has to say
      const ends = { [to]: 'PQ_ERR_TRUNCATED', [other]: isOpen ? 'end' : 'PQ_ERR_TRUNCATED' };
      const got = { ...gets(after), [other]: isOpen ? TEXT[other] : '' };
      expect([after, outcome]).toMatchObject([after, { ...ends, got, alerts: [] }]);
    }
  });

  it('and is reset before its CLOSE is an error, and never an end', async () => {
    for (const after of places()) {
      const outcome = await pair.run({ cut: { to, after, how: 'reset' } });
      expect([after, outcome[to]]).toEqual([after, expect.stringMatching(/^(ECONNRESET|EPIPE|PQ_ERR_TRUNCATED)$/)]);
      expect(gets(after)[to].startsWith(outcome.got[to])).toBe(true);
      expect([after, outcome.alerts]).toEqual([after, []]);
    }
  });

  it('and ends behind its CLOSE is complete', async () => {
    const after = upTo(to, 6).length;
    const outcome = await pair.run({ cut: { to, after, how: 'fin' } });
    expect(outcome).toMatchObject({ client: 'end', server: 'end', got: TEXT, alerts: [] });
    expect(frames[to].map(([type]) => type).slice(4)).toEqual([FRAMES.Record, FRAMES.Record]);
  });
});
