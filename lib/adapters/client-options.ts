/** Our options among those that a client has or passes along, and the place that it wants to be connected to. */
import { connect } from '../net/connect.js';
import { invalid } from '../net/option-checks.js';
import { SECURE_OPTION_NAMES, type SecureOptions } from '../net/options.js';
import type { PqSocket } from '../net/pq-socket.js';

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
 * Takes the options apart.
 *
 * @param theirNames the options that are the client's
 * @throws PQ_ERR_INVALID_OPTION for one that is neither ours nor the client's: it may be a misspelt one of ours
 */
export function splitOptions(
  options: ClientOptions,
  theirNames: readonly string[],
): { ours: ClientOptions; theirs: Record<string, unknown> } {
  if (typeof options !== 'object' || options === null) throw invalid('options must be an object');
  const ourNames = [...SECURE_OPTION_NAMES, ...PLACE_NAMES];
  const names = [...ourNames, ...theirNames];
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw invalid(`unknown option ${name}: there are ${names.join(', ')}`);
  }
  const pick = (picked: readonly string[]) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => picked.includes(name)));
  return { ours: pick(ourNames) as unknown as ClientOptions, theirs: pick(theirNames) };
}

/** Connects to where the client wants, unless our options say where. */
export function connectFor(options: ClientOptions, wanted: WantedPlace): PqSocket {
  const { host, port, path, ...secure } = options;
  const byPath = path ?? (host === undefined && port === undefined ? wanted.path : undefined);
  if (byPath) return connect({ ...secure, path: byPath } as Parameters<typeof connect>[0]);
  const place = { host: host ?? (wanted.host || undefined), port: port ?? Number(wanted.port) };
  return connect({ ...secure, ...place } as Parameters<typeof connect>[0]);
}

const PLACE_NAMES: readonly (keyof FixedPlace)[] = ['host', 'port', 'path'];
