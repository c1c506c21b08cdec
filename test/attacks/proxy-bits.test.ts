/** Every bit of a record of two honest sides, changed on the way, over TCP (attack 21). */
import type { PqSocket } from '../../lib/index.js';
import { AttackedPair, NO_DATA, type Outcome } from '../support/attacked-pair.js';
import { FRAMES } from '../support/hardened-script.js';
import { type Attack, otherSide, SIDES, type Side } from '../support/hostile-proxy.js';
import { identities } from '../support/pair.js';
import { EMPTY } from '../support/script-records.js';

const HEADER_BITS = 32;
const OPTIONS = { suites: ['mlkem1024-mldsa87'] } as const;

let pair: AttackedPair;
beforeAll(async () => {
  pair = await AttackedPair.listen(await identities('ML-DSA-87'), OPTIONS);
});
afterAll(() => pair.close());

/** A connection in which one bit of one record of a side is another. */
async function withBit(from: Side, record: number, bit: number): Promise<Outcome> {
  const filler = bit < HEADER_BITS ? Buffer.alloc(65_553) : EMPTY; // for those whose length has grown
  let seen = 0;
  const attack: Attack = ({ type, to, bytes }) => {
    if (type !== FRAMES.Record || to === from) return undefined;
    seen += 1;
    if (seen - 1 !== record) return undefined;
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return [bytes, filler];
  };
  const send = (socket: PqSocket) => socket.end('abc');
  return pair.run({ attack }, OPTIONS, { client: () => {}, server: () => {}, [from]: send });
}

/** A type that there is none of; a length that no record has, or another one than was sealed. */
function refusalOf(bit: number): readonly (readonly [code: string, alert: string])[] {
  const bad = ['PQ_ERR_BAD_RECORD', 'alert bad_record'] as const;
  if (bit < 8) return [['PQ_ERR_UNEXPECTED_MESSAGE', 'alert unexpected_message']];
  return bit < HEADER_BITS ? [['PQ_ERR_DECODE', 'alert decode_error'], bad] : [bad];
}

const PARTS: readonly (readonly [what: string, from: number, to: number])[] = [
  ['header', 0, 4],
  ['ciphertext', 4, -16],
  ['tag', -16, 0],
];

describe.each(SIDES)('from a %s', (from) => {
  describe.each([
    ['DATA of three bytes', 0, 4 + 3 + 1 + 16, ''],
    ['CLOSE', 1, 4 + 1 + 16, 'abc'],
  ])('%s', (...[, record, length, before]) => {
    it.each(PARTS)(
      'with any one bit of its %s changed is refused, and gives out nothing and no end',
      async (...part) => {
        const to = otherSide(from);
        const [first, end] = [(part[1] + length) % length, ((part[2] + length - 1) % length) + 1];
        for (let bit = 8 * first; bit < 8 * end; bit += 1) {
          const outcome = await withBit(from, record, bit);
          expect([bit, outcome.got]).toEqual([bit, { ...NO_DATA, [to]: before }]);
          expect(refusalOf(bit)).toContainEqual([outcome[to], outcome[from]]);
        }
      },
    );
  });
});
