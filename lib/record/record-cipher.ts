/** Seals and opens records, as many in a call as there are: what PROTOCOL.md, "Records", says of a single one. */
import { Secret } from '../crypto/secret.js';
import { addon } from '../native/load.js';
import { nativeCipher } from './native-cipher.js';
import { portableCipher } from './portable-cipher.js';
import type { RecordForm } from './record-form.js';
import { TrafficKeys } from './traffic-keys.js';

export interface RecordCipher {
  /** Seals the content. `into` has the bytes that come of it, exactly, and shares none with the content. */
  seal(into: Uint8Array, keys: TrafficKeys, content: Uint8Array, form: RecordForm): void;
  /**
   * Opens records from the start of the bytes on. It stops behind one of another type or without content, before one
   * that is not authentic, not whole, or has no room left, and after `most`.
   *
   * @param into for the plaintext; the bytes themselves, or others that have none of them
   * @param type the records whose content is laid together
   */
  open(into: Uint8Array, keys: TrafficKeys, bytes: Uint8Array, type: number, most: number): OpenedRecords;
}

export interface OpenedRecords {
  /** Bytes that they had. */
  readonly consumed: number;
  /** Bytes of content at the start of `into`. */
  readonly produced: number;
  /** The last record, if it is of another type or without content; type 0 if it was nothing but padding. */
  readonly other: { readonly type: number; readonly content: Uint8Array } | undefined;
  /** Whether the next record is not authentic. Nothing of it is in `into`. */
  readonly forged: boolean;
}

let chosen: RecordCipher | undefined;

/** The addon's, if it does what node:crypto does; else that over node:crypto. Looked at when it is first needed. */
export function recordCipher(): RecordCipher {
  chosen ??= chooseCipher(nativeCipher(addon));
  return chosen;
}

/** For this package's tests, which are to hold with either. */
export function useRecordCipher(cipher: RecordCipher): void {
  chosen = cipher;
}

/** The native one, unless there is none or it answers otherwise than node:crypto. */
export function chooseCipher(native: RecordCipher | undefined): RecordCipher {
  return native !== undefined && isSound(native) ? native : portableCipher;
}

const SAMPLE: RecordForm = { type: 1, size: 30, padding: 7 };
const SAMPLE_LENGTH = 70;
const SEALED_LENGTH = 2 * (35 + 20) + (14 + 20);

/** Three records sealed by both, opened by the other; and one with a wrong tag, which must not be. */
function isSound(native: RecordCipher): boolean {
  try {
    const content = Uint8Array.from({ length: SAMPLE_LENGTH }, (_, i) => i);
    const [ours, theirs] = [native, portableCipher].map((cipher) => {
      const sealed = new Uint8Array(SEALED_LENGTH);
      withSampleKeys((keys) => cipher.seal(sealed, keys, content, SAMPLE));
      return Buffer.from(sealed.buffer);
    });
    if (ours === undefined || theirs === undefined || !ours.equals(theirs)) return false;
    const plaintext = new Uint8Array(SEALED_LENGTH);
    const open = () => withSampleKeys((keys) => native.open(plaintext, keys, theirs, SAMPLE.type, 10));
    const { consumed, produced, forged } = open();
    if (consumed !== SEALED_LENGTH || forged || !Buffer.from(content).equals(plaintext.subarray(0, produced)))
      return false;
    theirs[SEALED_LENGTH - 1] = (theirs[SEALED_LENGTH - 1] as number) ^ 1;
    const changed = open();
    return changed.forged && changed.produced === 2 * SAMPLE.size && plaintext[changed.produced] === 0;
  } catch {
    return false;
  }
}

function withSampleKeys<T>(action: (keys: TrafficKeys) => T): T {
  const keys = new TrafficKeys(Secret.from(new Uint8Array(64).fill(0x5a)));
  try {
    return action(keys);
  } finally {
    keys.dispose();
  }
}
