/** The option `limits`: its members, what they are unless said otherwise, and what they can be. */
import {
  EARLY_DROP,
  EMPTY_RECORDS,
  FAULTS_PER_MINUTE,
  KEY_AGE,
  KEY_BYTES,
  KEY_BYTES_MAX,
  KEY_RECORDS_MAX,
  KEY_UPDATES,
  PENDING_HANDSHAKES,
  PENDING_PER_ADDRESS,
  PREPARED_PEERS,
  RECORD_PLAINTEXT_MAX,
  REKEY_INTERVAL,
  REKEY_LEAST,
  SIGN_QUEUE,
  TICKETS,
  VERIFY_QUEUE,
} from '../limits.js';
import { checkNames } from '../option-names.js';
import type { Role } from '../record/channel.js';
import type { RecordLimits } from '../record/hardened-channel.js';
import { invalid, LONGEST_TIMEOUT } from './option-checks.js';

/** Of an open connection, on both sides. What the peer overdoes ends the connection with PQ_ERR_FLOOD. */
export interface ConnectionLimits {
  /** Records that we seal under one key; 2^24. */
  readonly keyRecords?: number | undefined;
  /** Bytes of plaintext that we seal under one key; 2^30. */
  readonly keyBytes?: number | undefined;
  /** Milliseconds after which data is sent under a new key; one hour. */
  readonly keyAge?: number | undefined;
  /** Milliseconds after which a client asks for a REKEY when it sends data; one hour. */
  readonly rekeyInterval?: number | undefined;
  /** Milliseconds after a REKEY before which a server answers no other; 10,000. */
  readonly rekeyLeast?: number | undefined;
  /** Empty records of data in a row that the peer may send; 32. */
  readonly emptyRecords?: number | undefined;
  /** KEY_UPDATEs within a minute, and no data between them, that the peer may send; 16. */
  readonly keyUpdates?: number | undefined;
  /** Tickets that a server may send us; 4. */
  readonly tickets?: number | undefined;
}

/** Of a server, over all its connections. `Infinity` turns one off, but for `preparedPeers`. */
export interface ServerLimits extends ConnectionLimits {
  /** Handshakes under way; 1024. What comes beyond is closed at once: see 'drop'. */
  readonly pendingHandshakes?: number | undefined;
  /** Handshakes under way from which on new connections are closed at random, the more there are the likelier; 512. */
  readonly earlyDrop?: number | undefined;
  /** Handshakes of one address (IPv6: one /64) that has not proven yet that it holds a trusted key; 256. */
  readonly pendingPerAddress?: number | undefined;
  /** Handshakes that wait for their lattice work; 512. Beyond, a client is told 'busy'. */
  readonly verifyQueue?: number | undefined;
  /** In suite 3, where it is done in two parts, those that wait for the second, signing; 512. */
  readonly signQueue?: number | undefined;
  /** Faulty handshakes of one address within a minute, beyond which it waits behind all others; 10. */
  readonly faultsPerMinute?: number | undefined;
  /**
   * Keys of returning clients that are kept prepared, 57,344 bytes each; 64, at most 65,536, 0 for none. The process
   * has them together: as many as whoever wants most, and a client wants 64.
   */
  readonly preparedPeers?: number | undefined;
}

/** The members of {@link ServerLimits} that a server has besides those of its connections. */
export type LoadLimits = Record<Exclude<keyof ServerLimits, keyof ConnectionLimits>, number>;

interface Limit {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  /** Whether Infinity turns it off. */
  readonly endless?: true;
}

/** KEY_UPDATE itself must still fit under the key. */
const KEY_BYTES_OWN_MAX = KEY_BYTES_MAX - RECORD_PLAINTEXT_MAX;
const COUNT_MAX = 2 ** 24;
/** 3.5 GiB. */
const PREPARED_PEERS_MAX = 2 ** 16;

const CONNECTION: Readonly<Record<keyof ConnectionLimits, Limit>> = {
  keyRecords: { usual: KEY_RECORDS_MAX, least: 2, most: KEY_RECORDS_MAX },
  keyBytes: { usual: KEY_BYTES, least: 1, most: KEY_BYTES_OWN_MAX },
  keyAge: { usual: KEY_AGE, least: 1, most: LONGEST_TIMEOUT },
  rekeyInterval: { usual: REKEY_INTERVAL, least: 1, most: LONGEST_TIMEOUT, endless: true },
  rekeyLeast: { usual: REKEY_LEAST, least: 0, most: LONGEST_TIMEOUT },
  emptyRecords: { usual: EMPTY_RECORDS, least: 0, most: COUNT_MAX },
  keyUpdates: { usual: KEY_UPDATES, least: 1, most: COUNT_MAX },
  tickets: { usual: TICKETS, least: 0, most: COUNT_MAX },
};

const SERVER: Readonly<Record<keyof LoadLimits, Limit>> = {
  pendingHandshakes: { usual: PENDING_HANDSHAKES, least: 1, most: COUNT_MAX, endless: true },
  earlyDrop: { usual: EARLY_DROP, least: 0, most: COUNT_MAX, endless: true },
  pendingPerAddress: { usual: PENDING_PER_ADDRESS, least: 1, most: COUNT_MAX, endless: true },
  verifyQueue: { usual: VERIFY_QUEUE, least: 1, most: COUNT_MAX, endless: true },
  signQueue: { usual: SIGN_QUEUE, least: 1, most: COUNT_MAX, endless: true },
  faultsPerMinute: { usual: FAULTS_PER_MINUTE, least: 0, most: 1000, endless: true },
  preparedPeers: { usual: PREPARED_PEERS, least: 0, most: PREPARED_PEERS_MAX },
};

/**
 * The limits of an open connection.
 *
 * @throws PQ_ERR_INVALID_OPTION
 */
export function connectionLimits(
  role: Role,
  limits: ConnectionLimits = {},
): Omit<RecordLimits, 'padding' | 'maxRecordSize'> {
  const names = [...Object.keys(CONNECTION), ...(role === 'server' ? Object.keys(SERVER) : [])];
  checkNames(limits, names, 'limit');
  return parse(CONNECTION, limits);
}

/** The names of a server's limits that are not of a single connection. */
export const LOAD_LIMIT_NAMES: readonly string[] = Object.keys(SERVER);

/**
 * The limits of a server.
 *
 * @throws PQ_ERR_INVALID_OPTION
 */
export function serverLimits(limits: ServerLimits = {}): LoadLimits {
  return parse(SERVER, limits);
}

function parse<Name extends string>(
  table: Readonly<Record<Name, Limit>>,
  limits: Partial<Record<Name, number | undefined>>,
): Record<Name, number> {
  const parsed = Object.entries<Limit>(table).map(([name, { usual, least, most, endless }]) => {
    const value = limits[name as Name] ?? usual;
    const fits = Number.isInteger(value) && value >= least && value <= most;
    if (fits || (endless && value === Number.POSITIVE_INFINITY)) return [name, value];
    const or = endless ? ', or Infinity' : '';
    throw invalid(`limits.${name} must be a whole number from ${least} to ${most}${or}`);
  });
  return Object.fromEntries(parsed) as Record<Name, number>;
}
