/** One signature for several handshakes, with a second implementation on the other side, honest and hostile. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type PqServer, type SuiteName } from '../../lib/index.js';
import { type Attack, attackPair } from '../support/go-attack.js';
import { goIdentities } from '../support/go-pair.js';
import { FRAMES } from '../support/hardened-script.js';
import { bytesIn } from '../support/json-lines.js';
import { NO_LIMITS, occupyPool, SEVERAL_EACH } from '../support/occupied-pool.js';
import { describeWithPrograms } from '../support/requirements.js';
import { useGoPeer } from '../support/use-go-peer.js';

const { ServerHello, ServerAuth } = FRAMES;
const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87', 'x25519mlkem1024-mldsa87'] as const;
/** Of a batch of five, whose depth is 3; ours is the fourth. */
const BATCH = { batch: { size: 5, place: 3 } };
/** Places in a ServerAuth that is a batch, and the extensions in a ServerHello. */
const [ID, PLACE, RANDOM, DEPTH, NODES, EXTENSIONS] = [1, 36, 37, 69, 70, 45 + 2592];

const ASKED = { keypair: 1, sign: 1 };
const unproven = { code: 'PQ_ERR_AUTH_FAILED', alert: 'auth_failed', spent: { ...ASKED, verify: 1 } };
const malformed = { code: 'PQ_ERR_DECODE', alert: 'decode_error', spent: ASKED };
const changed = (at: number, xor = 1): Attack => ({ messages: [{ frame: ServerAuth, at, xor }] });

describeWithPrograms(__filename, 'a server of the second implementation that signs for several', () => {
  const fixture = useGoPeer();
  const { both, open } = fixture;
  const attack = (suite: SuiteName, how: Attack, go: object = BATCH) =>
    attackPair(fixture.peer, both(suite), { suite, role: 'client', attack: how, go: { ...go } });

  describe.each(SUITES)('with %s', (suite) => {
    it.each([
      [2, 0],
      [5, 4],
      [64, 63],
    ])('is believed: %i, of which ours has place %i', async (size, place) => {
      const { ours, go } = await open({ suite, role: 'client', go: { batch: { size, place } } });
      expect(ours.getPeerFingerprint()).toBe(both(suite).go.fingerprint);
      const frames = ((await go.do('transcript'))['frames'] as string[]).map(bytesIn);
      const depth = Math.ceil(Math.log2(size));
      expect((frames[5] as Buffer).subarray(4 + PLACE, 4 + NODES)).toMatchObject({ 0: place, [DEPTH - PLACE]: depth });
      ours.write('hello');
      expect(await go.receive(5)).toEqual(Buffer.from('hello'));
    });

    it('is believed by three clients, for which it has signed once', async () => {
      const identities = both(suite);
      const options = {
        identities: [identities.go.identity],
        trust: [identities.ours.fingerprint],
        suites: [suite],
        batch: { size: 3 },
      };
      const { listener, port } = await fixture.peer.request('listen', { options });
      const clients = [1, 2, 3].map(() =>
        connect({
          host: '127.0.0.1',
          port: port as number,
          identity: identities.ours,
          trust: identities.go.fingerprint,
          suites: [suite],
        }),
      );
      await Promise.all(clients.map((client) => once(client, 'secureConnect')));
      const bodies: string[] = [];
      for (const _ of clients) {
        const { connection } = await fixture.peer.request('accept', { listener });
        const { frames } = await fixture.peer.request('transcript', { connection });
        bodies.push(bytesIn((frames as string[])[5]).toString('latin1', 4));
      }
      expect(new Set(bodies.map((body) => body.slice(-4595))).size).toBe(1);
      expect(bodies.map((body) => body.charCodeAt(PLACE)).sort()).toEqual([0, 1, 2]);
      for (const client of clients) client.destroy();
      await fixture.peer.request('stop', { listener });
    });

    it.each([
      ['in its id', ID],
      ['in the client’s place', PLACE],
      ['in the client’s random', RANDOM + 31],
      ['in the first sibling', NODES],
      ['in the last sibling', NODES + 3 * 32 - 1],
      ['in the signature', NODES + 3 * 32 + 999],
    ])('is not believed with a bit changed %s: one verification', async (_, at) => {
      expect(await attack(suite, changed(at))).toEqual(unproven);
    });

    it.each<[string, Attack]>([
      ['depth 0', changed(DEPTH, 3)],
      ['depth 2', changed(DEPTH, 1)],
      ['depth 7', changed(DEPTH, 4)],
      ['a place beyond the last', changed(PLACE, 8)],
      ['a place far beyond the last', changed(PLACE - 3, 0x80)],
      ['the first byte 0', changed(0, 1)],
      ['the first byte 3', changed(0, 2)],
      ['a sibling too many', { messages: [{ frame: ServerAuth, at: NODES, insert: Buffer.alloc(32) }] }],
      ['a byte too many', { messages: [{ frame: ServerAuth, at: NODES, insert: Buffer.alloc(1) }] }],
      [
        'no sibling',
        { messages: [{ frame: ServerAuth, at: NODES, remove: 96 }, ...(changed(DEPTH, 3).messages ?? [])] },
      ],
    ])('costs the client no verification with %s', async (_, how) => {
      expect(await attack(suite, how)).toEqual(malformed);
    });

    it('is not believed with seven siblings', async () => {
      const messages = [
        { frame: ServerAuth, at: NODES, insert: Buffer.alloc(32) },
        { frame: ServerAuth, at: DEPTH, xor: 6 ^ 7 },
      ];
      expect(await attack(suite, { messages }, { batch: { size: 64, place: 1 } })).toEqual(malformed);
    });

    it.each<[string, (other: string) => Attack]>([
      ['with the label of a single signature', () => ({ label: 'pqsock1 server auth' })],
      ['with the label of a client', () => ({ label: 'pqsock1 client auth' })],
      ['over kem_ct', () => ({ over: '0x05' })],
      ['with another key', (signer) => ({ signer })],
    ])('is not believed when it has signed the root %s', async (_, how) => {
      const { identity } = (await goIdentities(fixture.peer, suite)).go;
      expect(await attack(suite, how(identity))).toEqual(unproven);
    });

    it('is not believed with what it has sent to another connection of the same client', async () => {
      const { go } = await open({ suite, role: 'client', go: BATCH });
      const raw = bytesIn(((await go.do('transcript'))['frames'] as string[])[5]);
      const parts = [{ own: 0 }, { raw }, { own: 2 }];
      expect(await attack(suite, { flights: { 1: parts } })).toEqual(unproven);
    });

    it('is refused on the header of its batch when the client has not agreed', async () => {
      const messages = [{ frame: ServerHello, at: EXTENSIONS, remove: 6, insert: Buffer.alloc(2) }];
      expect(await attack(suite, { messages, ignore: ['agreement'] })).toEqual(malformed);
    });

    it('signs for a client alone that has not agreed, as it was not offered', async () => {
      const { ours, go } = await open({ suite, role: 'client' });
      const frames = ((await go.do('transcript'))['frames'] as string[]).map(bytesIn);
      expect([frames[1]?.subarray(-2), frames[5]?.[4]]).toEqual([Buffer.alloc(2), 0]);
      ours.destroy();
    });
  });
});

describeWithPrograms(__filename, 'our server that signs for several, and clients of the second implementation', () => {
  const fixture = useGoPeer();
  let server: PqServer | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** Has so many clients connect, and works on all of them at once; the kinds of their ServerAuths. */
  async function kindsOf(suite: SuiteName, client: object = {}): Promise<number[]> {
    const { ours, go } = fixture.both(suite);
    const arrived = gate();
    let waiting = 0;
    let busy: Promise<void> | undefined;
    const trust = async () => {
      waiting += 1;
      if (waiting === SEVERAL_EACH) {
        busy = occupyPool();
        arrived.open();
      }
      await arrived.promise;
      return true;
    };
    server = createServer({ identity: ours, trust, suites: [suite], batchSignatures: true, limits: NO_LIMITS }).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const options = { identities: [go.identity], trust: [ours.fingerprint], suites: [suite], ...client };
    const answers = await Promise.all(
      Array.from({ length: SEVERAL_EACH }, () => fixture.peer.request('connect', { port, options })),
    );
    await busy;
    return Promise.all(
      answers.map(async ({ connection, failure }) => {
        expect(failure).toBeUndefined();
        const { frames } = await fixture.peer.request('transcript', { connection });
        return bytesIn((frames as string[])[5]).readUInt8(4);
      }),
    );
  }

  it.each(SUITES.slice(0, 2))('with %s: they take what it signs together', async (suite) => {
    expect(new Set(await kindsOf(suite))).toContain(1);
  });

  it.each(SUITES)('with %s: those that take no batches get none', async (suite) => {
    expect(new Set(await kindsOf(suite, { noBatches: true }))).toEqual(new Set([0]));
  });

  it('refuses an extension that is not the one it offered', async () => {
    const { ours, go } = fixture.both('mlkem1024-mldsa87');
    server = createServer({ identity: ours, trust: 'any', batchSignatures: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const hello = (extensions: string, remove: number) => ({
      messages: [{ frame: FRAMES.ClientHello, at: 38 + 2592, remove, insert: Buffer.from(extensions, 'hex') }],
    });
    const attacks = [
      hello('000400020000', 6),
      hello('0008000100000002 0000'.replace(' ', ''), 6),
      hello('0005000100017f', 6),
    ];
    for (const attack of attacks) {
      const options = { identities: [go.identity], trust: [ours.fingerprint], suites: ['mlkem1024-mldsa87'], attack };
      const { failure } = await fixture.peer.request('connect', { port, options });
      expect(failure).toMatchObject({ alertReceived: 'decode_error' });
    }
  });
});

function gate() {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
