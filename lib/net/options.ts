/** The options of both sides, checked once, before any work is done for a connection. */

import type { Duplex } from 'node:stream';
import { primitivesOf } from '../crypto/primitives.js';
import { SEED_SUITE } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import type { Output, State } from '../handshake/machine.js';
import { startSeedClient } from '../handshake/seed/client.js';
import type { SeedConfig } from '../handshake/seed/parts.js';
import { startSeedServer } from '../handshake/seed/server.js';
import { Identity, PROFILES, type Profile } from '../keys/identity.js';
import { FRAME_TIMEOUT, HANDSHAKE_TIMEOUT } from '../limits.js';
import type { Role } from '../record/seed-nonce.js';
import type { SeedCipher } from '../record/seed-records.js';
import { type Policy, policyOf, type Trust } from '../trust/policy.js';
import { warnOfSeedProfile } from './seed-warning.js';

export interface SecureOptions {
  /** The protocol, which both sides must have configured. There is no default yet. */
  readonly profile: Profile;
  /** Who we are. It must be of the same profile. */
  readonly identity: Identity;
  /** Who the peer may be. */
  readonly trust: Trust;
  /** `'aes-256-gcm'` unless said otherwise; both sides must use the same. */
  readonly cipher?: SeedCipher | undefined;
  /** Must be true for `cipher: 'aes-256-ctr'`, with which anybody on the way can change every bit of the data. */
  readonly allowUnauthenticatedCtr?: boolean | undefined;
  /** Milliseconds from connecting or accepting to the end of the handshake; 10,000 unless said otherwise. */
  readonly handshakeTimeout?: number | undefined;
  /** Milliseconds that the peer may be silent during the handshake; 5,000 unless said otherwise. */
  readonly frameTimeout?: number | undefined;
  /** Whether our side stays open when the peer has ended its own; false unless said otherwise. */
  readonly allowHalfOpen?: boolean | undefined;
}

/** What a connection needs of the options. */
export interface SecureConfig {
  readonly role: Role;
  readonly profile: Profile;
  readonly fingerprint: string;
  readonly policy: Policy;
  readonly handshakeTimeout: number;
  readonly frameTimeout: number;
  readonly allowHalfOpen: boolean;
  startMachine(out: Output): State;
}

const NAMES = [
  'profile',
  'identity',
  'trust',
  'cipher',
  'allowUnauthenticatedCtr',
  'handshakeTimeout',
  'frameTimeout',
  'allowHalfOpen',
] as const satisfies readonly (keyof SecureOptions)[];

const LONGEST_TIMEOUT = 2 ** 31 - 1; // what Node's timers take

/**
 * @param others the options that the caller knows besides
 * @throws PQ_ERR_INVALID_OPTION for an option that is unknown, missing or wrong
 */
export function parseSecureOptions(role: Role, options: SecureOptions, others: readonly string[]): SecureConfig {
  checkNames(options, [...NAMES, ...others]);
  const { profile, identity, allowHalfOpen = false } = options;
  if (!PROFILES.includes(profile)) throw invalid(`profile must be given: one of ${PROFILES.join(', ')}`);
  if (!(identity instanceof Identity)) throw invalid('identity must be an Identity: see Identity.generate');
  if (identity.profile !== profile) {
    throw invalid(`the identity ${identity.fingerprint} is for the profile ${identity.profile}, not ${profile}`);
  }
  if (Identity.secretKeyOf(identity).disposed) throw invalid(`the identity ${identity.fingerprint} was disposed of`);
  if (typeof allowHalfOpen !== 'boolean') throw invalid('allowHalfOpen must be true or false');
  const seed: SeedConfig = { identity, primitives: primitivesOf(SEED_SUITE), cipher: parseCipher(options) };
  if (profile === 'seed') warnOfSeedProfile();
  const start = role === 'client' ? startSeedClient : startSeedServer;
  return {
    role,
    profile,
    fingerprint: identity.fingerprint,
    policy: policyOf(options.trust),
    handshakeTimeout: parseTimeout('handshakeTimeout', options.handshakeTimeout ?? HANDSHAKE_TIMEOUT),
    frameTimeout: parseTimeout('frameTimeout', options.frameTimeout ?? FRAME_TIMEOUT),
    allowHalfOpen,
    startMachine: (out) => start(seed, out),
  };
}

/** Whether something can carry a connection. */
export function isDuplex(value: unknown): value is Duplex {
  const methods = ['on', 'write', 'end', 'pause', 'resume', 'destroy'];
  const stream = value as Record<string, unknown> | null | undefined;
  return typeof stream === 'object' && stream !== null && methods.every((name) => typeof stream[name] === 'function');
}

function checkNames(options: SecureOptions, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalid('options must be an object');
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw invalid(`unknown option ${name}: there are ${names.join(', ')}`);
  }
}

function parseCipher({ cipher = 'aes-256-gcm', allowUnauthenticatedCtr = false }: SecureOptions): SeedCipher {
  if (cipher === 'aes-256-gcm') return cipher;
  if (cipher !== 'aes-256-ctr') throw invalid("cipher must be 'aes-256-gcm' or 'aes-256-ctr'");
  if (allowUnauthenticatedCtr === true) return cipher;
  throw invalid("cipher 'aes-256-ctr' authenticates nothing: it needs allowUnauthenticatedCtr: true");
}

function parseTimeout(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0 && value <= LONGEST_TIMEOUT) return value;
  throw invalid(`${name} must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}`);
}

/** The error of a wrong option. */
export function invalid(message: string): Error {
  return pqError('PQ_ERR_INVALID_OPTION', message);
}
