/** Records sealed and opened by node:crypto, one after the other. */

import { readU24 } from '../bytes.js';
import { GCM_TAG_LENGTH, openGcm, sealGcm } from '../crypto/aead.js';
import { RECORD_BODY_LEAST, RECORD_BODY_MAX } from '../limits.js';
import { FRAME_TYPES, frameHeader } from '../wire/frame.js';
import { HEADER_LENGTH } from '../wire/frame-decoder.js';
import type { OpenedRecords, RecordCipher } from './record-cipher.js';
import { plaintextLength } from './record-form.js';

export const portableCipher: RecordCipher = {
  seal(into, keys, content, { type, size, padding }) {
    let at = 0;
    let written = 0;
    do {
      const part = content.subarray(at, at + size);
      const padded = plaintextLength(part.length, padding);
      const typeAndPadding = new Uint8Array(padded - part.length);
      typeAndPadding[0] = type;
      const header = frameHeader('Record', padded + GCM_TAG_LENGTH);
      const nonce = keys.nextNonce();
      for (const bytes of [header, ...sealGcm(keys.key, nonce, [part, typeAndPadding], header)]) {
        into.set(bytes, written);
        written += bytes.length;
      }
      at += size;
    } while (at < content.length);
  },

  open(into, keys, bytes, type, most): OpenedRecords {
    let consumed = 0;
    let produced = 0;
    for (let count = 0; count < most; count += 1) {
      const record = recordAt(bytes, consumed);
      if (record === undefined || into.length - produced < record.length - HEADER_LENGTH - GCM_TAG_LENGTH) break;
      const header = record.subarray(0, HEADER_LENGTH);
      const plaintext = openGcm(keys.key, keys.nextNonce(), record.subarray(HEADER_LENGTH), header);
      if (plaintext === undefined) return { consumed, produced, other: undefined, forged: true };
      consumed += record.length;
      let end = plaintext.length - 1;
      while (end >= 0 && plaintext[end] === 0) end -= 1;
      const content = plaintext.subarray(0, Math.max(end, 0));
      const found = plaintext[end] ?? 0;
      if (found !== type || end === 0) return { consumed, produced, other: { type: found, content }, forged: false };
      into.set(content, produced);
      produced += end;
    }
    return { consumed, produced, other: undefined, forged: false };
  },
};

/** The record that stands there, if it is whole. */
function recordAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (bytes.length - at < HEADER_LENGTH || bytes[at] !== FRAME_TYPES.Record) return undefined;
  const body = readU24(bytes, at + 1);
  if (body < RECORD_BODY_LEAST || body > RECORD_BODY_MAX || bytes.length - at - HEADER_LENGTH < body) return undefined;
  return bytes.subarray(at, at + HEADER_LENGTH + body);
}
