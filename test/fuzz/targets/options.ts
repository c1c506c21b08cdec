/** The options of `connect` and `createServer`, and what else applications hand over: wrong ones have a code. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { SUITES } from '../../../lib/crypto/suites.js';
import { PqError } from '../../../lib/errors.js';
import { connect, createServer, Identity } from '../../../lib/index.js';
import { SECURE_OPTION_NAMES } from '../../../lib/net/options.js';
import { standInIdentity } from '../stand-ins.js';
import type { Target } from '../target.js';

const LIMIT_NAMES = [
  ...['keyRecords', 'keyBytes', 'keyAge', 'rekeyInterval', 'rekeyLeast', 'emptyRecords', 'keyUpdates', 'tickets'],
  ...['pendingHandshakes', 'earlyDrop', 'pendingPerAddress', 'verifyQueue', 'signQueue', 'faultsPerMinute'],
  'preparedPeers',
];

/** An unknown one is among them, and one that an object has from elsewhere. */
const NAMES = [...SECURE_OPTION_NAMES, 'host', 'port', 'path', 'socket', 'signal', 'algorithm', 'secure', 'toString'];

const own = standInIdentity(1);
const other = standInIdentity(2, { algorithm: 'ML-DSA-87' });
const seed = standInIdentity(3, { profile: 'seed' });
const gone = standInIdentity(4);
gone.dispose();

/** Nothing among them leads to another machine, or to a port where somebody listens. */
const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -0, 1, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 255, 256],
  ...[65_535, 65_536, 65_537, 2 ** 20, 2 ** 20 + 1, 2 ** 24 + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 10n, Symbol('odd')],
  ...['', 'any', 'seed', 'hardened', 'aes-256-gcm', 'aes-256-ctr', 'h2', '127.0.0.1', '::1', '1', 'ü'.repeat(128)],
  ...[...Object.keys(SUITES), 'toString', '__proto__', 'constructor', 'Dilithium5', 'ML-DSA-87'],
  ...[[], {}, [[]], [null], [undefined], ['any'], new Set(), new Map(), Object.create(null), Object.freeze({ a: 1 })],
  ...[own, other, seed, gone, [own], [own, other], [own, own], [own, seed], [own, null]],
  ...[own.fingerprint, [own.fingerprint], new Set([own.fingerprint]), new Set([1]), `${own.fingerprint}=`],
  ...[
    Buffer.alloc(255),
    Buffer.alloc(256),
    new Uint16Array(2),
    new ArrayBuffer(4),
    new Date(0),
    /x/,
    () => true,
    class {},
  ],
  ...[AbortSignal.abort(), new AbortController().signal, { aborted: false }, { length: 1 }, { 0: own, length: 1 }],
];

const LISTS = [
  Object.keys(SUITES),
  ['mlkem1024-mldsa87'],
  ['kyber1024-dilithium5', 'kyber1024-dilithium5'],
  [Symbol('s')],
];

/** Codes that say that the caller was wrong. */
const MISUSE = /^PQ_ERR_(INVALID_[A-Z_]+|UNKNOWN_ALGORITHM|SECRET_DISPOSED)$/;

export const options: Target = {
  name: 'options',
  // Each option alone, not given: right, so that a change of it is looked at.
  seeds: () => [0, 1, 2, 3].flatMap((kind) => NAMES.map((_, name) => Uint8Array.of(kind, name, 0))),
  run: async (input) => {
    const [kind = 0, ...rest] = input;
    const made = optionsOf(rest);
    if (kind % 4 === 0)
      await tried(() => connect({ identity: own, trust: 'any', port: 1, host: '127.0.0.1', ...made } as never));
    else if (kind % 4 === 1) await tried(() => createServer({ identity: own, trust: 'any', ...made } as never));
    else if (kind % 4 === 2)
      await tried(() => connect({ identity: own, trust: 'any', socket: duplexPair()[0], ...made } as never));
    else await tried(() => Identity.generate(made as never));
  },
};

/** Names and values, two bytes for each; a third where the value is a list of limits. */
function optionsOf(bytes: number[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const name = NAMES[(bytes[at] as number) % NAMES.length] as string;
    const value = bytes[at + 1] as number;
    if (name === 'limits' && value >= 128) {
      const limit = LIMIT_NAMES[value % LIMIT_NAMES.length] as string;
      made[name] = { ...(made[name] as object), [limit]: valueFrom(bytes[at + 2] ?? 0) };
    } else if (name === 'socket' && value >= 200) made[name] = duplexPair()[0];
    else if (name === 'path' && value >= 200) made[name] = '/nowhere/socket';
    else if (name === 'suites' && value >= 200) made[name] = LISTS[value % LISTS.length];
    else if (name === 'port') made[name] = PORTS[value % PORTS.length];
    else if (name === 'host') made[name] = HOSTS[value % HOSTS.length];
    else made[name] = valueFrom(value);
  }
  return made;
}

const PORTS = [undefined, null, 0, 1, -1, 65_536, 1.5, '1', Number.NaN, [], {}];
const HOSTS = [undefined, null, '127.0.0.1', '::1', '', 5, [], {}];

function valueFrom(byte: number): unknown {
  return VALUES[byte % VALUES.length];
}

/** It is refused with a code, at once; or it works, until it is destroyed. */
async function tried(action: () => unknown): Promise<void> {
  let made: unknown;
  try {
    made = await action();
  } catch (error) {
    assert.ok(error instanceof PqError && MISUSE.test(error.code), error as Error);
    return;
  }
  if (typeof made !== 'object' || made === null || !('destroy' in made)) return;
  const socket = made as ReturnType<typeof connect>;
  const closed = once(socket, 'close').catch(() => {}); // an error of the transport, or the signal's
  socket.on('error', () => {});
  socket.destroy();
  await closed;
}
