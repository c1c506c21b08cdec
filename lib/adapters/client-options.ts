/** Our options among those that a client has or passes along, and the place that it wants to be connected to. */
import { type ConnectOptions, connect } from '../net/connect.js';
import { parseSecureOptions, SECURE_OPTION_NAMES, type SecureOptions } from '../net/options.js';
import type { PqSocket } from '../net/pq-socket.js';
import { checkNames } from '../option-names.js';

/** Where to, as far as it isn't the client's to say. What is given here is used instead of what the client wants. */
export interface FixedPlace {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** A Unix socket's path. */
  readonly path?: string | undefined;
}

/** What every adapter takes: who we are, who the peer may be, and any other option of `connect`. */
export type ClientOptions = SecureOptions & FixedPlace;

/** Where a client wants to be connected to, in its own words. */
export interface WantedPlace {
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  /** A Unix socket's path. */
  readonly path?: string | null | undefined;
}

/**
 * Takes the options apart, and looks at ours at once, not when the first connection is made.
 *
 * @param theirNames the options that are the client's, also if we have one of that name
 * @throws PQ_ERR_INVALID_OPTION for one of ours that is missing or wrong, and for one that nobody knows
 */
export function splitOptions(
  options: ClientOptions,
  theirNames: readonly string[],
): { ours: ClientOptions; theirs: Record<string, unknown> } {
  const ourNames = [...SECURE_OPTION_NAMES, ...PLACE_NAMES].filter((name) => !theirNames.includes(name));
  checkNames(options, [...ourNames, ...theirNames]);
  const pick = (names: readonly string[]) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
  const ours = pick(ourNames) as unknown as ClientOptions;
  parseSecureOptions('client', ours, PLACE_NAMES);
  return { ours, theirs: pick(theirNames) };
}

/** Connects to where the client wants, unless our options say where. */
export function connectFor(options: ClientOptions, wanted: WantedPlace): PqSocket {
  const { host, port, path, ...secure } = options;
  const byPath = path ?? (host === undefined && port === undefined ? wanted.path : undefined);
  if (byPath) return connect({ ...secure, path: byPath } as ConnectOptions);
  const place = { host: host ?? (wanted.host || undefined), port: port ?? Number(wanted.port) };
  return connect({ ...secure, ...place } as ConnectOptions);
}

const PLACE_NAMES: readonly (keyof FixedPlace)[] = ['host', 'port', 'path'];
