/** What a tunnel is told: by the command line, or by a table of the configuration file. */
import type { HardenedOptions } from '../../index.js';
import type { Route } from './route.js';

export interface TunnelSettings {
  /** How the log calls it. */
  readonly name: string;
  readonly route: Route;
  /** Who we are, and whom we trust. */
  readonly credentials: Pick<HardenedOptions, 'identity' | 'trust' | 'suites'>;
  /** Whether the peer of an open connection would be accepted today; absent if it stays open in any case. */
  readonly isStillTrusted?: ((peer: { readonly fingerprint: string }) => boolean) | undefined;
  readonly limits: TunnelLimits;
  /** Whether each connection that comes has a PROXY header in front, as balancers send them. */
  readonly acceptProxy: boolean;
  /** Whether the far end gets a PROXY header in front of each connection. */
  readonly sendProxy: boolean;
}

/** Times are in milliseconds. */
export interface TunnelLimits {
  /** Connections at a time; a server's count from when their peer is known to be trusted. */
  readonly maxConnections: number;
  /** Without data either way, after which a connection is ended; 0 for never. */
  readonly idleTimeout: number;
  /** For the handshake of a secure connection, and for a PROXY header. */
  readonly handshakeTimeout: number;
  /** How long a new connection waits while the far end is away. */
  readonly dialTimeout: number;
  /** A server's: handshakes of one address at a time whose peer has not proven anything yet. */
  readonly maxPendingPerAddress: number;
}

export const DEFAULT_LIMITS: TunnelLimits = {
  maxConnections: 4096,
  idleTimeout: 0,
  handshakeTimeout: 10_000,
  dialTimeout: 10_000,
  maxPendingPerAddress: 256,
};
