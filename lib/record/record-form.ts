/** How long records become: `pt = content || u8 type || 0^p`, with a header and a tag around it. */
import { GCM_TAG_LENGTH } from '../crypto/aead.js';
import { RECORD_PLAINTEXT_MAX } from '../limits.js';
import { HEADER_LENGTH } from '../wire/frame-decoder.js';

/** What a run of records has in common. */
export interface RecordForm {
  /** The number of their type. */
  readonly type: number;
  /** Bytes of content in each but the last; 1 to 65,536. */
  readonly size: number;
  /** The plaintext is filled up to a multiple of so many bytes, as far as a record holds that; 1 to 65,537. */
  readonly padding: number;
}

/** Header and tag. */
export const RECORD_OVERHEAD = HEADER_LENGTH + GCM_TAG_LENGTH;

/** Bytes of plaintext of a record with so many of content. */
export function plaintextLength(content: number, padding: number): number {
  return Math.min(Math.ceil((content + 1) / padding) * padding, RECORD_PLAINTEXT_MAX);
}

/** How many records it takes: no content takes one. */
export function recordCount(content: number, size: number): number {
  return Math.max(Math.ceil(content / size), 1);
}

/** Bytes of plaintext of all of them. */
export function runLength(content: number, { size, padding }: RecordForm): number {
  const whole = recordCount(content, size) - 1;
  return whole * plaintextLength(size, padding) + plaintextLength(content - whole * size, padding);
}
