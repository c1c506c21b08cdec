/** The options of both sides, checked once, before any work is done for a connection. */
import { makeRoomForPeers } from '../crypto/prepared-peers.js';
import type { SuiteName } from '../crypto/suites.js';
import type { Output, State } from '../handshake/machine.js';
import type { Identity } from '../keys/identity.js';
import { DEFAULT_PROFILE, PROFILES, type Profile } from '../keys/profile.js';
import { FRAME_TIMEOUT, HANDSHAKE_TIMEOUT, PREPARED_PEERS, UNREAD, UNREAD_MAX } from '../limits.js';
import { checkNames } from '../option-names.js';
import type { Role } from '../record/channel.js';
import { type Dialled, type Policy, policyOf, type Trust } from '../trust/policy.js';
import { HARDENED_NAMES, parseHardened } from './hardened-options.js';
import { type ConnectionLimits, serverLimits } from './limits.js';
import { invalid, timeSpan, trueOrFalse, wholeNumber } from './option-checks.js';
import { parseSeed, SEED_NAMES } from './seed-options.js';

/** What both profiles have. */
export interface CommonOptions {
  /** Who the peer may be. There is no default. */
  readonly trust: Trust;
  /** Milliseconds from connecting or accepting to the end of the handshake; 10,000 unless said otherwise. */
  readonly handshakeTimeout?: number | undefined;
  /** Milliseconds that the peer may be silent during the handshake; 5,000 unless said otherwise. */
  readonly frameTimeout?: number | undefined;
  /** Milliseconds without data either way after which an open connection is ended; 0, the default, for never. */
  readonly idleTimeout?: number | undefined;
  /** Whether our side stays open when the peer has ended its own; false unless said otherwise. */
  readonly allowHalfOpen?: boolean | undefined;
  /** Bytes of data that may wait for the application before the peer is held back; 65,536, at most 2^20. */
  readonly highWaterMark?: number | undefined;
  /** Whether TCP looks after a peer that has been silent for a minute; true unless said otherwise. */
  readonly keepAlive?: boolean | undefined;
  /** What `socket.alpnProtocol` says, for clients that ask there, as http2's do. It isn't sent: see `prologue`. */
  readonly alpnProtocol?: string | undefined;
}

/** The options of the default profile. An option of another name is an error. */
export interface HardenedOptions<Limits = ConnectionLimits> extends CommonOptions {
  /** The protocol, which both sides must have configured; it is never negotiated. */
  readonly profile?: 'hardened' | undefined;
  /**
   * Who we are; several with different algorithms, to offer the suites of each. A server may have several of an algorithm
   * while its key is changed, the new one first, and up to four in all: clients take the first that they know.
   */
  readonly identity: Identity | readonly [Identity, ...Identity[]];
  /** Those to use, the preferred one first; unless said otherwise the first two that there is an identity for. */
  readonly suites?: readonly [SuiteName, ...SuiteName[]] | undefined;
  /** What the application calls its protocol, 0 to 255 bytes: both sides must have the same. It isn't sent. */
  readonly prologue?: string | Uint8Array | undefined;
  /** Records are filled up to a multiple of so many bytes, to hide the length of what is in them; 1 to 65,537. */
  readonly padding?: number | undefined;
  /** Bytes of data in a record that we send, 1 to 65,536, which is the default. */
  readonly maxRecordSize?: number | undefined;
  /** Whether the peer may have the same key as we; false unless said otherwise. */
  readonly allowOwnKey?: boolean | undefined;
  /**
   * Of a server alone: whether handshakes that wait at the same time may share one signature, which saves CPU under
   * load and delays nothing without. It is offered to clients, and those that know it take it; false unless said
   * otherwise.
   */
  readonly batchSignatures?: boolean | undefined;
  readonly limits?: Limits | undefined;
}

/** For compatibility only: PROTOCOL.md says what it does not protect against. */
export interface SeedOptions<Limits = ConnectionLimits> extends CommonOptions {
  readonly profile: 'seed';
  readonly identity: Identity<'seed'>;
  /** `'aes-256-gcm'` unless said otherwise; both sides must use the same. */
  readonly cipher?: 'aes-256-gcm' | undefined;
  /** Of a server alone. */
  readonly limits?: Omit<Limits, keyof ConnectionLimits> | undefined;
}

/** The same without any authentication of the data: anybody on the way can change every bit of it. */
export interface UnauthenticatedSeedOptions<Limits = ConnectionLimits> extends Omit<SeedOptions<Limits>, 'cipher'> {
  readonly cipher: 'aes-256-ctr';
  readonly allowUnauthenticatedCtr: true;
}

/** The options of either profile: who we are, whom we trust, and how. */
export type SecureOptions<Limits = ConnectionLimits> =
  | HardenedOptions<Limits>
  | SeedOptions<Limits>
  | UnauthenticatedSeedOptions<Limits>;

/** What a connection needs of the options. */
export interface SecureConfig {
  readonly role: Role;
  readonly profile: Profile;
  /** The fingerprints of our identities. */
  readonly fingerprints: readonly string[];
  /** Whether handshakes may be signed together. */
  readonly batchSignatures: boolean;
  readonly policy: Policy;
  readonly handshakeTimeout: number;
  readonly frameTimeout: number;
  readonly idleTimeout: number;
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number;
  readonly keepAlive: boolean;
  readonly alpnProtocol: string | false;
  startMachine(out: Output): State;
}

/** What a profile makes of its own options. */
export type ProfileConfig = Pick<SecureConfig, 'fingerprints' | 'batchSignatures' | 'startMachine'>;

const COMMON_NAMES = [
  'profile',
  'identity',
  'trust',
  'handshakeTimeout',
  'frameTimeout',
  'idleTimeout',
  'allowHalfOpen',
  'highWaterMark',
  'keepAlive',
  'alpnProtocol',
] as const satisfies readonly (keyof CommonOptions | 'profile' | 'identity')[];

const PROFILE_NAMES = { hardened: HARDENED_NAMES, seed: SEED_NAMES };

/** The names of all options of both profiles. */
export const SECURE_OPTION_NAMES: readonly string[] = [...COMMON_NAMES, ...HARDENED_NAMES, ...SEED_NAMES];

/**
 * Also sees to it that there is room for the keys of peers that come back.
 *
 * @param others the options that the caller knows besides
 * @param dialled where a client connects to
 * @throws PQ_ERR_INVALID_OPTION for an option that is unknown, missing or wrong
 */
export function parseSecureOptions(
  role: Role,
  options: SecureOptions,
  others: readonly string[],
  dialled?: Dialled,
): SecureConfig {
  checkNames(options, [...SECURE_OPTION_NAMES, ...others]);
  const { profile = DEFAULT_PROFILE, allowHalfOpen = false, keepAlive = true, alpnProtocol } = options;
  if (!PROFILES.includes(profile)) throw invalid(`profile must be one of ${PROFILES.join(', ')}`);
  checkNames(options, [...COMMON_NAMES, ...PROFILE_NAMES[profile], ...others], `option of the ${profile} profile`);
  if (alpnProtocol !== undefined && (typeof alpnProtocol !== 'string' || alpnProtocol === '')) {
    throw invalid('alpnProtocol must be a text');
  }
  const policy = policyOf(options.trust, dialled);
  const config: SecureConfig = {
    role,
    profile,
    ...(options.profile === 'seed' ? parseSeed(role, options) : parseHardened(role, options, policy)),
    policy,
    handshakeTimeout: timeSpan('handshakeTimeout', options.handshakeTimeout ?? HANDSHAKE_TIMEOUT),
    frameTimeout: timeSpan('frameTimeout', options.frameTimeout ?? FRAME_TIMEOUT),
    idleTimeout: timeSpan('idleTimeout', options.idleTimeout ?? 0, 0),
    allowHalfOpen: trueOrFalse('allowHalfOpen', allowHalfOpen),
    highWaterMark: wholeNumber('highWaterMark', options.highWaterMark ?? UNREAD, 1, UNREAD_MAX),
    keepAlive: trueOrFalse('keepAlive', keepAlive),
    alpnProtocol: alpnProtocol ?? false,
  };
  makeRoomForPeers(role === 'server' ? serverLimits(options.limits).preparedPeers : PREPARED_PEERS);
  return config;
}
