/** Reading from a connection as tests need it: so many bytes, or the sum of everything. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** The next bytes, exactly so many; an error of the stream is thrown. */
export async function takeBytes(stream: Readable, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let left = length; left > 0; ) {
    const part: Buffer | null = stream.read(Math.min(left, stream.readableLength || left));
    if (part === null) {
      await once(stream, 'readable');
      if (stream.readableEnded) throw new Error(`the stream ended ${left} bytes too early`);
    } else {
      parts.push(part);
      left -= part.length;
    }
  }
  return Buffer.concat(parts);
}

/** What long data is compared by. */
export interface Sum {
  readonly length: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export function sumOf(...parts: readonly Uint8Array[]): Sum {
  const all = Buffer.concat(parts);
  return { length: all.length, sha256: createHash('sha256').update(all).digest('hex') };
}

/** Of all that comes until the end. */
export async function drainBytes(stream: Readable): Promise<Sum> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { length, sha256: hash.digest('hex') };
}
