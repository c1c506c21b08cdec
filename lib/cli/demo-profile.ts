/** What differs between the profiles and suites that the demo can show, as data. */
import { Identity, type Profile, type SecureOptions, type SuiteName } from '../index.js';
import { SUITE_ALGORITHMS } from './suite-algorithms.js';

export type Role = 'client' | 'server';

/** What the user chose to see. */
export interface DemoChoice {
  readonly profile: Profile;
  /** The one suite that both sides use; undefined in the seed profile, which has none. */
  readonly suite: SuiteName | undefined;
}

interface DemoProfile {
  readonly remark: string;
  /** Who takes each step, from step 1 on; for a message it is who sends it. */
  readonly actors: readonly (readonly Role[])[];
  /** Which of the server's messages, counted from 0, holds kem_ct, and which is its first record of data. */
  readonly kemCt: number;
  readonly firstRecord: number;
}

const C: readonly Role[] = ['client'];
const S: readonly Role[] = ['server'];
const BOTH: readonly Role[] = ['client', 'server'];

export const DEMO_PROFILES: Readonly<Record<Profile, DemoProfile>> = {
  hardened: {
    remark: 'hardened profile',
    actors: [BOTH, S, C, C, C, C, C, S, S, S, S, S, C, C, C, C, S, BOTH],
    kemCt: 1, // after ServerHello; then ServerAuth and ServerFinished
    firstRecord: 4,
  },
  seed: {
    remark: 'seed profile, for compatibility only',
    actors: [BOTH, BOTH, S, S, C, C, C, S, C, C, C, S, S, S, S, C, C, BOTH],
    kemCt: 1, // after b_sig_pk; then ct_signature
    firstRecord: 3,
  },
};

export const DEFAULT_SUITE: SuiteName = 'kyber1024-dilithium5';

/** The algorithms that protect a connection. */
export function protectionOf({ suite = DEFAULT_SUITE }: DemoChoice): string {
  const { signature, kem } = SUITE_ALGORITHMS[suite];
  return `${signature} (both sides) · ${kem} · AES-256-GCM`;
}

/** One side of the demo. */
export interface DemoParty {
  readonly fingerprint: string;
  /** Its options, once it knows whom to trust: a fingerprint, or `'any'`. */
  options(trust: string): SecureOptions;
}

/** A side with a new identity. */
export async function makeParty({ profile, suite = DEFAULT_SUITE }: DemoChoice): Promise<DemoParty> {
  if (profile === 'seed') {
    const identity = await Identity.generate({ profile });
    return { fingerprint: identity.fingerprint, options: (trust) => ({ profile, identity, trust }) };
  }
  const identity = await Identity.generate({ algorithm: SUITE_ALGORITHMS[suite].signature });
  return { fingerprint: identity.fingerprint, options: (trust) => ({ identity, trust, suites: [suite] }) };
}
