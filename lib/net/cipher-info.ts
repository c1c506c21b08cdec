/** What `getCipher` says. */
export interface CipherInfo {
  /** The suite; `'seed'` in the seed profile. */
  readonly name: string;
  readonly standardName: string;
  /** As `getProtocol`. */
  readonly version: string;
}

/** @param suite undefined in the seed profile */
export function cipherInfo(suite: string | undefined, version: string): CipherInfo {
  const name = suite ?? 'seed';
  return { name, standardName: name, version };
}
