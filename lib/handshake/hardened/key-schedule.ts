/**
 * From the shared secret to the keys. PROTOCOL.md, "Key schedule".
 *
 *     0^64 → Extract(0^64) → EL("derived") = d          constant: there are no tickets
 *      ss  → Extract(d)    = hs
 *                            ├ EL("s finished", TH_SK) → HMAC of TH_SA = mac_s
 *                            ├ EL("c finished", TH_SK) → HMAC of TH_SF = mac_c
 *                            ├ EL("c ap",   TH_CF) = c_0
 *                            ├ EL("s ap",   TH_CF) = s_0
 *                            └ EL("master", TH_CF) = ms
 */
import { EMPTY } from '../../bytes.js';
import { expandLabel, extract, HASH_LENGTH, hmac } from '../../crypto/hkdf.js';
import { Secret } from '../../crypto/secret.js';
import type { ChannelSecrets } from '../../record/hardened-channel.js';

export class KeySchedule {
  readonly #secret: Secret;
  readonly #serverFinished: Secret;
  readonly #clientFinished: Secret;

  /**
   * @param sharedSecret of the KEM; wiped here
   * @param upToServerKem TH_SK, 64 bytes
   */
  constructor(sharedSecret: Secret, upToServerKem: Uint8Array) {
    this.#secret = extract(derivedFromNothing(), sharedSecret);
    sharedSecret.dispose();
    this.#serverFinished = expandLabel(this.#secret, 's finished', upToServerKem, HASH_LENGTH);
    this.#clientFinished = expandLabel(this.#secret, 'c finished', upToServerKem, HASH_LENGTH);
  }

  /** mac_s, 64 bytes, of TH_SA. */
  serverMac(upToServerAuth: Uint8Array): Buffer {
    return hmac(this.#serverFinished, upToServerAuth);
  }

  /** mac_c, 64 bytes, of TH_SF. */
  clientMac(upToServerFinished: Uint8Array): Buffer {
    return hmac(this.#clientFinished, upToServerFinished);
  }

  /** What the open connection begins with, from TH_CF. The schedule is at its end: it is wiped. */
  open(upToClientFinished: Uint8Array): ChannelSecrets {
    const derive = (label: string) => expandLabel(this.#secret, label, upToClientFinished, HASH_LENGTH);
    const secrets = { client: derive('c ap'), server: derive('s ap'), master: derive('master') };
    this.dispose();
    return secrets;
  }

  dispose(): void {
    for (const secret of [this.#secret, this.#serverFinished, this.#clientFinished]) secret.dispose();
  }
}

let derived: Secret | undefined;

/** What stands in the place of a ticket's secret: a constant that is no secret. */
function derivedFromNothing(): Secret {
  if (derived === undefined) {
    const zeros = Secret.allocate(HASH_LENGTH);
    derived = expandLabel(extract(zeros, zeros), 'derived', EMPTY, HASH_LENGTH);
  }
  return derived;
}
