/** What both sides have in common after the server's answer, if the MACs show that they have. */
import type { ChannelSecrets } from '../../record/hardened-channel.js';

export interface Agreement {
  /** mac_s and mac_c, 64 bytes each. */
  readonly serverMac: Uint8Array;
  readonly clientMac: Uint8Array;
  /** What the open connection begins with. To be asked for once, and after the peer's MAC was found right. */
  open(): ChannelSecrets;
  /** Wipes what was not handed over. */
  dispose(): void;
}
