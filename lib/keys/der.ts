/** Writes DER (X.690): what a key file is made of. The bytes are written once, into memory that is wiped. */
import { Secret } from '../crypto/secret.js';

/** The tags that key files have. A context tag is `[n]`, primitive or constructed. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  context0: 0x80,
  context1: 0x81,
  constructed0: 0xa0,
} as const;

/** A value that is to be written: its tag, and its content or the values in it. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array | readonly DerValue[];
}

export function der(tag: number, content: Uint8Array | readonly DerValue[]): DerValue {
  return { tag, content };
}

/** @param value 0 or more, below 2^31 */
export function derInteger(value: number): DerValue {
  const bytes = [value & 0x7f];
  for (let rest = value; rest > 0x7f; ) {
    bytes[0] = rest & 0xff;
    rest = Math.floor(rest / 0x100);
    bytes.unshift(rest & 0x7f);
  }
  return der(TAG.integer, Uint8Array.from(bytes));
}

/** @param text such as `1.2.840` */
export function derOid(text: string): DerValue {
  const [first = 0n, second = 0n, ...arcs] = text.split('.').map(BigInt);
  return der(TAG.oid, Uint8Array.from([first * 40n + second, ...arcs].flatMap(base128)));
}

/** All of it, in memory that is wiped with the result. */
export function encodeDer(value: DerValue): Secret {
  const encoded = Secret.allocate(encodedLength(value));
  write(value, Secret.bytesOf(encoded), 0);
  return encoded;
}

function write({ tag, content }: DerValue, into: Uint8Array, at: number): number {
  const length = contentLength(content);
  const header = [tag, ...lengthBytes(length)];
  into.set(header, at);
  let next = at + header.length;
  if (content instanceof Uint8Array) into.set(content, next);
  else for (const value of content) next = write(value, into, next);
  return content instanceof Uint8Array ? next + length : next;
}

function encodedLength({ content }: DerValue): number {
  const length = contentLength(content);
  return 1 + lengthBytes(length).length + length;
}

function contentLength(content: DerValue['content']): number {
  if (content instanceof Uint8Array) return content.length;
  return content.reduce((sum, value) => sum + encodedLength(value), 0);
}

/** @param length below 65,536 */
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

/** Seven bits a byte, the highest first; all but the last have the eighth bit. */
function base128(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return bytes;
}
