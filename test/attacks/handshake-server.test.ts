/** A misbehaving client against a server of the hardened profile, over TCP: the error, the alert, and what it may cost. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fingerprintOf, Identity, type PqSocket } from '../../lib/index.js';
import { frame, HardenedScript, STATES } from '../support/hardened-script.js';
import { serverHelloFields } from '../support/script-hello.js';
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

/** What a server says of frames, what it tells the client, and what it has spent. */
async function refusal(script: HardenedScript, error: Promise<Failure>, ...frames: Buffer[]) {
  let failure: Failure | undefined;
  const spent = await spentDuring(async () => {
    script.send(...frames);
    failure = await error;
  });
  return { code: failure?.code, spent, words: await script.lastWords() };
}

/** The three frames of the client, which the script has said to nobody yet. */
function flight(
  script: HardenedScript,
  sign = () => script.signature('client'),
  key = script.keys.publicKey,
): Buffer[] {
  const frames = [frame('ClientHello', script.clientHello({ key })), frame('ClientKem', script.pair.publicKey)];
  script.transcript.push(...frames);
  frames.push(frame('ClientAuth', sign()));
  script.transcript.push(frames[2] as Buffer);
  return frames;
}

describe('what a client costs a server', () => {
  it('that proves who it is: one verification, one encapsulation, one signature', async () => {
    const { script } = await pair.facing('server', 'START');
    const frames = flight(script);
    const spent = await spentDuring(async () => {
      script.send(...frames);
      for (let i = 0; i < 3; i += 1) await script.readFrame();
    });
    expect(spent).toEqual({ ...NOTHING_SPENT, verify: 1, encapsulate: 1, sign: 1 });
    script.socket.destroy();
  });

  it('that the policy does not accept: nothing, with a right signature or without', async () => {
    const server = await ScriptPair.serve(pair.identities, { trust: pair.identities[0].fingerprint });
    for (const sign of [undefined, () => randomBytes(DILITHIUM.sig.signatureLength)]) {
      const script = await (await HardenedScript.connect(server.port)).reach('START');
      const error = once(server.server, 'clientError').then(([error]) => error as Failure);
      const refused = await refusal(script, error, ...flight(script, sign));
      expect(refused).toEqual({ code: 'PQ_ERR_UNTRUSTED', spent: NOTHING_SPENT, words: ['Alert auth_failed'] });
    }
    await server.close();
  });

  it('that shows the server’s own key: nothing', async () => {
    const { script, error } = await pair.facing('server', 'START');
    const refused = await refusal(script, error, ...flight(script, undefined, pair.identities[0].publicKey));
    expect(refused).toEqual({ code: 'PQ_ERR_OWN_KEY', spent: NOTHING_SPENT, words: ['Alert auth_failed'] });
  });

  it.each([
    ['the first coefficient is 3329', (kemPk: Buffer) => kemPk.writeUInt16LE((kemPk.readUInt16LE() & 0xf000) | 3329)],
    ['the last coefficient is 4095', (kemPk: Buffer) => kemPk.writeUInt16BE(0xffff, 1534)],
    ['it is a ciphertext', (kemPk: Buffer) => DILITHIUM.encapsulate(Buffer.from(kemPk)).ciphertext.copy(kemPk)],
  ])('whose kem_pk is none, as %s: nothing', async (_, spoil) => {
    const { script, error } = await pair.facing('server', 'START');
    spoil(script.pair.publicKey);
    const refused = await refusal(script, error, ...flight(script));
    expect(refused).toEqual({ code: 'PQ_ERR_DECODE', spent: NOTHING_SPENT, words: ['Alert decode_error'] });
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['random', () => randomBytes(DILITHIUM.sig.signatureLength)],
    ['with one bit changed', (script) => flipped(script.signature('client'), 4000)],
    ['of another key', (script) => script.signature('client', DILITHIUM.sig.keypairSync())],
    ['with a server’s label', (script) => signLabelled(script, 'pqsock1 server auth')],
    ['with the label that is reserved', (script) => signLabelled(script, 'pqsock1 server batch')],
    [
      'over kem_pk, as in the seed profile',
      (script) => DILITHIUM.sig.signSync(script.pair.publicKey, script.keys.secretKey),
    ],
    ['over the bare hash', (script) => DILITHIUM.sig.signSync(script.hash(3), script.keys.secretKey)],
    ['over another kem_pk', (script) => overOther(script, 2, frame('ClientKem', DILITHIUM.keypair().publicKey))],
    ['over another ServerHello', (script) => overOther(script, 0, frame('ServerHello', script.serverHello()))],
  ])('whose signature is %s: one verification', async (_, make) => {
    const { script, error } = await pair.facing('server', 'START');
    const refused = await refusal(script, error, ...flight(script, () => make(script)));
    const spent = { ...NOTHING_SPENT, verify: 1 };
    expect(refused).toEqual({ code: 'PQ_ERR_AUTH_FAILED', spent, words: ['Alert auth_failed'] });
  });
});

/** Signs what the client signs, with another label. */
function signLabelled(script: HardenedScript, label: string): Buffer {
  const message = Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`${label}\0`), script.hash(3)]);
  return script.suite.sig.signSync(message, script.keys.secretKey);
}

/** Signs a transcript in which one frame is another. */
function overOther(script: HardenedScript, at: number, other: Buffer): Buffer {
  const right = script.transcript[at] as Buffer;
  script.transcript[at] = other;
  const signature = script.signature('client');
  script.transcript[at] = right;
  return signature;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

describe('a server takes no client for another', () => {
  const refused = {
    code: 'PQ_ERR_AUTH_FAILED',
    spent: { ...NOTHING_SPENT, verify: 1 },
    words: ['Alert auth_failed'],
  };

  it('when one that it trusts shows the key of another that it trusts', async () => {
    const [shown, signing] = [DILITHIUM.sig.keypairSync(), DILITHIUM.sig.keypairSync()];
    const trust = [shown, signing].map(({ publicKey }) => fingerprintOf('Dilithium5', publicKey));
    const server = await ScriptPair.serve(pair.identities, { trust });
    const script = await (await HardenedScript.connect(server.port, { keys: shown })).reach('START');
    const error = once(server.server, 'clientError').then(([error]) => error as Failure);
    const frames = flight(script, () => script.signature('client', signing));
    expect(await refusal(script, error, ...frames)).toEqual(refused);
    await server.close();
  });

  it('when the flight is one that was sent to it before', async () => {
    const first = await pair.facing('server', 'OPEN');
    const recorded = first.script.transcript.slice(1, 4);
    first.socket.destroy();
    const { script, error } = await pair.facing('server', 'START');
    expect(await refusal(script, error, ...recorded)).toEqual(refused);
  });

  it('when a server that the client trusts passes on what the client has sent to that one', async () => {
    const relay = await pair.facing('server', 'START');
    const { random } = serverHelloFields((relay.script.transcript[0] as Buffer).subarray(4));
    const identity = await Identity.generate();
    const { script, socket } = await pair.facing('client', 'START', { options: { identity } });
    script.say('ServerHello', script.serverHello({ random }));
    await script.hearClient();
    expect(await refusal(relay.script, relay.error, ...script.transcript.slice(1))).toEqual(refused);
    socket.destroy();
  });

  it('when somebody holds the server’s own secret key, and shows the client’s public one', async () => {
    const stolen = DILITHIUM.sig.keypairSync();
    const identity = Identity.from({ ...stolen, profile: 'hardened' });
    const server = await ScriptPair.serve([identity, pair.identities[1]], {});
    const script = await (await HardenedScript.connect(server.port)).reach('START');
    const error = once(server.server, 'clientError').then(([error]) => error as Failure);
    const frames = flight(script, () => script.signature('client', stolen));
    expect(await refusal(script, error, ...frames)).toEqual(refused);
    await server.close();
  });

  it('when the prologues differ', async () => {
    const { script, error } = await pair.facing('server', 'START', { prologue: 'another' });
    expect(await refusal(script, error, ...flight(script))).toEqual(refused);
  });
});

describe('a server is not open before the client has shown the same keys', () => {
  let old: Buffer;
  beforeAll(async () => {
    const { script, socket } = await pair.facing('server', 'OPEN');
    old = script.mac('client');
    socket.destroy();
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['zero', () => Buffer.alloc(64)],
    ['random', () => randomBytes(64)],
    ['the server’s', (script) => (script.transcript[6] as Buffer).subarray(4)],
    ['that of another connection', () => old],
    ['made with another secret', (script) => script.mac('client', randomBytes(32))],
    ['changed in its first bit', (script) => flipped(script.mac('client'), 0)],
    ['changed in its last byte', (script) => flipped(script.mac('client'), 63)],
    ['cut to 32 bytes', (script) => Buffer.concat([script.mac('client').subarray(0, 32), Buffer.alloc(32)])],
  ])('whose mac_c is %s, and takes no data', async (_, make) => {
    const opened = jest.fn((socket: PqSocket) => socket.destroy());
    pair.server.server.on('secureConnection', opened);
    const { script, error } = await pair.facing('server', 'WAIT_FIN');
    const finished = frame('ClientFinished', make(script));
    script.transcript.push(finished);
    script.openRecords();
    script.send(finished, script.sending.seal('DATA', Buffer.from('too early')));
    expect((await error).code).toBe('PQ_ERR_AUTH_FAILED');
    expect(await script.lastWords()).toEqual(['Alert auth_failed']);
    expect(opened).not.toHaveBeenCalled();
    pair.server.server.off('secureConnection', opened);
  });
});

describe('X25519 beside the KEM, at a server', () => {
  const [p, order8] = [2n ** 255n - 19n, '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'];
  const little = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

  it.each([
    ['0', little(0n)],
    ['1', little(1n)],
    ['of order 8', Buffer.from(order8, 'hex')],
    ['p − 1', little(p - 1n)],
    ['p, which is 0', little(p)],
    ['p + 1, which is 1', little(p + 1n)],
    ['0 with the top bit', little(2n ** 255n)],
  ])('refuses the share %s, after the signature and before its own', async (_, share) => {
    const { script, error } = await pair.facing('server', 'START', { suite: HYBRID });
    share.copy(script.pair.publicKey, 1568);
    const { code, spent, words } = await refusal(script, error, ...flight(script));
    expect({ code, words }).toEqual({ code: 'PQ_ERR_DECODE', words: ['Alert decode_error'] });
    expect(spent).toMatchObject({ verify: 1, sign: 0 });
  });

  it.each([
    ['KEM', 0],
    ['curve', 32],
  ])('does not open when the client has not the secret of the %s', async (_, at) => {
    const { script, error } = await pair.facing('server', 'WAIT_FIN', { suite: HYBRID });
    randomBytes(32).copy(script.sharedSecret, at);
    const refused = await refusal(script, error, frame('ClientFinished', script.mac('client')));
    expect(refused).toEqual({ code: 'PQ_ERR_AUTH_FAILED', spent: NOTHING_SPENT, words: ['Alert auth_failed'] });
  });
});

it.each(STATES.slice(0, 4))(
  'a server in %s takes the end of the connection for truncation, and is silent',
  async (state) => {
    for (const rest of [EMPTY, Buffer.alloc(2, 2)]) {
      const { script, error } = await pair.facing('server', state);
      script.socket.end(rest);
      expect((await error).code).toBe('PQ_ERR_TRUNCATED');
      expect(await script.lastWords()).toEqual([]);
    }
  },
);
