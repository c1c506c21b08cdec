/** A server's signature for several handshakes at once, as the client of one of them has it. PROTOCOL.md, "Batches". */
import { concat, readU32, u32 } from '../../bytes.js';
import { sha256 } from '../../crypto/hash.js';
import { pqError } from '../../errors.js';
import type { Extension } from '../../wire/hello.js';
import { Reader } from '../../wire/reader.js';
import { signingInput } from './transcript.js';

/** The first byte of a ServerAuth that is a batch. */
export const AUTH_BATCH = 0x01;

/** What stands in a hello in which batches are offered or agreed. */
export const BATCHES: readonly Extension[] = [{ type: 0x0001, data: new Uint8Array(0) }];

/** What a server has signed, and its signature. */
export interface Signed {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const LABEL = 'pqsock1 server batch';
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const NODE_LENGTH = 32;
const DEPTHS: readonly number[] = [1, 2, 3, 4, 5, 6];
/** The first byte, id, i, r and depth. */
const FIXED_LENGTH = 1 + 32 + 4 + 32 + 1;

/**
 * Whether a hello has the extension.
 *
 * @param message the name of the hello, for errors
 * @throws PQ_ERR_DECODE if there is data in it
 */
export function holdsBatches(message: string, extensions: readonly Extension[]): boolean {
  const found = extensions.find(({ type }) => type === BATCHES[0]?.type);
  if (found === undefined || found.data.length === 0) return found !== undefined;
  throw pqError('PQ_ERR_DECODE', `the peer's ${message} has data in the extension of batches, which has none`);
}

/** The lengths that a ServerAuth may have if it is a batch; in bytes, one for each depth. */
export function batchLengths(signatureLength: number): readonly number[] {
  return DEPTHS.map((depth) => FIXED_LENGTH + NODE_LENGTH * depth + signatureLength);
}

/**
 * What the server has signed if it has signed for us, too: it follows from our own transcript and the way to the root.
 *
 * @param body of ServerAuth, which begins with {@link AUTH_BATCH}
 * @param single the 148 bytes that the server would have signed for us alone
 * @throws PQ_ERR_DECODE if the form is wrong
 */
export function signedInBatch(body: Uint8Array, single: Uint8Array, signatureLength: number): Signed {
  const reader = new Reader('ServerAuth', body.subarray(1));
  const id = reader.bytes(32);
  const index = readU32(reader.bytes(4), 0);
  const random = reader.bytes(32);
  const depth = reader.u8();
  if (!DEPTHS.includes(depth)) throw reader.error(`has a batch of depth ${depth}: there are 1 to 6`);
  if (index >= 2 ** depth) throw reader.error(`has place ${index} in a batch of depth ${depth}`);
  const siblings = DEPTHS.slice(0, depth).map(() => reader.bytes(NODE_LENGTH));
  const signature = reader.bytes(signatureLength);
  reader.end();
  const leaf: Uint8Array = sha256(LEAF, id, u32(index), random, single);
  const root = siblings.reduce((node, sibling, level) => {
    const [left, right] = (index >>> level) % 2 === 0 ? [node, sibling] : [sibling, node];
    return sha256(NODE, id, Uint8Array.of(level + 1), u32(index >>> (level + 1)), left, right);
  }, leaf);
  return { message: signingInput(LABEL, concat(id, Uint8Array.of(depth), root)), signature };
}
