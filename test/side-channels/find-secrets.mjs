// @ts-check
/** Searches a file, as big as a core dump, for secrets and for pieces of them. */
import { closeSync, openSync, readSync } from 'node:fs';

/** @typedef {{ name: string, bytes: Uint8Array }} NamedSecret */

/** Every run of 31 bytes of a secret contains one of its pieces of this length; shorter secrets are searched whole. */
const PIECE = 16;
const BLOCK = 16 * 1024 * 1024;
/** Most of a dump is memory that was never used; no piece begins like this. */
const ZEROS = Buffer.alloc(64 * 1024);

/**
 * Where each secret was found, at the offset of the first of its pieces there; secrets that were not found are missing.
 *
 * @param {string} path
 * @param {readonly NamedSecret[]} secrets of 4 bytes or more
 * @returns {Map<string, number[]>}
 */
export function findSecrets(path, secrets) {
  const { pieces, starts } = indexOf(secrets);
  /** @type {Map<string, number[]>} */
  const found = new Map();
  const buffer = Buffer.alloc(BLOCK + PIECE);
  const file = openSync(path, 'r');
  for (let at = 0, kept = 0; ; ) {
    const read = readSync(file, buffer, kept, BLOCK, at);
    if (read === 0) break;
    const end = kept + read;
    search(buffer.subarray(0, end), at - kept, pieces, starts, found);
    kept = Math.min(PIECE - 1, end);
    buffer.copyWithin(0, end - kept, end);
    at += read;
  }
  closeSync(file);
  return found;
}

/**
 * @param {readonly NamedSecret[]} secrets
 * @returns {{ pieces: Map<number, { name: string, piece: Buffer }[]>, starts: Uint8Array }} the pieces by their first
 *   four bytes, and which first two bytes there are
 */
function indexOf(secrets) {
  /** @type {Map<number, { name: string, piece: Buffer }[]>} */
  const pieces = new Map();
  const starts = new Uint8Array(1 << 16);
  for (const { name, bytes } of secrets) {
    for (let at = 0; at === 0 || at + PIECE <= bytes.length; at += PIECE) {
      const piece = Buffer.from(bytes.subarray(at, at + PIECE));
      const start = piece.readUInt32LE(0);
      pieces.set(start, [...(pieces.get(start) ?? []), { name, piece }]);
      starts[start & 0xffff] = 1;
    }
  }
  return { pieces, starts };
}

/**
 * @param {Buffer} buffer
 * @param {number} offset of the buffer in the file
 * @param {ReturnType<typeof indexOf>['pieces']} pieces
 * @param {Uint8Array} starts
 * @param {Map<string, number[]>} found
 */
function search(buffer, offset, pieces, starts, found) {
  for (let i = 0; i + 4 <= buffer.length; i += 1) {
    if (i % ZEROS.length === 0 && buffer.subarray(i, i + ZEROS.length).equals(ZEROS)) i += ZEROS.length - 1;
    else if (starts[/** @type {number} */ (buffer[i]) + 256 * /** @type {number} */ (buffer[i + 1])] === 1) {
      for (const { name, piece } of pieces.get(buffer.readUInt32LE(i)) ?? []) {
        if (buffer.compare(piece, 0, piece.length, i, Math.min(i + piece.length, buffer.length)) !== 0) continue;
        const places = found.get(name) ?? [];
        // A piece that lies in the overlap of two blocks is seen once more.
        if (!places.includes(offset + i)) found.set(name, [...places, offset + i]);
      }
    }
  }
}
