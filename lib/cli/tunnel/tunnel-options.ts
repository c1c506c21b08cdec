/** All that can be said about a tunnel, and about the process of some. */
import {
  CLIENT_TRUST_OPTIONS,
  CREDENTIAL_OPTIONS,
  DAY,
  IDLE_OPTIONS,
  SERVER_TRUST_OPTIONS,
} from '../connection-options.js';
import type { Choices, OptionTable } from '../option-table.js';
import { DEFAULT_LIMITS } from './tunnel-settings.js';

/** Seconds, unless said otherwise. */
export const DRAIN_TIMEOUT = 30;

const COUNT_MAX = 2 ** 20;

export const TUNNEL_OPTIONS = {
  listen: { kind: 'text', value: 'endpoint', help: 'where connections come in' },
  to: { kind: 'text', value: 'endpoint', help: 'where they go on to' },
  name: { kind: 'text', value: 'name', help: 'how the log calls the tunnel (default: tunnel)' },
  ...CREDENTIAL_OPTIONS,
  ...SERVER_TRUST_OPTIONS,
  'disconnect-removed': { kind: 'flag', help: 'a server’s: end open connections whose key is no longer in that file' },
  ...CLIENT_TRUST_OPTIONS,
  'max-connections': {
    kind: 'count',
    value: 'n',
    least: 1,
    most: COUNT_MAX,
    help: `at a time (default: ${DEFAULT_LIMITS.maxConnections})`,
  },
  'max-pending-per-address': {
    kind: 'count',
    value: 'n',
    least: 1,
    most: COUNT_MAX,
    help: `handshakes of an address that has proven nothing yet (default: ${DEFAULT_LIMITS.maxPendingPerAddress})`,
  },
  ...IDLE_OPTIONS,
  'handshake-timeout': {
    kind: 'seconds',
    value: 'seconds',
    least: 0.1,
    most: DAY,
    help: `for a handshake (default: ${DEFAULT_LIMITS.handshakeTimeout / 1000})`,
  },
  'dial-timeout': {
    kind: 'seconds',
    value: 'seconds',
    least: 0.1,
    most: DAY,
    help: `how long a connection waits while the far end is away (default: ${DEFAULT_LIMITS.dialTimeout / 1000})`,
  },
  'accept-proxy': {
    kind: 'flag',
    help: 'a PROXY header (version 2) comes first, from a balancer; nobody else must reach us',
  },
  'send-proxy': { kind: 'flag', help: 'tell the far end the client’s address by a PROXY header (version 2)' },
} as const satisfies OptionTable;

/** Of the process, over all its tunnels. */
export const PROCESS_OPTIONS = {
  'drain-timeout': {
    kind: 'seconds',
    value: 'seconds',
    least: 0,
    most: DAY,
    help: `how long open connections may go on after SIGTERM (default: ${DRAIN_TIMEOUT})`,
  },
  'log-format': {
    kind: 'text',
    value: 'format',
    choices: ['lines', 'json'],
    help: 'of the log, on stderr (default: lines)',
  },
  'log-level': {
    kind: 'text',
    value: 'level',
    choices: ['debug', 'info', 'warn', 'error'],
    help: 'the least that is logged (default: info)',
  },
  metrics: {
    kind: 'text',
    value: 'host:port',
    help: 'serve metrics and readiness by HTTP, and a page that shows them; a port alone is one of 127.0.0.1',
  },
} as const satisfies OptionTable;

export type TunnelChoices = Choices<typeof TUNNEL_OPTIONS>;
export type ProcessChoices = Choices<typeof PROCESS_OPTIONS>;

/** What a whole configuration says. */
export interface Configuration {
  readonly process: ProcessChoices;
  readonly tunnels: readonly TunnelChoices[];
}
