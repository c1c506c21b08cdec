/** Alerts in clear that somebody makes up, at every place of a connection of two honest sides, over TCP (attack 17). */
import type { OperationCounts, PqSocket } from '../../lib/index.js';
import { ANSWER, AttackedPair, FLIGHT, type Outcome, spentBy, type Talk, WHOLE } from '../support/attacked-pair.js';
import { ALERTS, FRAMES, type FrameName, frame } from '../support/hardened-script.js';
import { type Attack, otherSide, type Side } from '../support/hostile-proxy.js';
import { identities } from '../support/pair.js';

/** All that there are, and two that are none. */
const CODES: readonly (readonly [code: number, alert: string | undefined])[] = [
  ...ALERTS.map((alert, i) => [i + 1, alert] as const),
  [0, undefined],
  [255, undefined],
];

/** Nobody ends, so that no end can be taken for an answer to an alert. */
const TALK: Talk = {
  client: (socket: PqSocket) => void socket.write('client'),
  server: (socket: PqSocket) => void socket.write('server'),
};

let pair: AttackedPair;
beforeAll(async () => {
  pair = await AttackedPair.listen(await identities());
});
afterAll(() => pair.close());

/** Where the alert goes: before or after the first frame of a type, or `back` to who has sent that one. */
type Where = 'before' | 'after' | 'back';

function injecting(at: FrameName, from: Side, where: Where, alert: Buffer): Attack {
  let done = false;
  return ({ type, to, bytes }, link) => {
    if (done || type !== FRAMES[at] || to === from) return undefined;
    done = true;
    if (where === 'back') link.send(from, alert);
    return { before: [alert, bytes], after: [bytes, alert], back: undefined }[where];
  };
}

const NOTHING = spentBy({});
const FLOWN = spentBy({ client: FLIGHT });
const ANSWERED = spentBy({ client: FLIGHT, server: ANSWER });
const ALL = spentBy({ client: WHOLE, server: ANSWER });

/**
 * What both sides have done at the end; who has got the other's data; and whether the one that gets the alert is in a
 * state where it must not come, which it then says in a record. Otherwise it is silent.
 */
type Row = [FrameName, Side, Where, spent: OperationCounts, got?: readonly Side[], refused?: 'refused'];

const ROWS: readonly Row[] = [
  ['ServerHello', 'server', 'before', NOTHING],
  ['ServerHello', 'server', 'after', ANSWERED],
  ['ServerHello', 'server', 'back', FLOWN],
  ['ClientHello', 'client', 'before', FLOWN],
  ['ClientHello', 'client', 'after', FLOWN],
  ['ClientHello', 'client', 'back', ANSWERED],
  ['ClientKem', 'client', 'before', FLOWN],
  ['ClientKem', 'client', 'after', FLOWN],
  ['ClientKem', 'client', 'back', ANSWERED],
  ['ClientAuth', 'client', 'before', FLOWN],
  ['ClientAuth', 'client', 'after', ALL],
  ['ClientAuth', 'client', 'back', ANSWERED],
  ['ServerKem', 'server', 'before', ANSWERED],
  ['ServerKem', 'server', 'after', ANSWERED],
  ['ServerKem', 'server', 'back', ALL],
  ['ServerAuth', 'server', 'before', ANSWERED],
  ['ServerAuth', 'server', 'after', ALL],
  ['ServerAuth', 'server', 'back', ALL],
  ['ServerFinished', 'server', 'before', ALL],
  ['ServerFinished', 'server', 'after', ALL, ['server']],
  ['ServerFinished', 'server', 'back', ALL],
  ['ClientFinished', 'client', 'before', ALL],
  ['ClientFinished', 'client', 'after', ALL, ['client'], 'refused'],
  ['ClientFinished', 'client', 'back', ALL, ['server']],
  ['Record', 'client', 'before', ALL, ['client'], 'refused'],
  ['Record', 'client', 'after', ALL, ['client', 'server'], 'refused'],
  ['Record', 'client', 'back', ALL, ['server']],
  ['Record', 'server', 'before', ALL, ['server']],
  ['Record', 'server', 'after', ALL, ['client', 'server'], 'refused'],
  ['Record', 'server', 'back', ALL, ['client', 'server'], 'refused'],
];

describe.each(ROWS)('at the %s of the %s: %s', (...[at, from, where, spent, got = [], refused]) => {
  const receiver = where === 'back' ? from : otherSide(from);
  const data = { client: got.includes('client') ? 'server' : '', server: got.includes('server') ? 'client' : '' };

  /** How both sides end. */
  function ends(alert: string | undefined): Pick<Outcome, Side> {
    const [hears, tells] = refused
      ? ['PQ_ERR_UNEXPECTED_MESSAGE', 'alert unexpected_message']
      : [alert === undefined ? 'PQ_ERR_DECODE' : `alert ${alert}`, 'PQ_ERR_TRUNCATED'];
    return { [receiver]: hears, [otherSide(receiver)]: tells } as Record<Side, string>;
  }

  it.each(CODES)(
    'code %i ends the connection, is not answered in clear, and nothing else is tried',
    async (...args) => {
      const [code, alert] = args;
      const attack = injecting(at, from, where, frame('Alert', Uint8Array.of(code)));
      expect(await pair.run({ attack }, {}, TALK)).toEqual({ ...ends(alert), got: data, alerts: [], spent });
    },
  );

  it('one of two bytes is refused on its header', async () => {
    const attack = injecting(at, from, where, frame('Alert', Uint8Array.of(6, 6)));
    const { client, server, got } = await pair.run({ attack }, {}, TALK);
    const code = refused ? 'PQ_ERR_UNEXPECTED_MESSAGE' : 'PQ_ERR_DECODE';
    expect({ client, server }[receiver]).toBe(code);
    expect(got).toEqual(data);
  });
});
