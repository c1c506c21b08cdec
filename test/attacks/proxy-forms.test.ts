/** Frames of the handshake whose type, length or any bit was changed on the way between two honest sides, over TCP. */
import type { OperationCounts } from '../../lib/index.js';
import { ANSWER, AttackedPair, FLIGHT, NO_DATA, type Outcome, spentBy, WHOLE } from '../support/attacked-pair.js';
import { FRAMES, type FrameName, frame } from '../support/hardened-script.js';
import { inPlaceOf, otherSide, type Side } from '../support/hostile-proxy.js';
import { identities } from '../support/pair.js';
import { EMPTY, headerOf } from '../support/script-records.js';

let pair: AttackedPair;
beforeAll(async () => {
  pair = await AttackedPair.listen(await identities());
});
afterAll(() => pair.close());

interface Place {
  readonly name: FrameName;
  readonly to: Side;
  /** What both sides have done when the frame is refused on its header. */
  readonly spent: OperationCounts;
}

const FLOWN = spentBy({ client: FLIGHT });
const ANSWERED = spentBy({ client: FLIGHT, server: ANSWER });
const CHECKED = spentBy({ client: WHOLE, server: ANSWER });

const PLACES: readonly Place[] = [
  { name: 'ServerHello', to: 'client', spent: spentBy({}) },
  { name: 'ClientHello', to: 'server', spent: FLOWN },
  { name: 'ClientKem', to: 'server', spent: FLOWN },
  { name: 'ClientAuth', to: 'server', spent: FLOWN },
  { name: 'ServerKem', to: 'client', spent: ANSWERED },
  { name: 'ServerAuth', to: 'client', spent: ANSWERED },
  { name: 'ServerFinished', to: 'client', spent: CHECKED },
  { name: 'ClientFinished', to: 'server', spent: CHECKED },
];

/** The receiver refuses: the sender is told, or sees the end. */
function refusal(to: Side, code: string, alert: string | undefined, spent: OperationCounts): Outcome {
  const heard = alert === undefined ? 'PQ_ERR_TRUNCATED' : `alert ${alert}`;
  const ends = { [to]: code, [otherSide(to)]: heard } as Record<Side, string>;
  return { ...ends, alerts: alert === undefined ? [] : [`${to}: ${alert}`], got: NO_DATA, spent };
}

describe.each(PLACES)('a $name (attack 16)', ({ name, to, spent }) => {
  const isHello = name === 'ServerHello' || name === 'ClientHello';
  const told = (alert: string) => (isHello ? undefined : alert);

  it('is refused under every other type', async () => {
    const right = FRAMES[name];
    const types = [...Object.values(FRAMES), 0x00, 0x09, 0x0b, 0x0f, 0x11, 0x7f, 0x80, 0xff];
    for (const type of types.filter((each) => each !== right)) {
      const attack = inPlaceOf(name, (bytes) => [frame(type, bytes.subarray(4))]);
      const [code, alert] =
        type === FRAMES.Alert
          ? ['PQ_ERR_DECODE', 'decode_error'] // it has another length
          : ['PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message'];
      expect([type, await pair.run({ attack })]).toEqual([type, refusal(to, code, told(alert), spent)]);
    }
  });

  it.each<[string, (body: Buffer) => Buffer[]]>([
    ['empty', () => []],
    ['a byte short', (body) => [body.subarray(1)]],
    ['a byte short at its end', (body) => [body.subarray(0, -1)]],
    ['a byte long', (body) => [body, Buffer.alloc(1)]],
    ['a byte long at its start', (body) => [Buffer.alloc(1), body]],
    ['twice as long', (body) => [body, body]],
  ])('that is %s is refused', async (what, change) => {
    const attack = inPlaceOf(name, (bytes) => [frame(name, Buffer.concat(change(bytes.subarray(4))))]);
    const onHeader = what === 'empty' || what === 'twice as long';
    const alert = name === 'ClientHello' && !onHeader ? 'decode_error' : told('decode_error');
    expect(await pair.run({ attack })).toEqual(refusal(to, 'PQ_ERR_DECODE', alert, spent));
  });

  it('is refused on a header that announces 2^24 − 1 bytes, which never come', async () => {
    const attack = inPlaceOf(name, () => [headerOf(FRAMES[name], 0xffffff)]);
    expect(await pair.run({ attack })).toEqual(refusal(to, 'PQ_ERR_DECODE', told('decode_error'), spent));
  });

  it('that is left out, or comes twice, ends the handshake', async () => {
    const leaveOut = inPlaceOf(name, (_, link) => {
      link.cut('fin', to);
      return [];
    });
    const left = await pair.run({ attack: leaveOut });
    expect(left).toMatchObject({ [to]: 'PQ_ERR_TRUNCATED', got: NO_DATA, alerts: [] });
    const twice = await pair.run({ attack: inPlaceOf(name, (bytes) => [bytes, bytes]) });
    expect(twice[to]).toBe('PQ_ERR_UNEXPECTED_MESSAGE');
    expect(twice.got[to]).toBe('');
  });

  it('with any one bit of its header changed, or one in each 61 bytes of its body, ends the handshake on both sides', async () => {
    const length = 4 + lengthOf(name);
    const bodyBits = Array.from({ length: Math.ceil(length / 61) }, (_, i) => 8 * (4 + 61 * i) + (i & 7));
    const bits = [...Array(32).keys(), ...bodyBits.filter((bit) => bit < 8 * length), 8 * length - 1];
    for (const bit of bits) {
      const filler = bit < 32 ? Buffer.alloc(16_384) : EMPTY; // a longer frame would wait for its end
      const attack = inPlaceOf(name, (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        return [bytes, filler];
      });
      const { client, server, got } = await pair.run({ attack });
      const [refused, heard] = REFUSAL.test(client) ? [client, server] : [server, client];
      const expected = [bit, expect.stringMatching(REFUSAL), expect.stringMatching(HEARD), NO_DATA];
      expect([bit, refused, heard, got]).toEqual(expected);
    }
  });
});

const REFUSAL = /^PQ_ERR_(UNEXPECTED_MESSAGE|DECODE|AUTH_FAILED|UNTRUSTED|NO_COMMON_SUITE|NO_COMMON_VERSION|TICKET)$/;
const HEARD = /^(PQ_ERR_TRUNCATED|alert .*)$/;

/** Of the bodies, in the suite 1. */
function lengthOf(name: FrameName): number {
  const lengths: Partial<Record<FrameName, number>> = { ServerHello: 2639, ClientHello: 2632, ClientAuth: 4595 };
  if (name.endsWith('Finished')) return 64;
  return lengths[name] ?? (name === 'ServerAuth' ? 4596 : 1568);
}
