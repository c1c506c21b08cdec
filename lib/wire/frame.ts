/** The hardened profile's only frame: `u8 type || u24 length || body`. PROTOCOL.md, "Frames". */
import { concat, readU24 } from '../bytes.js';
import { pqError } from '../errors.js';
import type { AcceptHeader } from './frame-decoder.js';
import { textHint } from './text-hint.js';

export const FRAME_TYPES = {
  ServerHello: 0x01,
  ClientHello: 0x02,
  ClientKem: 0x03,
  ClientAuth: 0x04,
  ServerKem: 0x05,
  ServerAuth: 0x06,
  ServerFinished: 0x07,
  ClientFinished: 0x08,
  Alert: 0x0a,
  Record: 0x10,
} as const;

export type FrameName = keyof typeof FRAME_TYPES;

/** A frame that may come now, and the lengths that its body may have, both ends included. */
export interface Permitted {
  readonly name: FrameName;
  readonly least: number;
  readonly most: number;
  /** Other lengths that it may have. */
  readonly also?: readonly number[];
}

/** The header of a frame with a body of this length. */
export function frameHeader(name: FrameName, length: number): Uint8Array {
  return Uint8Array.of(FRAME_TYPES[name], length >>> 16, length >>> 8, length);
}

/** A frame whose body is these parts. */
export function frame(name: FrameName, ...body: Uint8Array[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return concat(frameHeader(name, length), ...body);
}

/**
 * Accepts these frames alone. The answer is final before a byte of the body is kept: nothing is skipped or ignored.
 *
 * @throws PQ_ERR_UNEXPECTED_MESSAGE for another type, PQ_ERR_DECODE for another length
 */
export function acceptFrames(...permitted: readonly Permitted[]): AcceptHeader {
  return (header) => {
    const found = permitted.find(({ name }) => FRAME_TYPES[name] === header[0]);
    if (found === undefined) throw unexpected(header, permitted);
    const length = readU24(header, 1);
    if ((length >= found.least && length <= found.most) || found.also?.includes(length)) return length;
    const range = found.least === found.most ? `${found.least}` : `${found.least} to ${found.most}`;
    const lengths = [range, ...(found.also ?? [])].join(' or ');
    throw pqError('PQ_ERR_DECODE', `the peer sent a ${found.name} of ${length} bytes: it has ${lengths}`);
  };
}

/** A frame of one length. */
export function exactly(name: FrameName, length: number): Permitted {
  return { name, least: length, most: length };
}

/** The name of a frame by its header, if it is one of ours. */
export function frameName(header: Uint8Array): FrameName | undefined {
  return (Object.keys(FRAME_TYPES) as FrameName[]).find((name) => FRAME_TYPES[name] === header[0]);
}

function unexpected(header: Uint8Array, permitted: readonly Permitted[]): Error {
  const sent = frameName(header) ?? `frame of type 0x${(header[0] ?? 0).toString(16).padStart(2, '0')}`;
  const awaited = permitted.map(({ name }) => name).join(' or ');
  const what = permitted.length === 0 ? 'nothing more may come' : `it is the turn of ${awaited}`;
  return pqError('PQ_ERR_UNEXPECTED_MESSAGE', `the peer sent a ${sent}: ${what}${guess(header)}`);
}

/** What the peer may be, if its first bytes are no frame of ours. */
function guess(header: Uint8Array): string {
  return header[0] === 0 ? ' (is it set to the seed profile?)' : textHint(header);
}
