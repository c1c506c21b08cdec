/** The server's answer and the MACs of both sides, changed on their way between two honest sides, over TCP. */
import { SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import { ANSWER, AttackedPair, FLIGHT, NO_DATA, namesOf, spentBy, WHOLE } from '../support/attacked-pair.js';
import { FRAMES, type FrameName, frame } from '../support/hardened-script.js';
import { type Attack, inPlaceOf, type Link } from '../support/hostile-proxy.js';
import { identities } from '../support/pair.js';

const FLIGHT_NAMES = ['ClientHello', 'ClientKem', 'ClientAuth'];

/** A frame with one bit changed in its body. */
function flipped(whole: Buffer, bit: number): Buffer {
  const changed = Buffer.from(whole);
  const at = 4 + (bit >> 3);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit & 7)), at);
  return changed;
}

describe.each(Object.keys(SUITES) as SuiteName[])('in the suite %s', (name) => {
  const options = { suites: [name] } as const;
  let pair: AttackedPair;
  /** What a whole connection before was made of. */
  let recorded: Link['sent'];
  beforeAll(async () => {
    pair = await AttackedPair.listen(await identities(SUITES[name].sig), options);
    expect(await pair.run({}, options)).toMatchObject({ client: 'end', server: 'end' });
    recorded = pair.link.sent;
  });
  afterAll(() => pair.close());

  const recordedFrame = (type: FrameName): Buffer => {
    return [...recorded.client, ...recorded.server].find((bytes) => bytes[0] === FRAMES[type]) as Buffer;
  };

  /** Each way to spoil a MAC, the other side's being there or from the connection before. */
  const MACS: [string, (right: Buffer, link: Link) => Buffer][] = [
    ['zero', () => Buffer.alloc(64)],
    ['that of the connection before', (right) => recordedFrame(nameOf(right)).subarray(4)],
    ['the other side’s', (right, { sent }) => other(right, sent)],
    ['zero after 32 bytes', (right) => Buffer.concat([right.subarray(4, 36), Buffer.alloc(32)])],
    ['changed in its first bit', (right) => flipped(right, 7).subarray(4)],
    ['changed in its last bit', (right) => flipped(right, 8 * 63).subarray(4)],
  ];
  const nameOf = (right: Buffer) => (right[0] === FRAMES.ServerFinished ? 'ServerFinished' : 'ClientFinished');
  /** The client's comes after the server's: the server's can only be exchanged for an old one. */
  const other = (right: Buffer, { server }: Link['sent']) =>
    right[0] === FRAMES.ServerFinished
      ? recordedFrame('ClientFinished').subarray(4)
      : (server[3] as Buffer).subarray(4);

  it.each(MACS)('a client confirms nothing when mac_s is %s (attack 6)', async (_, spoil) => {
    const attack = inPlaceOf('ServerFinished', (right, link) => [frame('ServerFinished', spoil(right, link))]);
    expect(await pair.run({ attack }, options)).toEqual({
      client: 'PQ_ERR_AUTH_FAILED',
      server: 'alert auth_failed',
      alerts: ['client: auth_failed'],
      got: NO_DATA,
      spent: spentBy({ client: WHOLE, server: ANSWER }),
    });
    expect(namesOf(pair.link.sent.client)).toEqual([...FLIGHT_NAMES, 'Alert']);
  });

  it.each(MACS)('a server takes no data and sends none when mac_c is %s (attack 6)', async (_, spoil) => {
    const attack = inPlaceOf('ClientFinished', (right, link) => [frame('ClientFinished', spoil(right, link))]);
    expect(await pair.run({ attack }, options)).toEqual({
      client: 'alert auth_failed',
      server: 'PQ_ERR_AUTH_FAILED',
      alerts: ['server: auth_failed'],
      got: NO_DATA,
      spent: spentBy({ client: WHOLE, server: ANSWER }),
    });
    const said = ['ServerHello', 'ServerKem', 'ServerAuth', 'ServerFinished', 'Alert'];
    expect(namesOf(pair.link.sent.server)).toEqual(said);
  });

  it.each(['ServerFinished', 'ClientFinished'] as const)(
    'a %s that is cut short is refused (attack 6)',
    async (type) => {
      const [refuses, hears] =
        type === 'ServerFinished' ? (['client', 'server'] as const) : (['server', 'client'] as const);
      for (const length of [0, 32, 63]) {
        const attack = inPlaceOf(type, (right) => [frame(type, right.subarray(4, 4 + length))]);
        expect(await pair.run({ attack }, options)).toEqual({
          [refuses]: 'PQ_ERR_DECODE',
          [hears]: 'alert decode_error',
          alerts: [`${refuses}: decode_error`],
          got: NO_DATA,
          spent: spentBy({ client: WHOLE, server: ANSWER }),
        });
      }
    },
  );

  it('a client’s refusal is the same whatever was changed of the answer, and no secret is computed for kem_ct (attack 7)', async () => {
    const kemBits = Array.from({ length: 16 }, (_, i) => i * 98 * 8 + (i & 7));
    const lastBit = 8 * (recorded.server[1] as Buffer).length - 33;
    const answers: [string, Attack][] = [
      ...[...kemBits, lastBit].map((bit): [string, Attack] => [
        `bit ${bit} of kem_ct`,
        inPlaceOf('ServerKem', (right) => [flipped(right, bit)]),
      ]),
      ['kem_ct of another connection', inPlaceOf('ServerKem', () => [recordedFrame('ServerKem')])],
      ['kem_ct of zeros', inPlaceOf('ServerKem', (right) => [frame('ServerKem', Buffer.alloc(right.length - 4))])],
      ['kem_pk as kem_ct', inPlaceOf('ServerKem', (_, { sent }) => [frame('ServerKem', kemPkOf(sent))])],
      ['the signature', inPlaceOf('ServerAuth', (right) => [flipped(right, 8 * 1000)])],
      ['the MAC', inPlaceOf('ServerFinished', (right) => [flipped(right, 0)])],
    ];
    const refused = { client: 'PQ_ERR_AUTH_FAILED', server: 'alert auth_failed', alerts: ['client: auth_failed'] };
    const verified = spentBy({ client: { ...FLIGHT, verify: 1 }, server: ANSWER });
    for (const [what, attack] of answers) {
      const spent = what === 'the MAC' ? spentBy({ client: WHOLE, server: ANSWER }) : verified;
      expect([what, await pair.run({ attack }, options)]).toEqual([what, { ...refused, got: NO_DATA, spent }]);
      expect([what, ...namesOf(pair.link.sent.client)]).toEqual([what, ...FLIGHT_NAMES, 'Alert']);
      expect(pair.link.sent.client.at(-1)).toEqual(Buffer.from([FRAMES.Alert, 0, 0, 1, 6]));
    }
  });

  const kemPkOf = ({ client }: Link['sent']) => (client[1] as Buffer).subarray(4);
});
