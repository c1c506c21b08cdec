/** Several keys of one algorithm: offers and choices that are wrong, or were changed on the way. */
import { once } from 'node:events';
import { type HardenedOptions, Identity } from '../../lib/index.js';
import { AttackedPair, FLIGHT, NO_DATA, spentBy } from '../support/attacked-pair.js';
import { frame, HardenedScript } from '../support/hardened-script.js';
import { type Attack, inPlaceOf } from '../support/hostile-proxy.js';
import type { TestServer } from '../support/pair.js';
import { BATCHES } from '../support/script-batch.js';
import {
  extension,
  KEY_CHOICE,
  keyChosen,
  type ServerHelloFields,
  serverHelloBody,
  serverHelloFields,
} from '../support/script-hello.js';
import { type FacingOptions, NOTHING_SPENT, ScriptPair, spentDuring } from '../support/script-pair.js';
import { SCRIPT_SUITES } from '../support/script-suite.js';

const MLDSA = SCRIPT_SUITES['mlkem1024-mldsa87'];

let pair: ScriptPair;
/** What the server shows: the new key, another algorithm's, the old one. */
let shown: readonly [Identity, Identity, Identity];
let server: TestServer;
beforeAll(async () => {
  pair = await ScriptPair.listen();
  shown = [...pair.identities, await Identity.generate()];
  server = await ScriptPair.serve(pair.identities, { identity: shown });
  server.server.setMaxListeners(0);
});
afterAll(async () => {
  await Promise.all([pair.close(), server.close()]);
});

type Keys = ServerHelloFields['keys'];
const key = (sigalg: number, byte = sigalg, length = 2592) => ({ sigalg, pk: Buffer.alloc(length, byte) });

describe('a client', () => {
  const afterHello = 4 + 38 + 2592;

  /** A server script that shows its key at a place among others, and signs with it. */
  async function showing(keysAround: (own: Keys[number]) => Keys, facing: FacingOptions = {}) {
    const { script, socket, error } = await pair.facing('client', 'START', facing);
    const own = { sigalg: script.suite.sigalg, pk: script.keys.publicKey };
    const body = script.serverHello({ keys: keysAround(own), extensions: KEY_CHOICE, suites: [1, 2, 3] });
    script.serverHello = () => body;
    return { script, socket, error };
  }

  it.each<[string, Partial<ServerHelloFields>]>([
    ['two keys of an algorithm and no choice', { keys: [key(1), key(1, 2)] }],
    ['the same, of an algorithm that nobody knows', { keys: [key(1), key(9, 1, 3), key(9, 2, 3)] }],
    ['a choice where there is none', { extensions: KEY_CHOICE }],
    ['a choice between algorithms alone', { keys: [key(1), key(2)], extensions: KEY_CHOICE }],
    ['a key twice', { keys: [key(1), key(1, 2), key(1)], extensions: KEY_CHOICE }],
    ['five keys', { keys: [1, 2, 3, 4, 5].map((byte) => key(1, byte)), extensions: KEY_CHOICE }],
    ['a second key a byte short', { keys: [key(1), key(1, 2, 2591)], extensions: KEY_CHOICE }],
    ['data where it offers the choice', { keys: [key(1), key(1, 2)], extensions: keyChosen(0) }],
    ['batches behind the choice', { keys: [key(1), key(1, 2)], extensions: Buffer.concat([KEY_CHOICE, BATCHES]) }],
  ])('refuses an offer with %s, and sends nothing', async (_, fields) => {
    const { script, error } = await pair.facing('client', 'START');
    let code: string | undefined;
    const spent = await spentDuring(async () => {
      script.send(frame('ServerHello', script.serverHello(fields)));
      code = (await error).code;
    });
    expect([code, await script.lastWords(), spent]).toEqual(['PQ_ERR_DECODE', [], NOTHING_SPENT]);
  });

  it.each<[string, (own: Keys[number]) => Keys, number, FacingOptions]>([
    ['the first', (own) => [own, key(1)], 0, {}],
    ['the first of its algorithm', (own) => [key(2), key(2, 3), own, key(1)], 2, {}],
    ['the only one of its suite', (own) => [key(1), key(1, 3), own], 2, { suite: MLDSA }],
    ['its own among keys that nobody knows', (own) => [key(9, 1, 0), own, key(9, 2, 1)], 1, {}],
  ])('that knows none of the keys chooses %s, and says so', async (_, keys, place, facing) => {
    const { script, socket } = await showing(keys, facing);
    await script.reach('OPEN');
    const extensions = (script.transcript[1] as Buffer).subarray(afterHello);
    expect(extensions).toEqual(Buffer.concat([Buffer.of(0, 5), keyChosen(place)]));
    socket.destroy();
  });

  it('agrees to batches besides', async () => {
    const { script, socket } = await pair.facing('client', 'START');
    const keys = [{ sigalg: 1, pk: script.keys.publicKey }, key(1)];
    const body = script.serverHello({ keys, extensions: Buffer.concat([BATCHES, KEY_CHOICE]) });
    script.serverHello = () => body;
    await script.reach('OPEN');
    const extensions = (script.transcript[1] as Buffer).subarray(afterHello);
    expect(extensions).toEqual(Buffer.concat([Buffer.of(0, 9), BATCHES, keyChosen(0)]));
    socket.destroy();
  });

  it('believes no signature of the key that it has not chosen', async () => {
    const { script, error } = await showing((own) => [key(1), own]);
    for (const state of ['WAIT_KEM', 'WAIT_AUTH', 'WAIT_FIN'] as const) await script.reach(state);
    expect((await error).code).toBe('PQ_ERR_AUTH_FAILED');
  });

  it('refuses its own key when that is the one it would choose', async () => {
    const { publicKey: pk } = pair.identities[0];
    const { script, error } = await showing((own) => [{ sigalg: 1, pk }, own]);
    script.send(frame('ServerHello', script.serverHello()));
    expect((await error).code).toBe('PQ_ERR_OWN_KEY');
    expect(await script.lastWords()).toEqual(['Alert auth_failed']);
  });

  it('asks its policy about the one key alone', async () => {
    const asked: Buffer[] = [];
    const trust: HardenedOptions['trust'] = ({ publicKey }) => {
      asked.push(publicKey);
      return false;
    };
    const { script, error } = await showing((own) => [key(1), own], { options: { trust } });
    script.send(frame('ServerHello', script.serverHello()));
    expect((await error).code).toBe('PQ_ERR_UNTRUSTED');
    expect(asked).toEqual([key(1).pk]);
  });
});

describe('a server', () => {
  /** The error, the last words and the costs of a client that says this in its hello. */
  async function refusal(at: TestServer, fields: { suite?: number; extensions: Buffer; key?: Buffer }) {
    const script = await (await HardenedScript.connect(at.port)).reach('START');
    const failed = once(at.server, 'clientError') as Promise<[Error & { code: string }]>;
    let code: string | undefined;
    const spent = await spentDuring(async () => {
      script.send(frame('ClientHello', script.clientHello(fields)));
      [{ code }] = await failed;
    });
    expect(spent).toEqual(NOTHING_SPENT);
    return { code, words: await script.lastWords() };
  }
  const MALFORMED = { code: 'PQ_ERR_DECODE', words: ['Alert decode_error'] };

  it('shows its keys in their order, and offers the choice', async () => {
    const script = await (await HardenedScript.connect(server.port)).reach('START');
    const { keys, extensions } = serverHelloFields((script.transcript[0] as Buffer).subarray(4));
    expect(keys).toEqual(
      shown.map(({ publicKey: pk, algorithm }) => ({ sigalg: algorithm === 'ML-DSA-87' ? 2 : 1, pk })),
    );
    expect(extensions).toEqual(KEY_CHOICE);
    script.socket.destroy();
  });

  it.each([
    ['its first key', 0, undefined],
    ['its only key of an algorithm', 1, MLDSA],
    ['its old key', 2, undefined],
  ] as const)('signs with %s for whoever chose it', async (_, place, suite) => {
    const script = await HardenedScript.connect(server.port, { place, ...(suite && { suite }) });
    await script.reach('OPEN'); // which verifies
    expect(script.peerKey).toEqual((shown[place] as Identity).publicKey);
    script.socket.destroy();
  });

  it.each<[string, Buffer, number?]>([
    ['no answer', Buffer.alloc(0)],
    ['an empty answer', KEY_CHOICE],
    ['an answer of two bytes', extension(2, Buffer.alloc(2))],
    ['a key behind the last', keyChosen(3)],
    ['key 255', keyChosen(255)],
    ['a key of another algorithm', keyChosen(1)],
    ['a key of another algorithm, of two', keyChosen(2), 2],
    ['the choice twice', Buffer.concat([keyChosen(0), keyChosen(0)])],
    ['batches, which are not offered', Buffer.concat([BATCHES, keyChosen(0)])],
    ['another extension in the place of the choice', extension(3, Buffer.alloc(1))],
  ])('refuses a choice with %s, and spends nothing', async (_, extensions, suite = 1) => {
    expect(await refusal(server, { extensions, suite })).toEqual(MALFORMED);
  });

  it('says first what else is wrong, as ever', async () => {
    const extensions = keyChosen(9);
    expect(await refusal(server, { extensions, suite: 4 })).toMatchObject({ code: 'PQ_ERR_NO_COMMON_SUITE' });
    for (const { publicKey } of [shown[0], shown[2]]) {
      const own = { extensions: keyChosen(0), key: publicKey };
      expect(await refusal(server, own)).toEqual({ code: 'PQ_ERR_OWN_KEY', words: ['Alert auth_failed'] });
    }
  });

  it('that has one key of each algorithm refuses a choice between them', async () => {
    for (const place of [0, 1]) expect(await refusal(pair.server, { extensions: keyChosen(place) })).toEqual(MALFORMED);
  });
});

describe('on the way between two honest sides', () => {
  let attacked: AttackedPair;
  let client: Identity;
  beforeAll(async () => {
    client = await Identity.generate();
    const both = { server: shown[0], client };
    attacked = await AttackedPair.listen(both, { identity: shown, trust: client.fingerprint });
  });
  afterAll(() => attacked.close());

  const offer = (change: (fields: ServerHelloFields) => Partial<ServerHelloFields>): Attack =>
    inPlaceOf('ServerHello', (hello) => {
      const fields = serverHelloFields(hello.subarray(4));
      return [frame('ServerHello', serverHelloBody({ ...fields, ...change(fields) }))];
    });
  /** The last byte of a ClientHello is the choice. */
  const choice = (place: number): Attack =>
    inPlaceOf('ClientHello', (hello) => [Buffer.concat([hello.subarray(0, -1), Buffer.of(place)])]);
  const refused = (code: string, alert: string, verify: 0 | 1) => {
    const spent = spentBy({ client: FLIGHT, server: { verify } });
    return { client: `alert ${alert}`, server: code, alerts: [`server: ${alert}`], got: NO_DATA, spent };
  };

  it('nothing but the choice differs', async () => {
    for (const [place, trust] of [
      [0, shown[0].fingerprint],
      [2, shown[2].fingerprint],
    ] as const) {
      expect(await attacked.run({}, { trust })).toMatchObject({ client: 'end', server: 'end' });
      expect(attacked.link.sent.client[0]?.subarray(-5)).toEqual(keyChosen(place));
    }
  });

  it.each<[string, (fields: ServerHelloFields) => Partial<ServerHelloFields>]>([
    ['the new key', ({ keys: [, ...keys] }) => ({ keys: [key(1), ...keys] })],
    ['the order of the keys', ({ keys }) => ({ keys: [...keys].reverse() })],
    ['a key that is added', ({ keys }) => ({ keys: [...keys, key(1)] })],
    ['a key that is taken away', ({ keys }) => ({ keys: [keys[0], keys[2]] as Keys })],
  ])('a change of %s ends at the server', async (_, change) => {
    const outcome = await attacked.run({ attack: offer(change) }, { trust: shown[2].fingerprint });
    // The old key may have another place then: who chose one that is not there is refused at once.
    const known = [refused('PQ_ERR_AUTH_FAILED', 'auth_failed', 1), refused('PQ_ERR_DECODE', 'decode_error', 0)];
    expect(known).toContainEqual(outcome);
  });

  it('an offer without the old key is no good to a client that knows that alone', async () => {
    const attack = offer(({ keys }) => ({ keys: keys.slice(0, 2), extensions: Buffer.alloc(0) }));
    expect(await attacked.run({ attack }, { trust: shown[2].fingerprint })).toMatchObject({
      client: 'PQ_ERR_UNTRUSTED',
    });
    const both = [shown[0].fingerprint, shown[2].fingerprint];
    expect(await attacked.run({ attack }, { trust: both })).toEqual(refused('PQ_ERR_DECODE', 'decode_error', 0));
  });

  it('another choice than the client’s ends at the server', async () => {
    const trust = shown[0].fingerprint;
    expect(await attacked.run({ attack: choice(2) }, { trust })).toEqual(
      refused('PQ_ERR_AUTH_FAILED', 'auth_failed', 1),
    );
    expect(await attacked.run({ attack: choice(1) }, { trust })).toEqual(refused('PQ_ERR_DECODE', 'decode_error', 0));
  });
});
