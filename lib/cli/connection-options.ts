/** Options of the commands that have connections: who we are, whom we trust, and for how long. */
import type { OptionTable } from './option-table.js';

export const CREDENTIAL_OPTIONS = {
  identity: {
    kind: 'paths',
    value: 'file',
    help: 'our secret key; one for each algorithm, and of a server more while it is changed, the new one first',
  },
  'passphrase-file': {
    kind: 'paths',
    value: 'file',
    help: 'its first line is the passphrase of the secret keys; may be given once for each of them',
  },
  'passphrase-fd': {
    kind: 'count',
    value: 'n',
    least: 0,
    most: 2 ** 20,
    help: 'the same, of a file descriptor; it is read once, and the passphrase kept in memory',
  },
  trust: { kind: 'texts', value: 'fingerprint', help: 'a peer to trust; may be given more than once' },
  suite: { kind: 'texts', value: 'name', help: 'algorithms to use, the preferred ones first' },
} as const satisfies OptionTable;

export const SERVER_TRUST_OPTIONS = {
  'authorized-keys': { kind: 'path', value: 'file', help: 'a server’s: the clients to trust' },
} as const satisfies OptionTable;

export const CLIENT_TRUST_OPTIONS = {
  'known-hosts': { kind: 'path', value: 'file', help: 'a client’s: the servers to trust' },
  'known-as': { kind: 'text', value: 'host', help: 'what that file calls the server, if not as its endpoint does' },
  'trust-on-first-use': { kind: 'flag', help: 'write a server that is not in that file into it, whoever it is' },
} as const satisfies OptionTable;

/** A day and more makes no sense for most of these. */
export const DAY = 86_400;

export const IDLE_OPTIONS = {
  'idle-timeout': {
    kind: 'seconds',
    value: 'seconds',
    least: 0,
    most: 24 * DAY, // a timer of Node is not longer than 31 bits of milliseconds
    help: 'without data, after which a connection is ended (default: 0, never)',
  },
} as const satisfies OptionTable;
