/** Reading from a connection as tests need it: so many bytes, or everything. */
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

/** Length and SHA-256 of all that comes until the end. */
export async function drainBytes(stream: Readable): Promise<{ length: number; sha256: string }> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { length, sha256: hash.digest('hex') };
}
