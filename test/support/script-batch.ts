/** Batches of signatures for {@link HardenedScript}, from PROTOCOL.md chapter 6, with whatever a test puts into them. */
import { createHash, randomBytes } from 'node:crypto';

/** The extension of batches, as it stands in a hello. */
export const BATCHES = Buffer.from('00010000', 'hex');

/** What is in a ServerAuth that is a batch; any field can be wrong. */
export interface BatchFields {
  readonly first: number;
  readonly id: Buffer;
  readonly place: number;
  readonly random: Buffer;
  readonly depth: number;
  readonly siblings: readonly Buffer[];
  readonly signature: Buffer;
}

export function batchBody({ first, id, place, random, depth, siblings, signature }: BatchFields): Buffer {
  const index = Buffer.alloc(4);
  index.writeUInt32BE(place);
  return Buffer.concat([Buffer.of(first), id, index, random, Buffer.of(depth), ...siblings, signature]);
}

/** The fields of a batch of the right form; throws if it has another. */
export function batchFields(body: Buffer, signatureLength: number): BatchFields {
  const depth = body.readUInt8(69);
  const place = body.readUInt32BE(33);
  const siblings = Array.from({ length: depth }, (_, l) => body.subarray(70 + 32 * l, 102 + 32 * l));
  const signature = body.subarray(70 + 32 * depth);
  if (depth < 1 || depth > 6 || place >= 2 ** depth || signature.length !== signatureLength) {
    throw new Error('the server sends a batch of another form');
  }
  return {
    first: body.readUInt8(),
    id: body.subarray(1, 33),
    place,
    random: body.subarray(37, 69),
    depth,
    siblings,
    signature,
  };
}

/** The 150 bytes that were signed, if these were what the server would have signed for us alone. */
export function batchSigned({ id, place, random, depth, siblings }: BatchFields, input: Buffer): Buffer {
  let node = leafOf(id, place, random, input);
  siblings.forEach((sibling, l) => {
    const isLeft = ((place >> l) & 1) === 0;
    node = nodeOf(id, l + 1, place >> (l + 1), isLeft ? node : sibling, isLeft ? sibling : node);
  });
  return signedBytes('pqsock1 server batch', id, depth, node);
}

/** A tree over what a server would have signed for each handshake alone. */
export class ScriptBatch {
  readonly id: Buffer;
  readonly randoms: readonly Buffer[];
  /** Level by level, the leaves first; the last one is the root alone. */
  readonly nodes: Buffer[][];

  /** @param inputs the 148 bytes of each */
  constructor(
    inputs: readonly Buffer[],
    { id = randomBytes(32), randoms = inputs.map(() => randomBytes(32)), padding = [] as Buffer[] } = {},
  ) {
    this.id = id;
    this.randoms = randoms;
    const rest = [...padding];
    let level = inputs.map((input, i) => leafOf(id, i, randoms[i] as Buffer, input));
    this.nodes = [level];
    while (level.length > 1) {
      if (level.length % 2 === 1) level.push(rest.shift() ?? randomBytes(32));
      const height = this.nodes.length;
      const pairs = level.filter((_, i) => i % 2 === 0).map((left, j) => [left, level[2 * j + 1] as Buffer] as const);
      level = pairs.map(([left, right], j) => nodeOf(id, height, j, left, right));
      this.nodes.push(level);
    }
  }

  get depth(): number {
    return this.nodes.length - 1;
  }

  get root(): Buffer {
    return this.nodes[this.depth]?.[0] as Buffer;
  }

  /** The 150 bytes that the server signs. */
  signed({ label = 'pqsock1 server batch', depth = this.depth, id = this.id, root = this.root } = {}): Buffer {
    return signedBytes(label, id, depth, root);
  }

  /** What one of them is sent. */
  fields(place: number, signature: Buffer): BatchFields {
    const siblings = this.nodes.slice(0, this.depth).map((level, l) => level[(place >> l) ^ 1] as Buffer);
    const random = this.randoms[place] as Buffer;
    return { first: 1, id: this.id, place, random, depth: this.depth, siblings, signature };
  }
}

function leafOf(id: Buffer, place: number, random: Buffer, input: Buffer): Buffer {
  return sha256(Buffer.of(0), id, u32(place), random, input);
}

function nodeOf(id: Buffer, level: number, place: number, left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.of(1), id, Buffer.of(level), u32(place), left, right);
}

function signedBytes(label: string, id: Buffer, depth: number, root: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`${label}\0`), id, Buffer.of(depth), root]);
}

function sha256(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
