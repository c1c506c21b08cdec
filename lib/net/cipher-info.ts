/** What `getCipher` says. */
export interface CipherInfo {
  /** The suite; `'seed'` in the seed profile. */
  readonly name: string;
  readonly standardName: string;
  /** As `getProtocol`. */
  readonly version: string;
}
