/** A hostile server, on the second implementation, against our client: the error, the alert, and what it costs us. */
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

const { ServerHello, ClientFinished, ServerKem, ServerAuth, ServerFinished } = FRAMES;
const KEY = 2592;
/** Places in a ServerHello with one version, one suite and one key. */
const [VERSIONS, RANDOM, SUITES_AT, KEYS, SIGALG, LENGTH, KEY_AT, EXTENSIONS] = [4, 6, 38, 41, 42, 43, 45, 45 + KEY];
const SIGNATURE = { 'kyber1024-dilithium5': 4595, 'mlkem1024-mldsa87': 4627 };
const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87'] as const;
const HYBRID = 'x25519mlkem1024-mldsa87';

/** In a ServerHello so many bytes at a place are others. */
const hello = (at: number, remove: number, ...insert: number[]): Attack => ({
  messages: [{ frame: ServerHello, at, remove, insert: Uint8Array.from(insert) }],
});
const extensions = (...bytes: number[]) => hello(EXTENSIONS, 2, ...u16(bytes.length), ...bytes);
const shown = (key: Uint8Array) => ({ frame: ServerHello, at: KEY_AT, remove: KEY, insert: key });

/** What a client has done before the server's second flight, and before it has believed the signature. */
const NOTHING = {};
const ASKED = { keypair: 1, sign: 1 };
const VERIFIED = { ...ASKED, verify: 1 };
const DECAPSULATED = { ...VERIFIED, decapsulate: 1 };
const unsigned = { code: 'PQ_ERR_AUTH_FAILED', alert: 'auth_failed', spent: VERIFIED };
const unconfirmed = { code: 'PQ_ERR_AUTH_FAILED', alert: 'auth_failed', spent: DECAPSULATED };
const malformed = { code: 'PQ_ERR_DECODE', alert: 'decode_error' };
const unexpected = { code: 'PQ_ERR_UNEXPECTED_MESSAGE', alert: 'unexpected_message' };
type Row = [string, Attack];

describeWithPrograms(__filename, 'a hostile server of the second implementation', () => {
  const fixture = useGoPeer();
  const { both } = fixture;
  const attack = (suite: SuiteName, how: Attack, ours = {}, go = {}) =>
    attackPair(fixture.peer, both(suite), { suite, role: 'client', attack: how, ours, go });
  const stranger = async (suite: SuiteName) => (await goIdentities(fixture.peer, suite)).go;

  describe.each(SUITES)('with %s', (suite) => {
    it.each<Row>([
      ['another magic', hello(0, 1, 0x51)],
      ['no version', hello(VERSIONS, 2, 0)],
      ['nine versions', hello(VERSIONS, 2, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
      ['a version twice', hello(VERSIONS, 2, 2, 1, 1)],
      ['no suite', hello(SUITES_AT, 3, 0)],
      ['nine suites', hello(SUITES_AT, 1, 9, ...[2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => [9, n]))],
      ['an unknown suite twice', hello(SUITES_AT, 1, 3, 9, 9, 9, 9)],
      ['no key', hello(KEYS, 1 + 3 + KEY, 0)],
      ['five keys', hello(KEYS, 1, 5, ...[6, 7, 8, 9].flatMap((n) => [n, 0, 0]))],
      ['a signature algorithm twice', hello(KEYS, 1, 3, 9, 0, 0, 9, 0, 0)],
      ['a key that is too short', hello(LENGTH, 3, ...u16(KEY - 1))],
      ['a key that is too long', hello(LENGTH, 2, ...u16(KEY + 1), 0)],
      ['a key longer than the rest', hello(LENGTH, 2, 0xff, 0xff)],
      ['extensions over 1024 bytes', extensions(0, 9, ...u16(1021), ...randomBytes(1021))],
      ['an extension twice', extensions(0, 9, 0, 0, 0, 9, 0, 0)],
      ['extensions in descending order', extensions(0, 9, 0, 0, 0, 8, 0, 0)],
      ['an extension cut short', extensions(0, 9, 0)],
      ['a byte behind the extensions', hello(EXTENSIONS + 2, 0, 0)],
      ['nothing', { flights: { 0: [{ raw: frame(ServerHello, Buffer.alloc(0)) }] } }],
      ['16,385 bytes', { flights: { 0: [{ raw: frame(ServerHello, randomBytes(16_385)) }] } }],
    ])('whose ServerHello has %s hears nothing of the client', async (_, how) => {
      expect(await attack(suite, how)).toEqual({ code: 'PQ_ERR_DECODE', alert: undefined, spent: NOTHING });
    });

    it('that offers nothing that the client has is refused before anything is signed', async () => {
      const version = await attack(suite, hello(VERSIONS, 2, 1, 2));
      expect(version).toEqual({ code: 'PQ_ERR_NO_COMMON_VERSION', alert: 'no_common_version', spent: NOTHING });
      const none = { code: 'PQ_ERR_NO_COMMON_SUITE', alert: 'no_common_suite', spent: NOTHING };
      expect(await attack(suite, hello(SUITES_AT, 3, 1, 9, 9))).toEqual(none);
      expect(await attack(suite, hello(SIGALG, 1, 9))).toEqual(none);
    });

    it('with unknown versions, suites, keys and extensions beside known ones is a server like any other', async () => {
      const messages = [
        { frame: ServerHello, at: EXTENSIONS, remove: 2, insert: Uint8Array.of(0, 5, 0, 9, 0, 1, 7) },
        { frame: ServerHello, at: KEYS, remove: 1, insert: Uint8Array.of(2, 9, 0, 1, 7) },
        { frame: ServerHello, at: SUITES_AT, remove: 1, insert: Uint8Array.of(2, 9, 9) },
        { frame: ServerHello, at: VERSIONS, remove: 1, insert: Uint8Array.of(2, 9) },
      ];
      const pair = await fixture.open({ suite, role: 'client', go: { attack: { messages } } });
      expect(pair.ours.getCipher()?.name).toBe(suite);
    });

    it.each<Row>([
      [
        'with one more suite',
        { wire: [{ frame: ServerHello, at: SUITES_AT, remove: 1, insert: Uint8Array.of(2, 9, 9) }] },
      ],
      [
        'without its extension',
        { ...extensions(0, 9, 0, 0), wire: [{ frame: ServerHello, at: EXTENSIONS, remove: 6, insert: u16(0) }] },
      ],
      ['with another random', { wire: [{ frame: ServerHello, at: RANDOM, xor: 1 }] }],
    ])('whose ServerHello comes %s', async (_, how) => {
      // An honest server finds the client's signature wrong; one that goes on does not get further.
      const honest = await attack(suite, how);
      expect(honest).toEqual({ code: 'PQ_ERR_ALERT', alert: undefined, spent: ASKED });
      expect(await attack(suite, { ...how, ignore: ['signature'] })).toEqual(unsigned);
    });

    it('that shows the client’s own key: nothing', async () => {
      const refused = await attack(suite, { messages: [shown(both(suite).ours.publicKey)] }, { trust: 'any' });
      expect(refused).toEqual({ code: 'PQ_ERR_OWN_KEY', alert: 'auth_failed', spent: NOTHING });
    });

    it('that shows a key of its own, where another is pinned: nothing, and it learns nothing', async () => {
      const pinned = (await stranger(suite)).fingerprint;
      const refused = await attack(suite, {}, { trust: pinned });
      expect(refused).toEqual({ code: 'PQ_ERR_UNTRUSTED', alert: 'auth_failed', spent: NOTHING });
    });

    it('that shows the key of somebody whom the client trusts', async () => {
      const victim = await stranger(suite);
      const refused = await attack(suite, { messages: [shown(victim.publicKey)] }, { trust: victim.fingerprint });
      expect(refused).toEqual(unsigned);
    });

    it('that holds the client’s own secret key, and shows that of somebody whom the client trusts', async () => {
      const stolen = await stolenIdentity(fixture.peer, suite);
      const victim = await stranger(suite);
      const how = { messages: [shown(victim.publicKey)], signer: stolen.go.identity };
      const ours = { trust: victim.fingerprint, identity: stolen.ours };
      expect(await attack(suite, how, ours, { trust: 'any' })).toEqual(unsigned);
    });

    it.each<[string, (other: string) => Attack]>([
      ['random', () => ({ messages: [replaceBody(ServerAuth, SIGNATURE[suite] + 1, randomAuth(suite))] })],
      ['changed in its first bit', () => ({ messages: [{ frame: ServerAuth, at: 1, xor: 0x80 }] })],
      ['changed in its last bit', () => ({ messages: [{ frame: ServerAuth, at: -1, xor: 1 }] })],
      ['of another key', (signer) => ({ signer })],
      ['with the client’s label', () => ({ label: 'pqsock1 client auth' })],
      ['with the label that is reserved', () => ({ label: 'pqsock1 server batch' })],
      ['over the bare hash', () => ({ over: 'hash' })],
      ['over kem_ct, as in the seed profile', () => ({ over: '0x05' })],
      ['over the client’s signature', () => ({ over: '0x04' })],
      ['over another kem_ct', () => ({ wire: [{ frame: ServerKem, at: 0, xor: 1 }] })],
    ])('whose signature is %s: one verification, no decapsulation', async (_, how) => {
      const other = (await stranger(suite)).identity;
      expect(await attack(suite, how(other))).toEqual(unsigned);
    });

    it.each<Row>([
      ['its MAC is zero', { mac: 'zero' }],
      ['its MAC is random', { mac: 'random' }],
      ['its MAC has another first bit', { mac: 'first bit' }],
      ['its MAC has another last bit', { mac: 'last bit' }],
      ['its MAC is half of it', { mac: 'half' }],
      ['its MAC is made with the client’s key', { mac: 'other role' }],
      ['its MAC is made with another secret', { mac: 'other KEM' }],
      ['its kem_ct is another, and signed', { messages: [{ frame: ServerKem, at: 700, xor: 4 }] }],
    ])('is refused in one and the same way when %s', async (_, how) => {
      expect(await attack(suite, how)).toEqual(unconfirmed);
    });

    it.each<[string, Attack, object]>([
      ['a kind of ServerAuth that there is not', { messages: [{ frame: ServerAuth, at: 0, xor: 1 }] }, malformed],
      ['a short kem_ct', { wire: [{ frame: ServerKem, at: 0, remove: 1 }] }, malformed],
      ['ServerAuth without its first byte', { wire: [{ frame: ServerAuth, at: 0, remove: 1 }] }, malformed],
      ['ServerAuth first', { flights: { 1: [{ own: 1 }, { own: 0 }, { own: 2 }] } }, unexpected],
      ['ServerKem twice', { flights: { 1: [{ own: 0 }, { own: 0 }] } }, unexpected],
      ['no ServerAuth', { flights: { 1: [{ own: 0 }, { own: 2 }] } }, unexpected],
      ['a second ServerHello', { flights: { 0: [{ own: 0 }, { own: 0 }] } }, unexpected],
      ['a Record', { flights: { 1: [{ own: 0 }, { raw: frame('Record', Buffer.alloc(40)) }] } }, unexpected],
      ['an unknown frame', { flights: { 1: [{ raw: frame(0x09, Buffer.alloc(1)) }] } }, unexpected],
      ['the client’s own ClientHello', { flights: { 1: [{ peer: 0 }] } }, unexpected],
    ])('that sends %s: no verification', async (_, how, failure) => {
      expect(await attack(suite, how)).toEqual({ ...failure, spent: ASKED });
    });

    it('that sends a short ServerFinished, or the client’s frame in its place', async () => {
      const cut = await attack(suite, { wire: [{ frame: ServerFinished, at: 0, remove: 32 }] });
      expect(cut).toEqual({ ...malformed, spent: DECAPSULATED });
      const finished = frame(ClientFinished, Buffer.alloc(64));
      const wrong = await attack(suite, { flights: { 1: [{ own: 0 }, { own: 1 }, { raw: finished }] } });
      expect(wrong).toEqual({ ...unexpected, spent: DECAPSULATED });
    });

    it.each<[string, Part[]]>([
      ['with a server’s types', [{ peer: 1, type: ServerKem }, { raw: frame(ServerAuth, Buffer.alloc(1)) }]],
      ['as they were', [{ peer: 1 }, { peer: 2 }]],
    ])('that sends the client’s frames back %s: no verification', async (_, parts) => {
      const { spent, code } = await attack(suite, { flights: { 1: parts } });
      expect(spent).toEqual(ASKED);
      expect(code).toMatch(/^PQ_ERR_(DECODE|UNEXPECTED_MESSAGE)$/);
    });

    it('that plays back what an honest server has sent', async () => {
      const pair = await fixture.open({ suite, role: 'client' });
      const frames = ((await pair.go.do('transcript'))['frames'] as string[]).map(bytesIn);
      const answer = frames.slice(4, 7).map((raw) => ({ raw }));
      const greeting = [{ raw: frames[0] as Buffer }];
      const replayed = await attack(suite, { flights: { 0: greeting, 1: answer }, ignore: ['signature'] });
      expect(replayed).toEqual(unsigned);
      expect(await attack(suite, { flights: { 1: [{ own: 0 }, { own: 1 }, answer[2] as Part] } })).toEqual(unconfirmed);
    });
  });

  describe('with X25519', () => {
    it.each(LOW_ORDER_SHARES)('and the share %s under a right signature', async (_, share) => {
      const how = { messages: [{ frame: ServerKem, at: 1568, remove: 32, insert: share }] };
      expect(await attack(HYBRID, how)).toEqual({ ...malformed, spent: DECAPSULATED });
    });

    it.each(['other KEM', 'other curve'])('and a mac_s with the %s’s secret', async (mac) => {
      expect(await attack(HYBRID, { mac })).toEqual(unconfirmed);
    });
  });
});

function randomAuth(suite: keyof typeof SIGNATURE): Buffer {
  return Buffer.concat([Uint8Array.of(0), randomBytes(SIGNATURE[suite])]);
}
