/** The peer's direction of a connection: opens records in their order, each once. */
import type { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { KEY_RECORDS_MAX } from '../limits.js';
import type { ChannelOutput, Role } from './channel.js';
import { INNER_TYPES, type InnerType, innerTypeOf } from './inner-type.js';
import { type RecordCipher, recordCipher } from './record-cipher.js';
import { TrafficKeys } from './traffic-keys.js';

export interface InboundLimits {
  /** Records of data without a byte in them, in a row. */
  readonly emptyRecords: number;
  /** KEY_UPDATEs within a minute without a byte of data between them. */
  readonly keyUpdates: number;
}

const MINUTE = 60_000;

/** What records hold. */
export interface Opened {
  /** Bytes that they had. */
  readonly consumed: number;
  /** All data, one record's after the other's. */
  readonly data: Uint8Array;
  /** What came behind the data: empty DATA, or a record of another type; or why the next record is an error. */
  readonly last: { readonly type: InnerType; readonly content: Uint8Array } | Error | undefined;
}

export class Inbound {
  readonly #sender: Role;
  readonly #limits: InboundLimits;
  readonly #keys: TrafficKeys;
  readonly #cipher: RecordCipher;
  #emptyRecords = 0;
  /** When KEY_UPDATEs came, since the last byte of data. */
  #updates: number[] = [];

  constructor(sender: Role, secret: Secret, limits: InboundLimits, cipher = recordCipher()) {
    this.#sender = sender;
    this.#limits = limits;
    this.#keys = new TrafficKeys(secret);
    this.#cipher = cipher;
  }

  /**
   * Opens records: the first, which is whole, and those that follow it, up to one that is no data. A record that was
   * changed, left out, repeated or put in another place has another nonce than ours, and doesn't open.
   *
   * @param into for the data: at least the first record's plaintext; or the bytes themselves
   * @throws PQ_ERR_FLOOD
   */
  open(bytes: Uint8Array, into: Uint8Array): Opened {
    const most = KEY_RECORDS_MAX - this.#keys.sequence;
    if (most <= 0) throw flood(`${KEY_RECORDS_MAX} records under one key`);
    const { consumed, produced, other, forged } = this.#cipher.open(into, this.#keys, bytes, INNER_TYPES.DATA, most);
    const data = into.subarray(0, produced);
    // Nothing taken and nothing forged: then the first is no whole record, which its header should have told before.
    if (forged || consumed === 0)
      return { consumed, data, last: bad('does not open: it was changed, left out or repeated on the way') };
    if (other === undefined) return { consumed, data, last: undefined };
    if (other.type === 0) return { consumed, data, last: bad('is nothing but padding') };
    const type = innerTypeOf(other.type);
    return { consumed, data, last: type === undefined ? unknownType(other.type) : { type, content: other.content } };
  }

  /**
   * Counts records of data: so many bytes in those that have some, or an empty one.
   *
   * @throws PQ_ERR_FLOOD
   */
  countData(length: number): void {
    this.#emptyRecords = length === 0 ? this.#emptyRecords + 1 : 0;
    if (length > 0) this.#updates = [];
    if (this.#emptyRecords > this.#limits.emptyRecords) throw flood(`${this.#emptyRecords} empty records`);
  }

  /**
   * Goes on under the key that follows from this one.
   *
   * @throws PQ_ERR_FLOOD
   */
  update(out: ChannelOutput): void {
    this.#countUpdate(out.now());
    this.#keys.update();
    this.log(out);
  }

  /** Goes on under another key: a REKEY has made it. They come seldom enough: see ServerRekey. */
  replace(secret: Secret, out: ChannelOutput): void {
    this.#keys.replace(secret);
    this.log(out);
  }

  /** Tells the key log about the key in use. */
  log(out: Pick<ChannelOutput, 'keylog'>): void {
    const { generation, secret } = this.#keys;
    out.keylog({ sender: this.#sender, generation, secret });
  }

  dispose(): void {
    this.#keys.dispose();
  }

  #countUpdate(now: number): void {
    this.#updates = this.#updates.filter((time) => now - time < MINUTE);
    this.#updates.push(now);
    if (this.#updates.length > this.#limits.keyUpdates) {
      throw flood(`${this.#updates.length} KEY_UPDATEs within a minute, and no data`);
    }
  }
}

function bad(what: string): Error {
  return pqError('PQ_ERR_BAD_RECORD', `a record of the peer ${what}`);
}

function unknownType(type: number): Error {
  return pqError('PQ_ERR_UNEXPECTED_MESSAGE', `the peer sent a record of type ${type}: there is none`);
}

function flood(what: string): Error {
  return pqError('PQ_ERR_FLOOD', `the peer sent ${what}`);
}
