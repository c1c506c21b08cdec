/** What the package runs on, for bug reports. */
import { LIBOQS } from './liboqs.js';
import { addon, addonPath } from './load.js';

/** The addon of this process, and what it found to run on. */
export interface AddonInfo {
  /** The file that was loaded. */
  readonly path: string;
  /** Whether it came with the package; otherwise it was built here. */
  readonly prebuilt: boolean;
  /** The version of the liboqs in it, and the names of our patches (deps/patches/). */
  readonly liboqs: { readonly version: string; readonly patches: readonly string[] };
  /** Whether records are sealed and opened by the addon, many at a time, or one by one by node:crypto. */
  readonly records: 'native' | 'portable';
}

/** Says which addon this process has, and what it can do. */
export function addonInfo(): AddonInfo {
  const { sealRecords, openRecords } = addon;
  return {
    path: addonPath,
    prebuilt: /[\\/]prebuilds[\\/][^\\/]+[\\/][^\\/]+$/.test(addonPath),
    liboqs: LIBOQS,
    records: sealRecords === undefined || openRecords === undefined ? 'portable' : 'native',
  };
}
