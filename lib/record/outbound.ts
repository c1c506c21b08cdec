/** Our direction of a connection: seals records, and takes care that no key seals more than it may. */
import { EMPTY } from '../bytes.js';
import type { Secret } from '../crypto/secret.js';
import { RECORD_SIZE_MAX } from '../limits.js';
import type { ChannelOutput, Role } from './channel.js';
import { INNER_TYPES, type InnerType } from './inner-type.js';
import { type RecordCipher, recordCipher } from './record-cipher.js';
import { plaintextLength, RECORD_OVERHEAD, recordCount, runLength } from './record-form.js';
import { TrafficKeys } from './traffic-keys.js';

export interface OutboundLimits {
  /** Records under one key. */
  readonly keyRecords: number;
  /** Bytes of plaintext under one key. */
  readonly keyBytes: number;
  /** Milliseconds that a key is used; looked at when data is sent. */
  readonly keyAge: number;
  /** The plaintext of every record is filled up to a multiple of so many bytes. */
  readonly padding: number;
}

export class Outbound {
  readonly #sender: Role;
  readonly #limits: OutboundLimits;
  readonly #keys: TrafficKeys;
  readonly #cipher: RecordCipher;
  #bytes = 0;
  #since: number;

  /** @param now when the key came to be, in milliseconds */
  constructor(sender: Role, secret: Secret, limits: OutboundLimits, now: number, cipher = recordCipher()) {
    this.#sender = sender;
    this.#limits = limits;
    this.#keys = new TrafficKeys(secret);
    this.#cipher = cipher;
    this.#since = now;
  }

  /** Sends one record, under the next key if this one has done its share. */
  send(type: InnerType, content: Uint8Array, out: ChannelOutput): void {
    this.#makeRoom(content.length, out);
    this.#seal(type, content, RECORD_SIZE_MAX, out);
  }

  /** Sends data in records of so many bytes, under as many keys as it takes: all records of a key at once. */
  write(content: Uint8Array, size: number, out: ChannelOutput): void {
    for (let rest = content; rest.length > 0; ) {
      this.#makeRoom(Math.min(size, rest.length), out);
      const run = rest.subarray(0, this.#wholeRecords(size) * size);
      this.#seal('DATA', run, size, out);
      rest = rest.subarray(run.length);
    }
  }

  /** Whether the key is older than it should become. */
  isOld(now: number): boolean {
    return now - this.#since >= this.#limits.keyAge;
  }

  /** Sends KEY_UPDATE, the last record under this key. */
  update(out: ChannelOutput): void {
    this.#seal('KEY_UPDATE', EMPTY, RECORD_SIZE_MAX, out);
    this.#keys.update();
    this.#begin(out);
  }

  /** Goes on under another key: a REKEY has made it. */
  replace(secret: Secret, out: ChannelOutput): void {
    this.#keys.replace(secret);
    this.#begin(out);
  }

  /** Tells the key log about the key in use. */
  log(out: Pick<ChannelOutput, 'keylog'>): void {
    const { generation, secret } = this.#keys;
    out.keylog({ sender: this.#sender, generation, secret });
  }

  dispose(): void {
    this.#keys.dispose();
  }

  #begin(out: ChannelOutput): void {
    this.#bytes = 0;
    this.#since = out.now();
    this.log(out);
  }

  /** Goes on under the next key, if this one has no room for a record of so many bytes. One is kept for KEY_UPDATE. */
  #makeRoom(content: number, out: ChannelOutput): void {
    const { keyRecords, keyBytes, padding } = this.#limits;
    const bytes = this.#bytes + plaintextLength(content, padding);
    if (this.#keys.sequence >= keyRecords - 1 || (this.#bytes > 0 && bytes > keyBytes)) this.update(out);
  }

  /** How many records of so many bytes this key may still seal: the first has been looked at. */
  #wholeRecords(size: number): number {
    const { keyRecords, keyBytes, padding } = this.#limits;
    const fitting = Math.floor((keyBytes - this.#bytes) / plaintextLength(size, padding));
    return Math.max(Math.min(fitting, keyRecords - 1 - this.#keys.sequence), 1);
  }

  #seal(type: InnerType, content: Uint8Array, size: number, out: ChannelOutput): void {
    const form = { type: INNER_TYPES[type], size, padding: this.#limits.padding };
    const bytes = runLength(content.length, form);
    this.#bytes += bytes;
    const length = bytes + recordCount(content.length, size) * RECORD_OVERHEAD;
    const sealed = out.room?.(length) ?? Buffer.allocUnsafeSlow(length);
    this.#cipher.seal(sealed, this.#keys, content, form);
    out.send(sealed);
  }
}
