/** Records sealed and opened by the addon, in one call for all of a run: see native/records.h. */
import { pqError } from '../errors.js';
import type { Addon } from '../native/addon.js';
import { STATUS, unpackStatus } from '../native/status.js';
import type { RecordCipher } from './record-cipher.js';
import { recordCount } from './record-form.js';

/** Undefined where the process has no AES-GCM that the addon knows. */
export function nativeCipher({ sealRecords, openRecords }: NativeRecords): RecordCipher | undefined {
  if (sealRecords === undefined || openRecords === undefined) return undefined;
  const results = new Uint32Array(5);
  return {
    seal(into, keys, content, { type, size, padding }) {
      const { keyAndIv } = keys;
      const first = keys.advance(recordCount(content.length, size));
      const status = unshared(content, (bytes) => sealRecords(into, keyAndIv, bytes, first, type, size, padding));
      if (status !== STATUS.ok) throw failure(status);
    },
    open(into, keys, bytes, type, most) {
      const { keyAndIv, sequence } = keys;
      const status = unshared(bytes, (own) => openRecords(into, keyAndIv, own, sequence, type, most, results));
      const forged = unpackStatus(status).code === STATUS.notVerified;
      if (status !== STATUS.ok && !forged) throw failure(status);
      const [records = 0, consumed = 0, produced = 0, found = NO_OTHER, length = 0] = results;
      keys.advance(records);
      if (found === NO_OTHER) return { consumed, produced, other: undefined, forged };
      const content = Buffer.from(into.subarray(produced, produced + length));
      return { consumed, produced, other: { type: found, content }, forged };
    },
  };
}

export type NativeRecords = Pick<Addon, 'sealRecords' | 'openRecords'>;

const NO_OTHER = 256;

/** Memory that other threads can write to is copied first: the addon refuses it. */
function unshared(bytes: Uint8Array, call: (bytes: Uint8Array) => number): number {
  const status = call(bytes);
  return unpackStatus(status).code === STATUS.shared ? call(Uint8Array.from(bytes)) : status;
}

function failure(status: number): Error {
  return pqError('PQ_ERR_NATIVE', `records could not be sealed or opened: status ${status}`);
}
