/**
 * PEM (RFC 7468), as strictly as everybody writes it: one block and nothing else, lines of 64 characters that end in
 * LF, the last LF may be missing. CR is refused: a file that was changed on its way is not read by chance.
 */
import { ascii, bytesEqual } from '../bytes.js';
import { input } from '../crypto/operation.js';
import { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { base64Length, readBase64, writeBase64 } from './base64.js';

/** What may stand in PEM: as text, or as bytes, of which the caller keeps and wipes his own. */
export type PemLike = string | Uint8Array | Secret;

/** Bytes: more than twice what the longest key takes. Longer files are not looked at. */
export const LONGEST_PEM = 32_768;

/** The block of these bytes, in memory that is wiped with the result. */
export function encodePem(label: string, bytes: Uint8Array): Secret {
  const [begin, end] = boundaries(label);
  const characters = new Uint8Array(new ArrayBuffer(base64Length(bytes.length)));
  writeBase64(bytes, characters, 0);
  const lines = Math.ceil(characters.length / LINE);
  const pem = Secret.allocate(begin.length + characters.length + lines + end.length + 1);
  const into = Secret.bytesOf(pem);
  into.set(begin);
  let at = begin.length;
  for (let i = 0; i < characters.length; i += LINE) {
    const line = characters.subarray(i, i + LINE);
    into.set(line, at);
    at += line.length;
    into[at++] = LF;
  }
  into.set(end, at);
  into[at + end.length] = LF;
  characters.fill(0);
  return pem;
}

/**
 * The label of the block, one of those, and its bytes in memory that is wiped.
 *
 * @throws PQ_ERR_KEY_FORMAT; PQ_ERR_INVALID_ARGUMENT if it is neither text nor bytes; PQ_ERR_SECRET_DISPOSED
 */
export function decodePem<Label extends string>(
  pem: PemLike,
  labels: readonly Label[],
): { readonly label: Label; readonly bytes: Secret } {
  const text = bytesOfPem(pem);
  try {
    if (text.includes(CR)) throw fault('its lines end in CR LF: write it with LF, and copy it as it is');
    const label = labels.find((one) => startsWith(text, boundaries(one)[0]));
    if (label === undefined) throw unknownStart(text, labels);
    const characters = charactersOf(text, label);
    const decoded = Secret.allocate(Math.floor((characters.length * 3) / 4));
    const length = readBase64(Secret.bytesOf(characters), Secret.bytesOf(decoded));
    characters.dispose();
    if (length === undefined) throw fault('its base64 is wrong');
    const bytes = Secret.from(Secret.bytesOf(decoded).subarray(0, length));
    decoded.dispose();
    return { label, bytes };
  } finally {
    text.fill(0);
  }
}

/** A copy, to be wiped. */
function bytesOfPem(pem: PemLike): Uint8Array {
  if (typeof pem === 'string') {
    if (pem.length > LONGEST_PEM) throw tooLong();
    return ascii(pem.replace(/[^\0-\x7e]/g, '\x7f'));
  }
  const { bytes } = input('the PEM', pem);
  if (bytes.length > LONGEST_PEM) throw tooLong();
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** What stands between the boundaries, without the ends of lines. */
function charactersOf(text: Uint8Array, label: string): Secret {
  const [begin, end] = boundaries(label);
  const body = text.subarray(begin.length, text.at(-1) === LF ? text.length - 1 : text.length);
  const length = Buffer.from(body.buffer, body.byteOffset, body.length).indexOf(Buffer.from(end));
  if (length === -1) throw fault('its end is missing');
  if (length + end.length !== body.length) throw fault('something follows its end');
  const characters = Secret.allocate(length - Math.ceil(length / (LINE + 1)));
  const into = Secret.bytesOf(characters);
  for (let i = 0, at = 0; i < length; i += LINE + 1) {
    const line = body.subarray(i, Math.min(i + LINE + 1, length));
    if (line.indexOf(LF) !== line.length - 1 || line.length === 1) {
      characters.dispose();
      throw fault(`its lines are not of ${LINE} characters, the last of fewer`);
    }
    into.set(line.subarray(0, -1), at);
    at += line.length - 1;
  }
  return characters;
}

function unknownStart(text: Uint8Array, labels: readonly string[]): Error {
  const line = /^-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(Buffer.from(text.subarray(0, 64)).toString('latin1'));
  const wanted = labels.map((label) => `-----BEGIN ${label}-----`).join(' or ');
  return fault(line === null ? `it does not begin with ${wanted}` : `it is a ${line[1]}, and not ${wanted}`);
}

function fault(why: string): Error {
  return pqError('PQ_ERR_KEY_FORMAT', `this is no key in PEM: ${why}`);
}

function tooLong(): Error {
  return fault(`it is longer than ${LONGEST_PEM} bytes`);
}

function startsWith(text: Uint8Array, start: Uint8Array): boolean {
  return bytesEqual(text.subarray(0, start.length), start);
}

function boundaries(label: string): [begin: Uint8Array, end: Uint8Array] {
  return [ascii(`-----BEGIN ${label}-----\n`), ascii(`-----END ${label}-----`)];
}

const LINE = 64;
const LF = 0x0a;
const CR = 0x0d;
