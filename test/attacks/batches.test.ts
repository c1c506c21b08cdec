/** Signatures for several handshakes at once, honest and not, against a client over TCP: what it says, and its costs. */
import { randomBytes } from 'node:crypto';
import { frame, type HardenedScript } from '../support/hardened-script.js';
import { BATCHES, type BatchFields, batchBody, ScriptBatch } from '../support/script-batch.js';
import { type Failure, NOTHING_SPENT, ScriptPair, spentDuring } from '../support/script-pair.js';
import { headerOf } from '../support/script-records.js';
import { SCRIPT_SUITES } from '../support/script-suite.js';

const SUITES = Object.entries(SCRIPT_SUITES);
const SUITE = SCRIPT_SUITES['mlkem1024-mldsa87'];
const AGREED = { suite: SUITE, extensions: BATCHES };
const SINGLE = 1 + SUITE.sig.signatureLength;
const UNTIL_PROVEN = { ...NOTHING_SPENT, verify: 1 };
const MALFORMED = { code: 'PQ_ERR_DECODE', words: ['Alert decode_error'], spent: NOTHING_SPENT };
const UNPROVEN = { code: 'PQ_ERR_AUTH_FAILED', words: ['Alert auth_failed'], spent: UNTIL_PROVEN };

let pair: ScriptPair;
beforeAll(async () => {
  pair = await ScriptPair.listen();
});
afterAll(() => pair.close());

/** A batch of strangers, in which the script's handshake has a place. */
function batchOf(script: HardenedScript, size: number, place: number, own = script.signed('server')): ScriptBatch {
  return new ScriptBatch(Array.from({ length: size }, (_, i) => (i === place ? own : randomBytes(148))));
}

/** What a server sends that does not differ from an honest one. */
function honest(script: HardenedScript, batch: ScriptBatch, place: number): BatchFields {
  return batch.fields(place, sign(script, batch.signed()));
}

function sign(script: HardenedScript, bytes: Buffer): Buffer {
  return script.suite.sig.signSync(bytes, script.keys.secretKey);
}

/** What a client says of a ServerAuth, what it tells the server, and what it has spent. */
async function refusal(make: (script: HardenedScript) => Buffer, options: object = AGREED) {
  const { script, error } = await pair.facing('client', 'WAIT_AUTH', options);
  let failure: Failure | undefined;
  const auth = make(script);
  const spent = await spentDuring(async () => {
    script.send(auth);
    failure = await error;
  });
  return { code: failure?.code, words: await script.lastWords(), spent };
}

describe.each(SUITES)('a client of %s', (_, suite) => {
  it.each([
    [2, 0],
    [2, 1],
    [3, 2],
    [5, 3],
    [8, 4],
    [33, 32],
    [64, 21],
    [64, 63],
  ])('takes a signature for %i handshakes, in which it has place %i: one verification', async (size, place) => {
    const { script, socket } = await pair.facing('client', 'WAIT_AUTH', { suite, extensions: BATCHES });
    const body = batchBody(honest(script, batchOf(script, size, place), place));
    expect(body.length - suite.sig.signatureLength - 1).toBeLessThanOrEqual(261);
    const spent = await spentDuring(async () => {
      script.say('ServerAuth', body);
      script.say('ServerFinished', script.mac('server'));
      expect(await script.hear('ClientFinished')).toEqual(script.mac('client'));
    });
    expect(spent).toEqual({ ...NOTHING_SPENT, verify: 1, decapsulate: 1 });
    script.openRecords();
    socket.end('hello');
    expect((await script.readRecord()).content).toEqual(Buffer.from('hello'));
    socket.destroy();
  });

  it('takes a signature of its own where batches are agreed', async () => {
    const { socket } = await pair.facing('client', 'OPEN', { suite, extensions: BATCHES });
    socket.destroy();
  });
});

describe('a client', () => {
  it('agrees to batches if they are offered, and only then', async () => {
    for (const extensions of [BATCHES, Buffer.alloc(0), Buffer.from('00060000', 'hex')]) {
      const { script, socket } = await pair.facing('client', 'WAIT_KEM', { suite: SUITE, extensions });
      const hello = (script.transcript[1] as Buffer).subarray(4 + 38 + 2592);
      const length = Buffer.from([0, extensions.equals(BATCHES) ? 4 : 0]);
      expect(hello).toEqual(Buffer.concat([length, ...(extensions.equals(BATCHES) ? [BATCHES] : [])]));
      socket.destroy();
    }
  });

  it('has both sides know that, and the batch as it was sent, in their MACs', async () => {
    const { script, error } = await pair.facing('client', 'WAIT_AUTH', AGREED);
    const fields = honest(script, batchOf(script, 4, 1), 1);
    script.say('ServerAuth', batchBody(fields));
    script.transcript[5] = frame('ServerAuth', batchBody({ ...fields, random: randomBytes(32) }));
    script.send(frame('ServerFinished', script.mac('server')));
    expect((await error).code).toBe('PQ_ERR_AUTH_FAILED');
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['of the right form', (script) => frame('ServerAuth', batchBody(honest(script, batchOf(script, 2, 0), 0)))],
    ['cut to the length of a single signature', (script) => cutTo(script, SINGLE)],
  ])('that has not agreed refuses a batch %s, and spends nothing on it', async (_, make) => {
    expect(await refusal(make, { suite: SUITE })).toEqual(MALFORMED);
  });

  const lengths = [SINGLE - 1, SINGLE + 1, SINGLE + 68, SINGLE + 69, SINGLE + 100, SINGLE + 102, SINGLE + 261 + 32];
  it.each([...lengths, 0, 0xffffff])('refuses a ServerAuth of %i bytes on its header alone', async (length) => {
    expect(await refusal(() => headerOf(0x06, length))).toEqual(MALFORMED);
  });

  it.each([1, 2, 3, 4, 5, 6])('that has not agreed refuses a batch of depth %i on its header alone', async (depth) => {
    expect(await refusal(() => headerOf(0x06, SINGLE + 69 + 32 * depth), { suite: SUITE })).toEqual(MALFORMED);
  });

  it.each<[string, (right: BatchFields) => Partial<BatchFields>]>([
    ['depth 0, and the length of depth 1', () => ({ depth: 0 })],
    ['depth 7, and the length of depth 6', ({ siblings }) => ({ depth: 7, siblings: filled(siblings, 6) })],
    ['depth 255', () => ({ depth: 255 })],
    ['depth 2, and the length of depth 3', () => ({ depth: 2 })],
    ['depth 3, and the length of depth 2', ({ siblings }) => ({ siblings: siblings.slice(1) })],
    ['a place that is 2^depth', () => ({ place: 8 })],
    ['the last place that there is', () => ({ place: 0xffffffff })],
    ['0 as its first byte', () => ({ first: 0 })],
    ['2 as its first byte', () => ({ first: 2 })],
  ])('refuses a batch with %s before it verifies anything', async (_, change) => {
    const make = (script: HardenedScript) => {
      const right = honest(script, batchOf(script, 5, 3), 3);
      return frame('ServerAuth', batchBody({ ...right, ...change(right) }));
    };
    expect(await refusal(make)).toEqual(MALFORMED);
  });

  it('refuses a single signature that calls itself a batch before it verifies anything', async () => {
    const make = (script: HardenedScript) =>
      frame('ServerAuth', Buffer.concat([Uint8Array.of(1), script.signature('server')]));
    expect(await refusal(make)).toEqual(MALFORMED);
  });

  it.each<[string, (right: BatchFields) => Partial<BatchFields>]>([
    ['another id', () => ({ id: randomBytes(32) })],
    ['another random', () => ({ random: randomBytes(32) })],
    ['the place beside its own', ({ place }) => ({ place: place ^ 1 })],
    ['a place far from its own', ({ place }) => ({ place: place ^ 4 })],
    ['its first sibling wrong', ({ siblings }) => ({ siblings: [randomBytes(32), ...siblings.slice(1)] })],
    ['its last sibling wrong', ({ siblings }) => ({ siblings: [...siblings.slice(0, -1), randomBytes(32)] })],
    ['its siblings from the root downwards', ({ siblings }) => ({ siblings: [...siblings].reverse() })],
    ['a bit of the signature changed', ({ signature }) => ({ signature: flipped(signature, 4000) })],
    ['a signature of another key', () => ({ signature: SUITE.sig.signSync(randomBytes(150), OTHER.secretKey) })],
  ])('refuses a batch with %s: one verification, and no secret is computed', async (_, change) => {
    const make = (script: HardenedScript) => {
      const right = honest(script, batchOf(script, 5, 3), 3);
      return frame('ServerAuth', batchBody({ ...right, ...change(right) }));
    };
    expect(await refusal(make)).toEqual(UNPROVEN);
  });

  it.each<[string, (script: HardenedScript, batch: ScriptBatch) => Buffer]>([
    ['the label of a single signature', (_, batch) => batch.signed({ label: 'pqsock1 server auth' })],
    ['the label of a client', (_, batch) => batch.signed({ label: 'pqsock1 client auth' })],
    ['another depth', (_, batch) => batch.signed({ depth: 2 })],
    ['another id', (_, batch) => batch.signed({ id: randomBytes(32) })],
    ['the client’s leaf', (_, batch) => batch.signed({ root: batch.nodes[0]?.[3] as Buffer })],
    ['the root alone', (_, batch) => batch.root],
    ['what it would sign for the client alone', (script) => script.signed('server')],
  ])('refuses a batch whose server has signed %s', async (_, signed) => {
    const make = (script: HardenedScript) => {
      const batch = batchOf(script, 5, 3);
      return frame('ServerAuth', batchBody(batch.fields(3, sign(script, signed(script, batch)))));
    };
    expect(await refusal(make)).toEqual(UNPROVEN);
  });

  it.each<[string, (script: HardenedScript) => Buffer]>([
    ['of another connection', () => randomBytes(148)],
    ['of the client’s own signature', (script) => script.signed('client')],
    ['of the bare hash', (script) => script.hash(5)],
    [
      'of the transcript without kem_ct',
      (script) => Buffer.concat([script.signed('server').subarray(0, 84), script.hash(4)]),
    ],
  ])('refuses a batch in which its place has the leaf %s', async (_, own) => {
    const make = (script: HardenedScript) => {
      const batch = batchOf(script, 5, 3, own(script));
      return frame('ServerAuth', batchBody(honest(script, batch, 3)));
    };
    expect(await refusal(make)).toEqual(UNPROVEN);
  });

  it('refuses what the server has sent to its neighbour', async () => {
    const make = (script: HardenedScript) => frame('ServerAuth', batchBody(honest(script, batchOf(script, 5, 3), 2)));
    expect(await refusal(make)).toEqual(UNPROVEN);
  });

  it('refuses the batch of an earlier connection, whose place it has again', async () => {
    const first = await pair.facing('client', 'WAIT_AUTH', AGREED);
    const old = frame('ServerAuth', batchBody(honest(first.script, batchOf(first.script, 2, 0), 0)));
    first.socket.destroy();
    expect(await refusal(() => old, { ...AGREED, keys: first.script.keys })).toEqual(UNPROVEN);
  });

  it('refuses a single signature over what a batch is', async () => {
    const make = (script: HardenedScript) => {
      const signature = sign(script, batchOf(script, 2, 0).signed());
      return frame('ServerAuth', Buffer.concat([Uint8Array.of(0), signature]));
    };
    expect(await refusal(make)).toEqual(UNPROVEN);
  });
});

const OTHER = SUITE.sig.keypairSync();

function filled(siblings: readonly Buffer[], count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => siblings[i] ?? randomBytes(32));
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

/** The beginning of a batch. */
function cutTo(script: HardenedScript, length: number): Buffer {
  return frame('ServerAuth', batchBody(honest(script, batchOf(script, 2, 0), 0)).subarray(0, length));
}
