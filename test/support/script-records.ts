/** Key schedule and records for {@link HardenedScript}, from PROTOCOL.md chapters 1, 7 and 8 on node:crypto. */
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

export const INNER = {
  DATA: 0x01,
  CLOSE: 0x02,
  ALERT: 0x03,
  KEY_UPDATE: 0x04,
  TICKET: 0x05,
  REKEY_INIT: 0x06,
  REKEY_RESP: 0x07,
  REKEY_DONE: 0x08,
} as const;

export type InnerName = keyof typeof INNER;

export const EMPTY = Buffer.alloc(0);

export function sha512(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function hmac(key: Uint8Array, bytes: Uint8Array): Buffer {
  return createHmac('sha512', key).update(bytes).digest();
}

/** `EL(prk, label, ctx, L)`, for L up to 64. */
export function expandLabel(prk: Uint8Array, label: string, context: Uint8Array, length: number): Buffer {
  const text = Buffer.from(`pqsock1 ${label}`);
  const info = [0, length, text.length, ...text, context.length, ...context, 0x01];
  return hmac(prk, Buffer.from(info)).subarray(0, length);
}

/** `u8 type || u24 length`. */
export function headerOf(type: number, length: number): Buffer {
  return Buffer.from([type, length >> 16, length >> 8, length]);
}

/** One direction of an open connection. */
export class Direction {
  secret: Buffer;
  sequence = 0;
  #key: Buffer;

  constructor(secret: Buffer) {
    this.secret = secret;
    this.#key = expandLabel(secret, 'key iv', EMPTY, 44);
  }

  /** A record with this content, and so many bytes of padding. */
  seal(type: InnerName | number, content: Uint8Array = EMPTY, padding = 0): Buffer {
    const byte = typeof type === 'number' ? type : INNER[type];
    return this.sealPlaintext(Buffer.concat([content, Uint8Array.of(byte), Buffer.alloc(padding)]));
  }

  /** A record with this plaintext, whatever it is. */
  sealPlaintext(plaintext: Buffer): Buffer {
    const header = headerOf(0x10, plaintext.length + 16);
    const cipher = createCipheriv('aes-256-gcm', this.#key.subarray(0, 32), this.#nonce());
    cipher.setAAD(header);
    return Buffer.concat([header, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** What is in a whole record, without its padding; throws if it does not open. */
  open(record: Buffer): { type: InnerName; content: Buffer } {
    const tagAt = record.length - 16;
    const decipher = createDecipheriv('aes-256-gcm', this.#key.subarray(0, 32), this.#nonce());
    decipher.setAAD(record.subarray(0, 4));
    decipher.setAuthTag(record.subarray(tagAt));
    const plaintext = Buffer.concat([decipher.update(record.subarray(4, tagAt)), decipher.final()]);
    const end = plaintext.findLastIndex((byte) => byte !== 0);
    const type = (Object.keys(INNER) as InnerName[]).find((name) => INNER[name] === plaintext[end]);
    if (type === undefined) throw new Error(`the peer sent a record of type ${plaintext[end]}`);
    return { type, content: plaintext.subarray(0, end) };
  }

  /** Goes on under the next key, as after KEY_UPDATE. */
  update(): void {
    this.replace(expandLabel(this.secret, 'upd', EMPTY, 64));
  }

  /** Goes on under another key, as after a REKEY. */
  replace(secret: Buffer): void {
    this.secret = secret;
    this.#key = expandLabel(secret, 'key iv', EMPTY, 44);
    this.sequence = 0;
  }

  #nonce(): Buffer {
    const nonce = Buffer.from(this.#key.subarray(32));
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ BigInt(this.sequence), 4);
    this.sequence += 1;
    return nonce;
  }
}
