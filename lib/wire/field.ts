/** The seed profile's only frame: a field, which is a length (u32, big-endian) and as many bytes. */
import { readU32, writeU32 } from '../bytes.js';
import { pqError } from '../errors.js';
import type { AcceptHeader } from './frame-decoder.js';
import { textHint } from './text-hint.js';

export const FIELD_HEADER_LENGTH = 4;

/** The header of a field of this length. */
export function fieldHeader(length: number): Buffer {
  const header = Buffer.allocUnsafe(FIELD_HEADER_LENGTH);
  writeU32(header, length, 0);
  return header;
}

/** Accepts a field of one length. */
export function exactField(name: string, length: number): AcceptHeader {
  return (header) => {
    const claimed = readU32(header, 0);
    if (claimed === length) return length;
    throw pqError('PQ_ERR_DECODE', `the peer sent a ${name} of ${claimed} bytes: it has ${length}${textHint(header)}`);
  };
}

/** Accepts a field of a length in a range, both ends included. */
export function fieldBetween(name: string, least: number, most: number): AcceptHeader {
  return (header) => {
    const claimed = readU32(header, 0);
    if (claimed >= least && claimed <= most) return claimed;
    throw pqError('PQ_ERR_DECODE', `the peer sent a ${name} of ${claimed} bytes: it has ${least} to ${most}`);
  };
}
