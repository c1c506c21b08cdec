/** Bytes as the frames that they are, of the hardened profile. */
import type { Inbound } from '../../lib/record/inbound.js';
import type { InnerType } from '../../lib/record/inner-type.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';

/** Whole frames, one after the other. */
export function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUIntBE(at + 1, 3);
    frames.push({ header: bytes.subarray(at, at + 4), body: bytes.subarray(at + 4, end) });
    at = end;
  }
  return frames;
}

/** A frame in one piece. */
export function bytesOf({ header, body }: Frame): Buffer {
  return Buffer.concat([header, body]);
}

/** Opens one record, whatever it is. */
export function openOne(inbound: Inbound, frame: Frame): { type: InnerType; content: Buffer } {
  const bytes = bytesOf(frame);
  const { data, last, consumed } = inbound.open(bytes, new Uint8Array(bytes.length));
  if (last instanceof Error) throw last;
  if (consumed !== bytes.length) throw new Error(`${consumed} of ${bytes.length} bytes were taken`);
  const { type, content } = last ?? { type: 'DATA', content: data };
  return { type, content: Buffer.from(content) };
}
