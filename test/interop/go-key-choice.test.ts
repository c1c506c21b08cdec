/** Several keys of one algorithm, with a second implementation on the other side, honest and hostile. */
import { Identity, type SuiteName } from '../../lib/index.js';
import { type Attack, attackPair } from '../support/go-attack.js';
import { failedPair, type GoIdentities, goIdentities } from '../support/go-pair.js';
import { FRAMES } from '../support/hardened-script.js';
import { describeWithPrograms } from '../support/requirements.js';
import { KEY_CHOICE, keyChosen, u16 } from '../support/script-hello.js';
import { useGoPeer } from '../support/use-go-peer.js';

const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87', 'x25519mlkem1024-mldsa87'] as const;
const SUITE = SUITES[1];
const KEY = 2592;
/** Places in a ServerHello with one version, one suite and two keys. */
const [SECOND_AT, OFFER_EXTENSIONS] = [45 + KEY + 3, 45 + 2 * KEY + 3];
/** Where the extensions of a ClientHello are. */
const CHOICE_EXTENSIONS = 38 + KEY;

const malformed = { code: 'PQ_ERR_DECODE', alert: 'decode_error' };
type Row = [string, Attack];

describeWithPrograms(__filename, 'several keys of one algorithm', () => {
  const fixture = useGoPeer();
  const { both, open } = fixture;
  /** Of each suite: the keys that both sides had before. */
  const before = new Map<SuiteName, GoIdentities>();
  const old = (suite: SuiteName) => before.get(suite) as GoIdentities;
  beforeAll(async () => {
    for (const suite of SUITES) before.set(suite, await goIdentities(fixture.peer, suite));
  });

  describe.each(SUITES)('with %s', (suite) => {
    it('ours as a client takes the first key that it knows, and the other side signs with that', async () => {
      const identities = [both(suite).go.identity, old(suite).go.identity];
      const [newer, older] = [both(suite).go.fingerprint, old(suite).go.fingerprint];
      for (const [trust, taken] of [
        [newer, newer],
        [older, older],
        [[older, newer], newer],
        ['any', newer],
      ] as const) {
        const { ours, go } = await open({ suite, role: 'client', ours: { trust }, go: { identities } });
        expect(ours.getPeerFingerprint()).toBe(taken);
        ours.write('hello');
        expect(await go.receive(5)).toEqual(Buffer.from('hello'));
      }
    });

    it('ours as a server signs with the key that the other side has chosen', async () => {
      const identity = [both(suite).ours, old(suite).ours] as const;
      const [newer, older] = identity.map(({ fingerprint }) => fingerprint) as [string, string];
      for (const [trust, taken] of [
        [[newer], newer],
        [[older], older],
        [[older, newer], newer],
        ['any', newer],
      ] as const) {
        const { ours, go } = await open({ suite, role: 'server', ours: { identity }, go: { trust } });
        expect(go.opened['peerFingerprint']).toBe(taken);
        ours.write('hello');
        expect(await go.receive(5)).toEqual(Buffer.from('hello'));
      }
    });
  });

  it('a client of either side counts the places over keys of all algorithms', async () => {
    const [one, other] = [both(SUITES[0]), both(SUITE)];
    const identities = [one.go.identity, old(SUITES[0]).go.identity, other.go.identity, old(SUITE).go.identity];
    const trust = old(SUITE).go.fingerprint;
    const client = { suite: SUITE, role: 'client', ours: { trust }, go: { identities, suites: SUITES } } as const;
    expect((await open(client)).ours.getPeerFingerprint()).toBe(trust);

    const identity = [one.ours, old(SUITES[0]).ours, other.ours, old(SUITE).ours] as const;
    const pinned = {
      suite: SUITE,
      role: 'server',
      ours: { identity },
      go: { trust: [identity[3].fingerprint] },
    } as const;
    expect((await open(pinned)).go.opened['peerFingerprint']).toBe(identity[3].fingerprint);
  });

  it('either side agrees to batches besides', async () => {
    const identity = [both(SUITE).ours, old(SUITE).ours] as const;
    const ours = { identity, batchSignatures: true };
    const { go } = await open({ suite: SUITE, role: 'server', ours, go: { trust: [identity[1].fingerprint] } });
    expect(go.opened['peerFingerprint']).toBe(identity[1].fingerprint);
  });

  it('a client that knows neither key refuses, on either side', async () => {
    const stranger = await Identity.generate({ algorithm: 'ML-DSA-87' });
    const identities = [both(SUITE).go.identity, old(SUITE).go.identity];
    const refusing = {
      suite: SUITE,
      role: 'client',
      ours: { trust: stranger.fingerprint },
      go: { identities },
    } as const;
    expect(await failedPair(fixture.peer, both(SUITE), refusing)).toMatchObject({
      code: 'PQ_ERR_UNTRUSTED',
      go: { alertReceived: 'auth_failed' },
    });
    const identity = [both(SUITE).ours, old(SUITE).ours] as const;
    const refused = {
      suite: SUITE,
      role: 'server',
      ours: { identity },
      go: { trust: [stranger.fingerprint] },
    } as const;
    expect(await failedPair(fixture.peer, both(SUITE), refused)).toMatchObject({
      alert: 'auth_failed',
      go: { alertSent: 'auth_failed' },
    });
  });

  describe('a hostile client', () => {
    const answer = (bytes: Buffer): Attack => ({
      messages: [
        {
          frame: FRAMES.ClientHello,
          at: CHOICE_EXTENSIONS,
          remove: 7,
          insert: Buffer.concat([u16(bytes.length), bytes]),
        },
      ],
    });
    const attack = (how: Attack) => {
      const ours = { identity: [both(SUITE).ours, old(SUITE).ours, both(SUITES[0]).ours] as const };
      return attackPair(fixture.peer, both(SUITE), { suite: SUITE, role: 'server', attack: how, ours });
    };

    it.each<Row>([
      ['that does not answer', answer(Buffer.alloc(0))],
      ['that answers without data', answer(KEY_CHOICE)],
      ['that answers in two bytes', answer(Buffer.from('000200020000', 'hex'))],
      ['that chooses a key behind the last', answer(keyChosen(3))],
      ['that chooses key 255', answer(keyChosen(255))],
      ['that chooses a key of another algorithm', answer(keyChosen(2))],
    ])('%s is told so, and costs nothing', async (_, how) => {
      expect(await attack(how)).toEqual({ ...malformed, spent: {} });
    });

    it('that shows our old key is refused', async () => {
      const insert = old(SUITE).ours.publicKey;
      const how = { messages: [{ frame: FRAMES.ClientHello, at: 38, remove: KEY, insert }] };
      expect(await attack(how)).toEqual({ code: 'PQ_ERR_OWN_KEY', alert: 'auth_failed', spent: {} });
    });

    it('that answers what it was not asked is told so', async () => {
      const insert = Buffer.concat([u16(5), keyChosen(0)]);
      const how = { messages: [{ frame: FRAMES.ClientHello, at: CHOICE_EXTENSIONS, remove: 2, insert }] };
      const refused = await attackPair(fixture.peer, both(SUITE), { suite: SUITE, role: 'server', attack: how });
      expect(refused).toEqual({ ...malformed, spent: {} });
    });
  });

  describe('a hostile server', () => {
    const hello = (at: number, remove: number, insert: Uint8Array): Attack => ({
      messages: [{ frame: FRAMES.ServerHello, at, remove, insert }],
    });
    const attack = (how: Attack, trust = both(SUITE).go.fingerprint) => {
      const go = { identities: [both(SUITE).go.identity, old(SUITE).go.identity] };
      return attackPair(fixture.peer, both(SUITE), { suite: SUITE, role: 'client', attack: how, ours: { trust }, go });
    };

    it.each<[string, () => Attack]>([
      ['that offers no choice', () => hello(OFFER_EXTENSIONS, 6, Buffer.alloc(2))],
      ['that has data in its offer', () => hello(OFFER_EXTENSIONS, 6, Buffer.concat([u16(5), keyChosen(0)]))],
      ['that shows a key twice', () => hello(SECOND_AT, KEY, both(SUITE).go.publicKey)],
      ['that shows a second key a byte short', () => hello(SECOND_AT - 2, 3, u16(KEY - 1))],
      ['that offers a choice of one', () => hello(SECOND_AT - 3, 1, Buffer.of(3))],
    ])('%s is refused in silence', async (_, how) => {
      expect(await attack(how())).toEqual({ code: 'PQ_ERR_DECODE', alert: undefined, spent: {} });
    });

    it('that signs with the key that was not chosen is not believed', async () => {
      const { code, spent } = await attack({ signer: old(SUITE).go.identity });
      expect([code, spent]).toEqual(['PQ_ERR_AUTH_FAILED', { keypair: 1, sign: 1, verify: 1 }]);
    });

    it('that changes its offer for itself is not believed', async () => {
      const sent = { frame: FRAMES.ServerHello, at: SECOND_AT, remove: KEY, insert: Buffer.alloc(KEY, 1) };
      const { code } = await attack({ wire: [sent] });
      expect(code).toBe('PQ_ERR_ALERT');
    });
  });
});
