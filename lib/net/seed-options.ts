/** The options of the seed profile. */
import { primitivesOf } from '../crypto/primitives.js';
import { SEED_SUITE } from '../crypto/suites.js';
import { startSeedClient } from '../handshake/seed/client.js';
import type { SeedConfig } from '../handshake/seed/parts.js';
import { startSeedServer } from '../handshake/seed/server.js';
import { checkNames } from '../option-names.js';
import type { Role } from '../record/channel.js';
import type { SeedCipher } from '../record/seed-records.js';
import { usableIdentity } from './identity-option.js';
import { LOAD_LIMIT_NAMES } from './limits.js';
import { invalid } from './option-checks.js';
import type { ProfileConfig, SeedOptions, UnauthenticatedSeedOptions } from './options.js';
import { warnOfSeedProfile } from './seed-warning.js';

type Options = SeedOptions | UnauthenticatedSeedOptions;

export const SEED_NAMES = [
  'cipher',
  'allowUnauthenticatedCtr',
  'limits',
] as const satisfies readonly (keyof UnauthenticatedSeedOptions)[];

/** @throws PQ_ERR_INVALID_OPTION */
export function parseSeed(role: Role, options: Options): ProfileConfig {
  checkNames(options.limits ?? {}, role === 'server' ? LOAD_LIMIT_NAMES : [], 'limit');
  const identity = usableIdentity(options.identity, 'seed');
  const seed: SeedConfig = { identity, primitives: primitivesOf(SEED_SUITE, true), cipher: parseCipher(options) };
  const start = role === 'client' ? startSeedClient : startSeedServer;
  warnOfSeedProfile();
  return {
    fingerprints: [identity.fingerprint],
    batchSignatures: false,
    startMachine: (out) => start(seed, out),
  };
}

function parseCipher(options: { cipher?: unknown; allowUnauthenticatedCtr?: unknown }): SeedCipher {
  const { cipher = 'aes-256-gcm', allowUnauthenticatedCtr = false } = options;
  if (cipher === 'aes-256-gcm') return cipher;
  if (cipher !== 'aes-256-ctr') throw invalid("cipher must be 'aes-256-gcm' or 'aes-256-ctr'");
  if (allowUnauthenticatedCtr === true) return cipher;
  throw invalid("cipher 'aes-256-ctr' authenticates nothing: it needs allowUnauthenticatedCtr: true");
}
