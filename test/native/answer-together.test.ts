/** Handshakes that one thread answers together: which of them, with what signature, and that nothing is held up. */
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { STATUS, unpackStatus } from '../../lib/native/status.js';
import { Kem, Sig } from '../../lib/oqs.js';
import { batchFields, batchSigned } from '../support/script-batch.js';
import { expandLabel, hmac, sha512 } from '../support/script-records.js';

interface Handshake {
  readonly key: number;
  readonly together: boolean;
  readonly forged?: boolean;
}

/** What came of one; of another request nothing is known but that it is done. */
interface Done {
  readonly key: number;
  readonly together: boolean;
  readonly status?: number;
  readonly transcript: string;
  readonly frames: string;
  readonly secrets: string;
}

interface Outcome {
  readonly publicKeys: readonly string[];
  readonly kemSecretKey: string;
  readonly signatures: number;
  readonly done: readonly Done[];
}

const SIGNATURE = 4627;
const sig = new Sig('ML-DSA-87');
const kem = new Kem('ML-KEM-1024');

function answered(handshakes: readonly Handshake[], behind = 0): Outcome {
  const plan = JSON.stringify({ handshakes, behind });
  const output = execFileSync(process.execPath, [join(__dirname, 'answer-together.mjs'), plan], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(output);
}

const several = (count: number, change: Partial<Handshake> = {}): Handshake[] =>
  Array.from({ length: count }, () => ({ key: 0, together: true, ...change }));

/** The frames of an answer, which is right in all that can be computed anew; and its batch, if it is one. */
function checked({ publicKeys, kemSecretKey }: Outcome, { key, transcript, frames, secrets }: Done) {
  const [serverKem, serverAuth, finished] = framesIn(Buffer.from(frames, 'hex'));
  const said = [Buffer.from(transcript, 'hex'), serverKem];
  const hash = sha512(...said);
  const single = Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from('pqsock1 server auth\0'), hash]);
  const body = serverAuth.subarray(4);
  const batch = body[0] === 1 ? batchFields(body, SIGNATURE) : undefined;
  const message = batch === undefined ? single : batchSigned(batch, single);
  const signature = batch?.signature ?? body.subarray(1);
  expect(sig.verifySync(message, signature, Buffer.from(publicKeys[key] as string, 'hex'))).toBe(true);

  const shared = kem.decapsulateSync(Buffer.from(kemSecretKey, 'hex'), serverKem.subarray(4)).export();
  const early = hmac(Buffer.alloc(64), Buffer.alloc(64));
  const hs = hmac(expandLabel(early, 'derived', Buffer.alloc(0), 64), shared);
  const mac = createHmac('sha512', expandLabel(hs, 's finished', hash, 64))
    .update(sha512(...said, serverAuth))
    .digest();
  expect(finished.subarray(4)).toEqual(mac);
  expect(secrets.startsWith(mac.toString('hex'))).toBe(true);
  return { batch, signature: signature.toString('hex') };
}

function framesIn(bytes: Buffer): [Buffer, Buffer, Buffer] {
  const frames: Buffer[] = [];
  for (let at = 0; frames.length < 3; ) {
    const end = at + 4 + bytes.readUIntBE(at + 1, 3);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames as [Buffer, Buffer, Buffer];
}

it.each([2, 3, 5, 31])('%i that wait get one signature, and a place each', (count) => {
  const outcome = answered(several(count));
  expect(outcome.signatures).toBe(1);
  const all = outcome.done.map((done) => checked(outcome, done));
  expect(new Set(all.map(({ signature }) => signature)).size).toBe(1);
  expect(all.map(({ batch }) => batch?.place)).toEqual(all.map((_, i) => i));
  expect(new Set(all.map(({ batch }) => batch?.depth))).toEqual(new Set([Math.ceil(Math.log2(count))]));
  expect(new Set(all.map(({ batch }) => batch?.random.toString('hex'))).size).toBe(count);
  expect(new Set(all.map(({ batch }) => batch?.id.toString('hex'))).size).toBe(1);
});

it('one that waits alone is signed alone', () => {
  const outcome = answered(several(1));
  expect(outcome.signatures).toBe(1);
  expect(checked(outcome, outcome.done[0] as Done).batch).toBeUndefined();
});

it('a hundred get more than one signature, of which none is for more than 64', () => {
  const outcome = answered(several(100));
  const sizes = new Map<string, number>();
  for (const done of outcome.done) {
    const { signature } = checked(outcome, done);
    sizes.set(signature, (sizes.get(signature) ?? 0) + 1);
  }
  expect(outcome.signatures).toBe(sizes.size);
  expect(Math.max(...sizes.values())).toBeLessThanOrEqual(64);
  expect(sizes.size).toBeLessThan(10);
});

it('each key signs for its own', () => {
  const outcome = answered(Array.from({ length: 12 }, (_, i) => ({ key: i % 2, together: true })));
  expect(outcome.signatures).toBe(2);
  for (const done of outcome.done) expect(checked(outcome, done).batch?.depth).toBe(3);
});

it('those that must not be signed together are signed at once, between the others', () => {
  const outcome = answered(Array.from({ length: 8 }, (_, i) => ({ key: 0, together: i % 2 === 0 })));
  expect(outcome.signatures).toBe(4 + 1);
  expect(outcome.done.map(({ together }) => together)).toEqual([...Array(4).fill(false), ...Array(4).fill(true)]);
  for (const done of outcome.done) expect(checked(outcome, done).batch !== undefined).toBe(done.together);
});

it('one whose client has signed wrongly is told so, and the others are signed', () => {
  const outcome = answered([...several(3), ...several(1, { forged: true }), ...several(3)]);
  expect(outcome.signatures).toBe(1);
  const [forged, ...honest] = outcome.done;
  expect(unpackStatus(forged?.status as number).code).toBe(STATUS.notVerified);
  expect(forged?.frames).toMatch(/^0*$/);
  for (const done of honest) expect(checked(outcome, done).batch?.depth).toBe(3);
});

it('one that was put off is done before the 33rd of the requests that come behind it', () => {
  const outcome = answered(several(1), 200);
  const at = outcome.done.findIndex(({ status }) => status !== undefined);
  expect(at).toBeGreaterThan(0);
  expect(at).toBeLessThanOrEqual(32);
  expect(outcome.done).toHaveLength(201);
});
