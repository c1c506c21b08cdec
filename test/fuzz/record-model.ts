/** What PROTOCOL.md (chapters 3 and 8 to 13) says of what an open side takes: made from the text, not from lib/. */
import type { Role } from '../../lib/record/channel.js';

/** The limits of the side under test. */
export interface ModelLimits {
  readonly emptyRecords: number;
  readonly keyUpdates: number;
  readonly tickets: number;
  readonly rekeyLeast: number;
}

/** The KEM of the connection. */
export interface ModelKem {
  readonly publicKeyLength: number;
  readonly ciphertextLength: number;
  isPublicKey(publicKey: Uint8Array): boolean;
}

export const INNER = { DATA: 1, CLOSE: 2, ALERT: 3, KEY_UPDATE: 4, TICKET: 5, INIT: 6, RESP: 7, DONE: 8 } as const;

const MINUTE = 60_000;
const [RECORD, ALERT] = [0x10, 0x0a];
const LAST_ALERT = 0x0d;

export class RecordModel {
  peerClosed = false;
  ownClosed = false;
  /** What is under way: "asked" and "answered" as in chapter 13. */
  rekey: 'idle' | 'asked' | 'answered' = 'idle';
  readonly #role: Role;
  readonly #limits: ModelLimits;
  readonly #kem: ModelKem;
  #anyRecord = false;
  #empty = 0;
  #tickets = 0;
  #updates: number[] = [];
  #lastDone = Number.NEGATIVE_INFINITY;

  /** @param role of the side under test */
  constructor(role: Role, limits: ModelLimits, kem: ModelKem) {
    this.#role = role;
    this.#limits = limits;
    this.#kem = kem;
  }

  /** The error of a header, if it is refused. */
  header(type: number, length: number): string | undefined {
    const alert = type === ALERT && this.#role === 'client' && !this.#anyRecord;
    if (this.peerClosed || (type !== RECORD && !alert)) return 'PQ_ERR_UNEXPECTED_MESSAGE';
    const [least, most] = alert ? [1, 1] : [17, 65_553];
    return length < least || length > most ? 'PQ_ERR_DECODE' : undefined;
  }

  /** The error of an alert, in whichever form. */
  alert(content: Uint8Array): string {
    const [code = 0] = content;
    return content.length === 1 && code > 0 && code <= LAST_ALERT ? 'PQ_ERR_ALERT' : 'PQ_ERR_DECODE';
  }

  /** The error of a record that opens, if it has one; undefined if it is taken. */
  record(plaintext: Uint8Array, now: number): string | undefined {
    this.#anyRecord = true;
    const end = plaintext.findLastIndex((byte) => byte !== 0);
    if (end < 0) return 'PQ_ERR_BAD_RECORD';
    return this.#inner(plaintext[end] as number, plaintext.subarray(0, end), now);
  }

  /** The time that a server asked for has come: it answers, unless it has said that it sends nothing any more. */
  wake(): void {
    if (this.rekey === 'asked') this.rekey = this.ownClosed ? 'idle' : 'answered';
  }

  #inner(type: number, content: Uint8Array, now: number): string | undefined {
    const empty = content.length === 0;
    switch (type) {
      case INNER.DATA:
        this.#empty = empty ? this.#empty + 1 : 0;
        if (!empty) this.#updates = [];
        return this.#empty > this.#limits.emptyRecords ? 'PQ_ERR_FLOOD' : undefined;
      case INNER.CLOSE:
        if (!empty) return 'PQ_ERR_DECODE';
        this.peerClosed = true;
        this.rekey = 'idle';
        return undefined;
      case INNER.ALERT:
        return this.alert(content);
      case INNER.KEY_UPDATE:
        if (!empty) return 'PQ_ERR_DECODE';
        this.#updates = [...this.#updates, now].filter((time) => now - time < MINUTE);
        return this.#updates.length > this.#limits.keyUpdates ? 'PQ_ERR_FLOOD' : undefined;
      case INNER.TICKET:
        if (this.#role === 'server') return 'PQ_ERR_UNEXPECTED_MESSAGE';
        if (content.length < 37 || content.length > 548) return 'PQ_ERR_DECODE';
        this.#tickets += 1;
        return this.#tickets > this.#limits.tickets ? 'PQ_ERR_FLOOD' : undefined;
      case INNER.INIT:
      case INNER.RESP:
      case INNER.DONE:
        return this.#takesRekey(type, content, now) ? undefined : 'PQ_ERR_REKEY';
      default:
        return 'PQ_ERR_UNEXPECTED_MESSAGE';
    }
  }

  #takesRekey(type: number, content: Uint8Array, now: number): boolean {
    if (this.#role === 'client') {
      if (type !== INNER.RESP || this.rekey !== 'asked') return false;
      this.rekey = 'idle';
      return content.length === this.#kem.ciphertextLength;
    }
    if (type === INNER.DONE) {
      if (this.rekey !== 'answered' || content.length > 0) return false;
      this.rekey = 'idle';
      this.#lastDone = now;
      return true;
    }
    if (type !== INNER.INIT || this.rekey !== 'idle') return false;
    if (content.length !== this.#kem.publicKeyLength || !this.#kem.isPublicKey(content)) return false;
    if (!this.ownClosed) this.rekey = now - this.#lastDone < this.#limits.rekeyLeast ? 'asked' : 'answered';
    return true;
  }
}
