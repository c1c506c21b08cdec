/** The peer's direction of a connection: opens records in their order, each once. */
import { openGcm } from '../crypto/aead.js';
import type { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { KEY_RECORDS_MAX } from '../limits.js';
import type { Frame } from '../wire/frame-decoder.js';
import type { ChannelOutput, Role } from './channel.js';
import { type InnerType, innerTypeOf } from './inner-type.js';
import { TrafficKeys } from './traffic-keys.js';

export interface InboundLimits {
  /** Records of data without a byte in them, in a row. */
  readonly emptyRecords: number;
  /** KEY_UPDATEs within a minute without a byte of data between them. */
  readonly keyUpdates: number;
}

const MINUTE = 60_000;
const SMALL = 1024;

export class Inbound {
  readonly #sender: Role;
  readonly #limits: InboundLimits;
  readonly #keys: TrafficKeys;
  #emptyRecords = 0;
  /** When KEY_UPDATEs came, since the last byte of data. */
  #updates: number[] = [];

  constructor(sender: Role, secret: Secret, limits: InboundLimits) {
    this.#sender = sender;
    this.#limits = limits;
    this.#keys = new TrafficKeys(secret);
  }

  /**
   * The content of a record, and what it is. A record that was changed, left out, repeated or put in another place has
   * another nonce than ours, and doesn't open.
   *
   * @throws PQ_ERR_BAD_RECORD, PQ_ERR_UNEXPECTED_MESSAGE, PQ_ERR_FLOOD
   */
  open({ header, body }: Frame): { type: InnerType; content: Uint8Array } {
    if (this.#keys.sequence >= KEY_RECORDS_MAX) throw flood(`${KEY_RECORDS_MAX} records under one key`);
    const nonce = this.#keys.nextNonce();
    const plaintext = openGcm(this.#keys.key, nonce, body, header);
    if (plaintext === undefined) {
      throw pqError('PQ_ERR_BAD_RECORD', 'a record does not open: it was changed, left out or repeated on the way');
    }
    let end = plaintext.length - 1;
    while (end >= 0 && plaintext[end] === 0) end -= 1;
    if (end < 0) throw pqError('PQ_ERR_BAD_RECORD', 'the peer sent a record that is nothing but padding');
    const byte = plaintext[end] as number;
    const type = innerTypeOf(byte);
    if (type === undefined) {
      throw pqError('PQ_ERR_UNEXPECTED_MESSAGE', `the peer sent a record of type ${byte}: there is none`);
    }
    return { type, content: withoutRest(plaintext, end) };
  }

  /**
   * Counts a record of data.
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

/**
 * The start of a plaintext. What is little is copied, so that a byte which waits for the application doesn't hold on to
 * the 65,536 bytes of padding that came with it.
 */
function withoutRest(plaintext: Buffer, end: number): Uint8Array {
  const content = plaintext.subarray(0, end);
  return end < SMALL || 2 * end < plaintext.length ? Buffer.from(content) : content;
}

function flood(what: string): Error {
  return pqError('PQ_ERR_FLOOD', `the peer sent ${what}`);
}
