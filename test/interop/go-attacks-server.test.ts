/** A hostile client, on the second implementation, against our server: the error, the alert, and what it costs us. */
import { randomBytes } from 'node:crypto';
import type { SuiteName } from '../../lib/index.js';
import {
  type Attack,
  attackPair,
  LOW_ORDER_SHARES,
  type Part,
  replaceBody,
  stolenIdentity,
} from '../support/go-attack.js';
import { goIdentities } from '../support/go-pair.js';
import { FRAMES, frame } from '../support/hardened-script.js';
import { bytesIn } from '../support/json-lines.js';
import { describeWithPrograms } from '../support/requirements.js';
import { u16 } from '../support/script-hello.js';
import { useGoPeer } from '../support/use-go-peer.js';

const { ServerHello, ClientHello, ClientKem, ClientAuth, ClientFinished } = FRAMES;
const KEY = 2592;
/** Places in a ClientHello. */
const [VERSION, SUITE, RANDOM, MODE, KEY_LENGTH, KEY_AT, EXTENSIONS] = [0, 2, 3, 35, 36, 38, 38 + KEY];
const SIGNATURE = { 'kyber1024-dilithium5': 4595, 'mlkem1024-mldsa87': 4627 };
const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87'] as const;
const HYBRID = 'x25519mlkem1024-mldsa87';
const extensions = (...bytes: number[]) => [
  { frame: ClientHello, at: EXTENSIONS, remove: 2, insert: Uint8Array.of(...u16(bytes.length), ...bytes) },
];

const shown = (key: Uint8Array) => ({ frame: ClientHello, at: KEY_AT, remove: KEY, insert: key });

/** The error, the alert, and the lattice operations. */
const NOTHING = {};
const VERIFIED = { verify: 1 };
const ANSWERED = { verify: 1, encapsulate: 1, sign: 1 };
const malformed = { code: 'PQ_ERR_DECODE', alert: 'decode_error', spent: NOTHING };
const unexpected = { code: 'PQ_ERR_UNEXPECTED_MESSAGE', alert: 'unexpected_message', spent: NOTHING };
const unverified = { code: 'PQ_ERR_AUTH_FAILED', alert: 'auth_failed', spent: VERIFIED };
const unconfirmed = { code: 'PQ_ERR_AUTH_FAILED', alert: 'auth_failed', spent: ANSWERED };
type Row = [string, Attack];

describeWithPrograms(__filename, 'a hostile client of the second implementation', () => {
  const fixture = useGoPeer();
  const { both } = fixture;
  const attack = (suite: SuiteName, how: Attack, ours = {}, go = {}) =>
    attackPair(fixture.peer, both(suite), { suite, role: 'server', attack: how, ours, go });
  const stranger = async (suite: SuiteName) => (await goIdentities(fixture.peer, suite)).go;

  describe.each(SUITES)('with %s', (suite) => {
    it.each<Row>([
      ['a mode that there is not', { messages: [{ frame: ClientHello, at: MODE, xor: 2 }] }],
      ['a key that is too short', { messages: [{ frame: ClientHello, at: KEY_LENGTH, remove: 3, insert: u16(2591) }] }],
      [
        'a key that is too long',
        { messages: [{ frame: ClientHello, at: KEY_LENGTH, remove: 2, insert: Uint8Array.of(...u16(2593), 0) }] },
      ],
      ['a key longer than the rest', { messages: [{ frame: ClientHello, at: KEY_LENGTH, xor: 0x80 }] }],
      ['a byte behind the extensions', { messages: [{ frame: ClientHello, at: EXTENSIONS + 2, insert: u16(0) }] }],
      ['an extension that was not offered', { messages: extensions(0x77, 0x77, 0, 0) }],
      ['the reserved extension', { messages: extensions(0, 1, 0, 0) }],
      ['an extension twice', { messages: extensions(0, 2, 0, 0, 0, 2, 0, 0) }],
      ['extensions in descending order', { messages: extensions(0, 3, 0, 0, 0, 2, 0, 0) }],
      ['an extension cut short', { messages: extensions(0, 2, 0) }],
      ['a coefficient of 4095', { messages: [{ frame: ClientKem, at: 0, remove: 2, insert: u16(0xffff) }] }],
      [
        'a coefficient of 3329 at the end',
        { messages: [{ frame: ClientKem, at: 1533, remove: 3, insert: Uint8Array.of(0, 0x10, 0xd0) }] },
      ],
      ['a kem_pk one byte short', { wire: [{ frame: ClientKem, at: -1, remove: 1 }] }],
      ['a signature one byte long', { wire: [{ frame: ClientAuth, at: 0, insert: u16(0).subarray(1) }] }],
      ['a ClientHello of 40 bytes', { flights: { 0: [{ raw: frame(ClientHello, randomBytes(40)) }] } }],
      ['a ClientHello of 3657 bytes', { flights: { 0: [{ raw: frame(ClientHello, randomBytes(3657)) }] } }],
    ])('with %s costs no lattice operation', async (_, how) => {
      const { alert, ...rest } = await attack(suite, how);
      // Without a whole body of ClientHello there is no alert (PROTOCOL.md chapter 11).
      expect({ ...rest, alert: alert ?? 'none' }).toEqual({
        ...malformed,
        alert: inHello(how) ? 'none' : 'decode_error',
      });
    });

    /** The header of ClientHello is refused. */
    function inHello({ flights }: Attack): boolean {
      return flights !== undefined;
    }

    it('that chose what was not offered is refused before anything is verified', async () => {
      const version = await attack(suite, { messages: [{ frame: ClientHello, at: VERSION, xor: 3 }] });
      expect(version).toEqual({ code: 'PQ_ERR_NO_COMMON_VERSION', alert: 'no_common_version', spent: NOTHING });
      const other = await attack(suite, { messages: [{ frame: ClientHello, at: SUITE, xor: 3 }] });
      expect(other).toEqual({ code: 'PQ_ERR_NO_COMMON_SUITE', alert: 'no_common_suite', spent: NOTHING });
      const ticket = await attack(suite, { messages: [{ frame: ClientHello, at: MODE, xor: 1 }] });
      expect(ticket).toEqual({ code: 'PQ_ERR_TICKET', alert: 'ticket_rejected', spent: NOTHING });
    });

    it.each<[string, Part[]]>([
      ['ClientKem first', [{ own: 1 }, { own: 0 }, { own: 2 }]],
      ['ClientHello twice', [{ own: 0 }, { own: 0 }, { own: 1 }, { own: 2 }]],
      ['ClientKem twice', [{ own: 0 }, { own: 1 }, { own: 1 }, { own: 2 }]],
      ['ClientAuth without ClientKem', [{ own: 0 }, { own: 2 }]],
      ['the server’s own ServerHello', [{ peer: 0 }]],
      ['a Record', [{ own: 0 }, { raw: frame('Record', Buffer.alloc(40)) }]],
      ['ClientFinished', [{ own: 0 }, { own: 1 }, { raw: frame(ClientFinished, Buffer.alloc(64)) }]],
      ['an unknown frame', [{ own: 0 }, { raw: frame(0x7f, Buffer.alloc(1)) }]],
    ])('that sends %s: nothing', async (_, parts) => {
      const { alert, ...rest } = await attack(suite, { flights: { 0: parts } });
      const helloCame = 'own' in (parts[0] as Part) && (parts[0] as { own: number }).own === 0;
      expect({ ...rest, alert }).toEqual({ ...unexpected, alert: helloCame ? 'unexpected_message' : undefined });
    });

    it('that shows the server’s own key: nothing', async () => {
      const refused = await attack(suite, { messages: [shown(both(suite).ours.publicKey)] }, { trust: 'any' });
      expect(refused).toEqual({ code: 'PQ_ERR_OWN_KEY', alert: 'auth_failed', spent: NOTHING });
    });

    it('that shows the key of somebody whom the server trusts: one verification', async () => {
      const victim = await stranger(suite);
      const trust = [victim.fingerprint, both(suite).go.fingerprint];
      expect(await attack(suite, { messages: [shown(victim.publicKey)] }, { trust })).toEqual(unverified);
    });

    it('that holds the server’s own secret key, and shows that of somebody whom the server trusts', async () => {
      const stolen = await stolenIdentity(fixture.peer, suite);
      const victim = await stranger(suite);
      const how = { messages: [shown(victim.publicKey)], signer: stolen.go.identity };
      const ours = { trust: victim.fingerprint, identity: stolen.ours };
      expect(await attack(suite, how, ours, { trust: 'any' })).toEqual(unverified);
    });

    it.each<[string, (other: string) => Attack]>([
      ['random', () => ({ messages: [replaceBody(ClientAuth, SIGNATURE[suite], randomBytes(SIGNATURE[suite]))] })],
      ['zero', () => ({ messages: [replaceBody(ClientAuth, SIGNATURE[suite], Buffer.alloc(SIGNATURE[suite]))] })],
      ['changed in its first bit', () => ({ messages: [{ frame: ClientAuth, at: 0, xor: 0x80 }] })],
      ['changed in its last bit', () => ({ messages: [{ frame: ClientAuth, at: -1, xor: 1 }] })],
      ['of another key', (signer) => ({ signer })],
      ['with the server’s label', () => ({ label: 'pqsock1 server auth' })],
      ['with the label that is reserved', () => ({ label: 'pqsock1 server batch' })],
      ['over the bare hash', () => ({ over: 'hash' })],
      ['over kem_pk, as in the seed profile', () => ({ over: '0x03' })],
      ['over ClientHello alone', () => ({ over: '0x02' })],
      ['over another random', () => ({ wire: [{ frame: ClientHello, at: RANDOM, xor: 1 }] })],
      ['over another kem_pk', () => ({ wire: [{ frame: ClientKem, at: 1567, xor: 1 }] })],
    ])('whose signature is %s: one verification', async (_, how) => {
      const other = (await stranger(suite)).identity;
      expect(await attack(suite, how(other))).toEqual(unverified);
    });

    it.each<Row>([
      ['zero', { mac: 'zero' }],
      ['random', { mac: 'random' }],
      ['changed in its first bit', { mac: 'first bit' }],
      ['changed in its last bit', { mac: 'last bit' }],
      ['half of it', { mac: 'half' }],
      ['made with the server’s key', { mac: 'other role' }],
      ['made with another secret', { mac: 'other KEM' }],
      ['the server’s own', { flights: { 1: [{ peer: 3, type: ClientFinished }] } }],
    ])('whose mac_c is %s', async (_, how) => {
      expect(await attack(suite, how)).toEqual(unconfirmed);
    });

    it('whose ClientFinished is cut short, or comes as something else', async () => {
      const cut = await attack(suite, { wire: [{ frame: ClientFinished, at: 0, remove: 32 }] });
      expect(cut).toEqual({ ...malformed, spent: ANSWERED });
      const parts = [{ raw: frame('Record', Buffer.alloc(40)) }, { own: 0 }];
      expect(await attack(suite, { flights: { 1: parts } })).toEqual({ ...unexpected, spent: ANSWERED });
      expect(await attack(suite, { flights: { 1: [{ peer: 3 }] } })).toEqual({ ...unexpected, spent: ANSWERED });
    });

    it('that plays back what an honest client has sent: one verification', async () => {
      const pair = await fixture.open({ suite, role: 'server' });
      const frames = ((await pair.go.do('transcript'))['frames'] as string[]).map(bytesIn);
      expect(frames[0]?.[0]).toBe(ServerHello);
      const replay = frames.slice(1, 4).map((raw) => ({ raw }));
      expect(await attack(suite, { flights: { 0: replay } })).toEqual(unverified);
      const finished = [{ raw: frames[7] as Buffer }];
      expect(await attack(suite, { flights: { 1: finished } })).toEqual(unconfirmed);
    });
  });

  describe('with X25519', () => {
    it.each(LOW_ORDER_SHARES)('and the share %s under a right signature', async (_, share) => {
      const how = { messages: [{ frame: ClientKem, at: 1568, remove: 32, insert: share }] };
      expect(await attack(HYBRID, how)).toEqual({ ...malformed, spent: { ...VERIFIED, encapsulate: 1 } });
    });

    it.each(['other KEM', 'other curve'])('and a mac_c with the %s’s secret', async (mac) => {
      expect(await attack(HYBRID, { mac })).toEqual(unconfirmed);
    });
  });
});
