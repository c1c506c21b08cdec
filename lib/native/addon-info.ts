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
  /** What it was made for: `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  /** Of the CPU, those that liboqs's faster code asks for and has found; none means portable code, which is slower. */
  readonly cpuFeatures: readonly CpuFeature[];
  /** Whether records are sealed and opened by the addon, many at a time, or one by one by node:crypto. */
  readonly records: 'native' | 'portable';
}

/** As Linux calls them: three of x86-64, one of ARM. */
export type CpuFeature = (typeof CPU_FEATURES)[number];

/** Says which addon this process has, and what it can do. */
export function addonInfo(): AddonInfo {
  const { sealRecords, openRecords } = addon;
  const features = addon.cpuFeatures();
  return {
    path: addonPath,
    prebuilt: /[\\/]prebuilds[\\/][^\\/]+[\\/][^\\/]+$/.test(addonPath),
    liboqs: LIBOQS,
    platform: process.platform,
    arch: process.arch,
    cpuFeatures: CPU_FEATURES.filter((_, bit) => (features & (1 << bit)) !== 0),
    records: sealRecords === undefined || openRecords === undefined ? 'portable' : 'native',
  };
}

/** By their bits in native/algorithms.cc. */
const CPU_FEATURES = ['avx2', 'bmi2', 'popcnt', 'asimd'] as const;
