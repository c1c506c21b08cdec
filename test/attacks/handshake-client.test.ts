/** A misbehaving server against a client of the hardened profile, over TCP: the error, the alert, and what it costs. */
import { randomBytes } from 'node:crypto';
import { Identity } from '../../lib/index.js';
import type { SigKeyPair } from '../../lib/oqs.js';
import { frame, type HardenedScript, STATES } from '../support/hardened-script.js';
import { type Failure, NOTHING_SPENT, ScriptPair, spentDuring } from '../support/script-pair.js';
import { EMPTY } from '../support/script-records.js';
import { SCRIPT_SUITES } from '../support/script-suite.js';

const DILITHIUM = SCRIPT_SUITES['kyber1024-dilithium5'];
const HYBRID = SCRIPT_SUITES['x25519mlkem1024-mldsa87'];

let pair: ScriptPair;
beforeAll(async () => {
  pair = await ScriptPair.listen();
});
afterAll(() => pair.close());

/** What a client says of frames, what it tells the server, and what it has spent on them. */
async function refusal(script: HardenedScript, error: Promise<Failure>, ...frames: Buffer[]) {
  let failure: Failure | undefined;
  const spent = await spentDuring(async () => {
    script.send(...frames);
    failure = await error;
  });
  return { code: failure?.code, spent, words: await script.lastWords() };
}

interface Differently {
  /** What the server sends in the place of kem_ct. */
  readonly kemCt?: Buffer;
  readonly keys?: SigKeyPair;
  sign?(script: HardenedScript): Buffer;
  mac?(script: HardenedScript): Buffer;
}

/** The three frames of the server, which the script has said to nobody yet. */
function flight(script: HardenedScript, { kemCt, keys, sign, mac }: Differently = {}): Buffer[] {
  const { ciphertext, sharedSecret } = script.suite.encapsulate(script.pair.publicKey);
  script.sharedSecret = sharedSecret;
  script.transcript.push(frame('ServerKem', kemCt ?? ciphertext));
  const signature = sign?.(script) ?? script.signature('server', keys);
  script.transcript.push(frame('ServerAuth', Buffer.concat([Uint8Array.of(0), signature])));
  script.transcript.push(frame('ServerFinished', mac?.(script) ?? script.mac('server')));
  return script.transcript.slice(4);
}

const REFUSED = { code: 'PQ_ERR_AUTH_FAILED', words: ['Alert auth_failed'] };

describe('what a server costs a client', () => {
  it('that proves who it is: one key pair, two signatures, one decapsulation', async () => {
    const { script, socket } = await pair.facing('client', 'START');
    let spent = await spentDuring(async () => {
      script.send(frame('ServerHello', script.serverHello()));
      for (let i = 0; i < 3; i += 1) await script.readFrame();
    });
    expect(spent).toEqual({ ...NOTHING_SPENT, keypair: 1, sign: 1 });
    socket.destroy();
    const second = await pair.facing('client', 'WAIT_KEM');
    const frames = flight(second.script);
    spent = await spentDuring(async () => {
      second.script.send(...frames);
      await second.script.readFrame();
    });
    expect(spent).toEqual({ ...NOTHING_SPENT, verify: 1, decapsulate: 1 });
    second.socket.destroy();
  });

  it('whose key is not the pinned one: nothing, and it learns nothing of the client', async () => {
    const options = { trust: pair.identities[0].fingerprint };
    const { script, error } = await pair.facing('client', 'START', { options });
    const refused = await refusal(script, error, frame('ServerHello', script.serverHello()));
    expect(refused).toEqual({ code: 'PQ_ERR_UNTRUSTED', spent: NOTHING_SPENT, words: ['Alert auth_failed'] });
  });

  it('that shows the client’s own key: nothing', async () => {
    const { script, error } = await pair.facing('client', 'START');
    const keys = [{ sigalg: 1, pk: pair.identities[0].publicKey }];
    const refused = await refusal(script, error, frame('ServerHello', script.serverHello({ keys })));
    expect(refused).toEqual({ code: 'PQ_ERR_OWN_KEY', spent: NOTHING_SPENT, words: ['Alert auth_failed'] });
  });

  it.each([1, 2, 0xff])('whose ServerAuth begins with %i: nothing', async (first) => {
    const { script, error } = await pair.facing('client', 'WAIT_AUTH');
    const auth = frame('ServerAuth', Buffer.concat([Uint8Array.of(first), script.signature('server')]));
    const refused = await refusal(script, error, auth);
    expect(refused).toEqual({ code: 'PQ_ERR_DECODE', spent: NOTHING_SPENT, words: ['Alert decode_error'] });
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['random', () => randomBytes(DILITHIUM.sig.signatureLength)],
    ['with one bit changed', (script) => flipped(script.signature('server'), 4000)],
    ['of another key', (script) => script.signature('server', DILITHIUM.sig.keypairSync())],
    ['with a client’s label', (script) => signLabelled(script, 'pqsock1 client auth')],
    ['with the label that is reserved', (script) => signLabelled(script, 'pqsock1 server batch')],
    ['the client’s own', (script) => (script.transcript[3] as Buffer).subarray(4)],
    [
      'over kem_ct, as in the seed profile',
      (script) => signBytes(script, (script.transcript[4] as Buffer).subarray(4)),
    ],
    ['over the bare hash', (script) => signBytes(script, script.hash(5))],
    ['over another kem_ct', (script) => overOther(script, 4, frame('ServerKem', Buffer.alloc(1568)))],
    ['over another signature of the client', (script) => overOther(script, 3, frame('ClientAuth', Buffer.alloc(4595)))],
  ])('whose signature is %s: one verification, and no secret is computed', async (_, sign) => {
    const { script, error } = await pair.facing('client', 'WAIT_KEM');
    const refused = await refusal(script, error, ...flight(script, { sign }));
    expect(refused).toEqual({ ...REFUSED, spent: { ...NOTHING_SPENT, verify: 1 } });
  });
});

function signBytes(script: HardenedScript, bytes: Buffer): Buffer {
  return script.suite.sig.signSync(bytes, script.keys.secretKey);
}

/** Signs what the server signs, with another label. */
function signLabelled(script: HardenedScript, label: string): Buffer {
  return signBytes(script, Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`${label}\0`), script.hash(5)]));
}

/** Signs a transcript in which one frame is another. */
function overOther(script: HardenedScript, at: number, other: Buffer): Buffer {
  const right = script.transcript[at] as Buffer;
  script.transcript[at] = other;
  const signature = script.signature('server');
  script.transcript[at] = right;
  return signature;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

describe('a client takes no server for another', () => {
  const spent = { ...NOTHING_SPENT, verify: 1 };

  it('when all that the server sends is what it has sent to this client before', async () => {
    const first = await pair.facing('client', 'OPEN');
    const hello = first.script.transcript[0] as Buffer;
    const recorded = first.script.transcript.slice(4, 7);
    first.socket.destroy();
    const { script, error } = await pair.facing('client', 'START', { keys: first.script.keys });
    script.send(hello);
    script.transcript.push(hello);
    await script.hearClient();
    expect(script.transcript[1]).not.toEqual(first.script.transcript[1]); // another random
    expect(script.transcript[2]).not.toEqual(first.script.transcript[2]); // another kem_pk
    expect(await refusal(script, error, ...recorded)).toEqual({ ...REFUSED, spent });
  });

  it('when one that it trusts shows the key of another that it trusts', async () => {
    const { script, error } = await pair.facing('client', 'WAIT_KEM');
    const frames = flight(script, { keys: DILITHIUM.sig.keypairSync() });
    expect(await refusal(script, error, ...frames)).toEqual({ ...REFUSED, spent });
  });

  it('when somebody holds the client’s own secret key, and shows the server’s public one', async () => {
    const stolen = DILITHIUM.sig.keypairSync();
    const options = { identity: Identity.from(stolen) };
    const { script, error } = await pair.facing('client', 'WAIT_KEM', { options });
    const frames = flight(script, { keys: stolen });
    expect(await refusal(script, error, ...frames)).toEqual({ ...REFUSED, spent });
  });

  it.each([
    ['with the types of a client', (frames: Buffer[]) => frames],
    ['with the types of a server', (frames: Buffer[]) => retyped(frames)],
  ])('when its own frames come back %s, even if it may meet its own key', async (_, change) => {
    const [own] = pair.identities;
    const options = { identity: own, allowOwnKey: true };
    const { script, error } = await pair.facing('client', 'START', { options });
    script.say('ServerHello', script.serverHello({ keys: [{ sigalg: 1, pk: own.publicKey }] }));
    await script.hearClient();
    const { code, spent: done } = await refusal(script, error, ...change(script.transcript.slice(1)));
    expect(code).toMatch(/^PQ_ERR_(UNEXPECTED_MESSAGE|AUTH_FAILED)$/);
    expect(done).toMatchObject({ decapsulate: 0, sign: 0 });
  });

  /** kem_pk as kem_ct, and the client's signature as the server's. */
  function retyped([, kem, auth]: Buffer[]): Buffer[] {
    const signature = Buffer.concat([Uint8Array.of(0), (auth as Buffer).subarray(4)]);
    return [frame('ServerKem', (kem as Buffer).subarray(4)), frame('ServerAuth', signature)];
  }
});

describe('a client is not open before the server has shown the same keys', () => {
  let old: Buffer;
  beforeAll(async () => {
    const { script, socket } = await pair.facing('client', 'OPEN');
    old = script.mac('server');
    socket.destroy();
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['zero', () => Buffer.alloc(64)],
    ['random', () => randomBytes(64)],
    ['the client’s', (script) => script.mac('client')],
    ['that of another connection', () => old],
    ['made with another secret', (script) => script.mac('server', randomBytes(32))],
    ['changed in its first bit', (script) => flipped(script.mac('server'), 0)],
    ['changed in its last byte', (script) => flipped(script.mac('server'), 63)],
    ['cut to 32 bytes', (script) => Buffer.concat([script.mac('server').subarray(0, 32), Buffer.alloc(32)])],
  ])('whose mac_s is %s: it sends no ClientFinished and none of its data', async (_, mac) => {
    const { script, error, socket } = await pair.facing('client', 'WAIT_KEM');
    const opened = jest.fn();
    socket.on('secureConnect', opened);
    socket.write('a secret');
    const refused = await refusal(script, error, ...flight(script, { mac }));
    expect(refused).toEqual({ ...REFUSED, spent: { ...NOTHING_SPENT, verify: 1, decapsulate: 1 } });
    expect(opened).not.toHaveBeenCalled();
  });

  it('whose kem_ct was made for another key, and looks like a wrong signature from outside', async () => {
    const outside: unknown[] = [];
    const other = DILITHIUM.encapsulate(DILITHIUM.keypair().publicKey).ciphertext;
    const wrong: Differently[] = [
      { kemCt: other },
      { keys: DILITHIUM.sig.keypairSync() },
      { mac: () => Buffer.alloc(64) },
    ];
    for (const differently of wrong) {
      const { script, error } = await pair.facing('client', 'WAIT_KEM');
      const { code, words } = await refusal(script, error, ...flight(script, differently));
      outside.push({ code, words });
    }
    expect(outside).toEqual([REFUSED, REFUSED, REFUSED]);
  });
});

describe('X25519 beside the KEM, at a client', () => {
  const p = 2n ** 255n - 19n;
  const order8 = Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex');
  const little = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

  it.each([
    ['0', little(0n)],
    ['1', little(1n)],
    ['of order 8', order8],
    ['p − 1', little(p - 1n)],
    ['p, which is 0', little(p)],
    ['0 with the top bit', little(2n ** 255n)],
  ])('refuses the share %s under a right signature', async (_, share) => {
    const { script, error } = await pair.facing('client', 'WAIT_KEM', { suite: HYBRID });
    const { ciphertext } = HYBRID.encapsulate(script.pair.publicKey);
    share.copy(ciphertext, 1568);
    const { code, spent, words } = await refusal(script, error, ...flight(script, { kemCt: ciphertext }));
    expect({ code, words }).toEqual({ code: 'PQ_ERR_DECODE', words: ['Alert decode_error'] });
    expect(spent).toMatchObject({ verify: 1, sign: 0 });
  });

  it.each([
    ['KEM', 0],
    ['curve', 32],
  ])('does not open when the server has not the secret of the %s', async (_, at) => {
    const { script, error } = await pair.facing('client', 'WAIT_KEM', { suite: HYBRID });
    const mac = () => {
      randomBytes(32).copy(script.sharedSecret, at);
      return script.mac('server');
    };
    const { code, words } = await refusal(script, error, ...flight(script, { mac }));
    expect({ code, words }).toEqual(REFUSED);
  });
});

it.each(STATES.slice(0, 4))(
  'a client in %s takes the end of the connection for truncation, and is silent',
  async (state) => {
    for (const rest of [EMPTY, Buffer.alloc(2, 1)]) {
      const { script, error } = await pair.facing('client', state);
      script.socket.end(rest);
      expect((await error).code).toBe('PQ_ERR_TRUNCATED');
      expect(await script.lastWords()).toEqual([]);
    }
  },
);
