/** What is derived from the handshake besides the traffic secrets: the exporter's secret, and REKEY's first. */
import { EMPTY } from '../bytes.js';
import { sha512 } from '../crypto/hash.js';
import { expandLabel, HASH_LENGTH } from '../crypto/hkdf.js';
import type { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import { EXPORT_LABEL_MAX, EXPORT_LENGTH_MAX } from '../limits.js';

export class MasterSecret {
  readonly #master: Secret;
  #exporter: Secret | undefined;

  /** @param master 64 bytes. No traffic secret follows from it, so that keeping it does not undo a KEY_UPDATE. */
  constructor(master: Secret) {
    this.#master = master;
  }

  /**
   * Key material for the application. PROTOCOL.md, "Exporter".
   *
   * @throws PQ_ERR_INVALID_LENGTH for more than 16,320 bytes, or a label of more than 243; PQ_ERR_INVALID_ARGUMENT
   */
  export(length: number, label: string, context: Uint8Array): Buffer {
    if (!Number.isInteger(length) || length < 1 || length > EXPORT_LENGTH_MAX) {
      throw pqError('PQ_ERR_INVALID_LENGTH', `length must be a whole number of bytes from 1 to ${EXPORT_LENGTH_MAX}`);
    }
    if (typeof label !== 'string' || !/^[\x20-\x7e]*$/.test(label)) {
      throw pqError('PQ_ERR_INVALID_ARGUMENT', 'label must be a text of printable ASCII characters');
    }
    if (label.length > EXPORT_LABEL_MAX) {
      throw pqError('PQ_ERR_INVALID_LENGTH', `label of ${label.length} bytes: it has ${EXPORT_LABEL_MAX} at the most`);
    }
    const exported = expandLabel(this.#exporterSecret(), `exp ${label}`, sha512(context), length);
    const copy = exported.export();
    exported.dispose();
    return copy;
  }

  /** REKEY's first secret, 64 bytes. To be asked for once: the master secret is wiped. */
  takeRekeySecret(): Secret {
    this.#exporterSecret();
    const secret = expandLabel(this.#master, 'rk', EMPTY, HASH_LENGTH);
    this.#master.dispose();
    return secret;
  }

  dispose(): void {
    this.#master.dispose();
    this.#exporter?.dispose();
  }

  #exporterSecret(): Secret {
    this.#exporter ??= expandLabel(this.#master, 'exp', EMPTY, HASH_LENGTH);
    return this.#exporter;
  }
}
