/** Our direction of a connection: seals records, and takes care that no key seals more than it may. */
import { EMPTY } from '../bytes.js';
import { GCM_TAG_LENGTH, sealGcm } from '../crypto/aead.js';
import type { Secret } from '../crypto/secret.js';
import { RECORD_PLAINTEXT_MAX } from '../limits.js';
import { frameHeader } from '../wire/frame.js';
import type { ChannelOutput, Role } from './channel.js';
import { INNER_TYPES, type InnerType } from './inner-type.js';
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
  #bytes = 0;
  #since: number;

  /** @param now when the key came to be, in milliseconds */
  constructor(sender: Role, secret: Secret, limits: OutboundLimits, now: number) {
    this.#sender = sender;
    this.#limits = limits;
    this.#keys = new TrafficKeys(secret);
    this.#since = now;
  }

  /** Sends one record, under the next key if this one has done its share. */
  send(type: InnerType, content: Uint8Array, out: ChannelOutput): void {
    const padded = this.#pad(content.length + 1);
    if (this.#isSpent(padded)) this.update(out);
    this.#seal(type, content, padded, out);
  }

  /** Whether the key is older than it should become. */
  isOld(now: number): boolean {
    return now - this.#since >= this.#limits.keyAge;
  }

  /** Sends KEY_UPDATE, the last record under this key. */
  update(out: ChannelOutput): void {
    this.#seal('KEY_UPDATE', EMPTY, this.#pad(1), out);
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

  /** One record of the key is kept for KEY_UPDATE. */
  #isSpent(length: number): boolean {
    const { keyRecords, keyBytes } = this.#limits;
    return this.#keys.sequence >= keyRecords - 1 || (this.#bytes > 0 && this.#bytes + length > keyBytes);
  }

  #pad(length: number): number {
    const { padding } = this.#limits;
    return Math.min(Math.ceil(length / padding) * padding, RECORD_PLAINTEXT_MAX);
  }

  #seal(type: InnerType, content: Uint8Array, padded: number, out: ChannelOutput): void {
    const typeAndPadding = new Uint8Array(padded - content.length);
    typeAndPadding[0] = INNER_TYPES[type];
    const header = frameHeader('Record', padded + GCM_TAG_LENGTH);
    this.#bytes += padded;
    const nonce = this.#keys.nextNonce();
    out.send(header, ...sealGcm(this.#keys.key, nonce, [content, typeAndPadding], header));
  }
}
