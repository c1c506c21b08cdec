/**
 * The seed profile's nonces: `"C\0\0\0"` or `"S\0\0\0"` || u64 counter. The seed uses one key for both directions,
 * so that the direction must be in the nonce: equal nonces would give away plaintext and, in GCM, the power to forge.
 */
import { writeU32 } from '../bytes.js';
import { GCM_NONCE_LENGTH } from '../crypto/aead.js';
import { pqError } from '../errors.js';
import { SEED_RECORDS_MAX } from '../limits.js';
import type { Role } from './channel.js';

const DIRECTION: Record<Role, number> = { client: 0x43, server: 0x53 };
const COUNTER_OFFSET = 4;

/** Counts the nonces of one direction. */
export class SeedNonces {
  readonly #role: Role;
  readonly #limit: number;
  #sent = 0;

  constructor(role: Role, limit: number = SEED_RECORDS_MAX) {
    this.#role = role;
    this.#limit = limit;
  }

  /**
   * Writes the next nonce (12 bytes) at the start of `into`.
   *
   * @throws PQ_ERR_LIMIT_EXCEEDED when this key has sealed as many records as it may
   */
  write(into: Uint8Array): void {
    if (this.#sent >= this.#limit) {
      throw pqError('PQ_ERR_LIMIT_EXCEEDED', `${this.#limit} records were sent under one key: open a new connection`);
    }
    into.fill(0, 0, GCM_NONCE_LENGTH);
    into[0] = DIRECTION[this.#role];
    writeU32(into, Math.floor(this.#sent / 2 ** 32), COUNTER_OFFSET);
    writeU32(into, this.#sent, COUNTER_OFFSET + 4);
    this.#sent += 1;
  }

  /** Whether a nonce is one of those that this side has used: its record is one of ours, come back. */
  isOurs(nonce: Uint8Array): boolean {
    const view = new DataView(nonce.buffer, nonce.byteOffset, GCM_NONCE_LENGTH);
    if (view.getUint32(0) !== (DIRECTION[this.#role] << 24) >>> 0) return false;
    return view.getBigUint64(COUNTER_OFFSET) < BigInt(this.#sent);
  }
}
