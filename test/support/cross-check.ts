/** The four algorithms against another implementation: what one side makes the other one uses. */
import { randomBytes, randomInt } from 'node:crypto';
import { Kem, Sig } from '../../lib/oqs.js';
import type { LinePeer, SignedFields } from './line-peer.js';

/** Tests of all four algorithms with the peer, which is there by the time that they run. */
export function crossCheck(peer: () => LinePeer): void {
  describe.each(Kem.algorithms)('%s', (name) => crossCheckKem(peer, new Kem(name)));
  describe.each(Sig.algorithms)('%s', (name) => crossCheckSig(peer, new Sig(name)));
}

function crossCheckKem(peer: () => LinePeer, kem: Kem): void {
  const ours = (secretKey: Uint8Array, ciphertext: Uint8Array): string =>
    kem.decapsulateSync(secretKey, ciphertext).export().toString('hex');
  const theirs = async (secretKey: Uint8Array, ciphertext: Uint8Array): Promise<string> =>
    (await peer().decapsulate(kem.algorithm, secretKey, ciphertext)).toString('hex');

  often('agrees on what we encapsulate for their key', async () => {
    const { publicKey, secretKey } = await peer().keypair(kem.algorithm);
    const { ciphertext, sharedSecret } = kem.encapsulateSync(publicKey);
    const secret = sharedSecret.export().toString('hex');
    expect(await both(ours(secretKey, ciphertext), theirs(secretKey, ciphertext))).toEqual([secret, secret]);
  });

  often('agrees on what they encapsulate for our key', async () => {
    const pair = kem.keypairSync();
    const secretKey = pair.secretKey.export();
    const { ciphertext, sharedSecret } = await peer().encapsulate(kem.algorithm, pair.publicKey);
    const secret = sharedSecret.toString('hex');
    expect(await both(ours(secretKey, ciphertext), theirs(secretKey, ciphertext))).toEqual([secret, secret]);
  });

  often('agrees on the other secret of a changed ciphertext', async () => {
    const pair = kem.keypairSync();
    const { ciphertext, sharedSecret } = kem.encapsulateSync(pair.publicKey);
    const [changed, secretKey] = [withBitFlipped(ciphertext), pair.secretKey.export()];
    const [our, their] = await both(ours(secretKey, changed), theirs(secretKey, changed));
    expect(our).toBe(their);
    expect(our).not.toBe(sharedSecret.export().toString('hex'));
  });
}

function crossCheckSig(peer: () => LinePeer, sig: Sig): void {
  const ours = (publicKey: Uint8Array, { message, signature, context }: SignedFields): boolean =>
    sig.verifySync(message, signature, publicKey, { context });
  const theirs = (publicKey: Uint8Array, signed: SignedFields): Promise<boolean> =>
    peer().verify(sig.algorithm, publicKey, signed);

  often('accepts what we sign with their key, and nobody accepts it changed', async () => {
    const { publicKey, secretKey } = await peer().keypair(sig.algorithm);
    const { message, context } = randomContent(sig);
    const signed = { message, context, signature: sig.signSync(message, secretKey, { context }) };
    expect(await both(ours(publicKey, signed), theirs(publicKey, signed))).toEqual([true, true]);
    const changed = withFieldChanged(signed);
    expect(await both(ours(publicKey, changed), theirs(publicKey, changed))).toEqual([false, false]);
  });

  often('signs with our key what we accept, and we reject it changed', async () => {
    const { publicKey, secretKey } = sig.keypairSync();
    const { message, context } = randomContent(sig);
    const signature = await peer().sign(sig.algorithm, message, secretKey.export(), context);
    const signed = { message, context, signature };
    expect([ours(publicKey, signed), ours(publicKey, withFieldChanged(signed))]).toEqual([true, false]);
  });
}

function often(title: string, check: () => Promise<void>): void {
  const repeated = async (): Promise<void> => {
    for (let i = 0; i < CASES; i += 1) await check();
  };
  it(title, repeated, TIMEOUT);
}

function both<T>(ours: T, theirs: Promise<T>): Promise<[T, T]> {
  return Promise.all([ours, theirs]);
}

function randomContent(sig: Sig): { message: Buffer; context: Buffer } {
  const longestContext = sig.algorithm === 'ML-DSA-87' ? 255 : 0;
  return { message: randomBytes(randomInt(LONGEST_MESSAGE + 1)), context: randomBytes(randomInt(longestContext + 1)) };
}

/** Flips a bit of the message, the signature or the context, whichever isn't empty. */
function withFieldChanged(signed: SignedFields): SignedFields {
  const fields = (['message', 'signature', 'context'] as const).filter((name) => signed[name].length > 0);
  const field = fields[randomInt(fields.length)] ?? 'signature';
  return { ...signed, [field]: withBitFlipped(signed[field]) };
}

function withBitFlipped(bytes: Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  const at = randomInt(changed.length);
  changed[at] = (changed[at] as number) ^ (1 << randomInt(8));
  return changed;
}

const CASES = 100;
const LONGEST_MESSAGE = 10_000;
/** The slowest, a hundred signatures with the implementation in Python, takes some ten seconds. */
const TIMEOUT = 120_000;
