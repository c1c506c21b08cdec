// @ts-check
/** Who takes part in the suites that measure connections. */
import { IDENTITIES } from './identities.mjs';

/** @typedef {import('./pair.mjs').Contender} Contender */

const SUITE_1 = { suite: 'kyber1024-dilithium5', algorithm: 'Dilithium5' };
const SUITE_2 = { suite: 'mlkem1024-mldsa87', algorithm: 'ML-DSA-87' };

// The server remembers nothing of its clients, as if it had never seen them.
const STRANGERS = { limits: { preparedPeers: 0 } };

// It remembers the key of each.
const RETURNING = { limits: { preparedPeers: IDENTITIES } };

/** @type {Contender} */
export const PQSOCK_1 = {
  name: 'pqsock-1',
  title: 'pqsock, suite 1',
  transport: 'pqsock',
  settings: { ...SUITE_1, ...STRANGERS },
};

/** @type {Contender} */
export const PQSOCK_2 = {
  name: 'pqsock-2',
  title: 'pqsock, suite 2',
  transport: 'pqsock',
  settings: { ...SUITE_2, ...STRANGERS },
};

/** The same; all clients have been there before. */
export const PQSOCK_1_RETURNING = {
  ...PQSOCK_1,
  name: 'pqsock-1-returning',
  title: 'pqsock, suite 1, returning',
  settings: { ...SUITE_1, ...RETURNING },
};

export const PQSOCK_2_RETURNING = {
  ...PQSOCK_2,
  name: 'pqsock-2-returning',
  title: 'pqsock, suite 2, returning',
  settings: { ...SUITE_2, ...RETURNING },
};

// On a busy machine an event loop that does all of 32 handshakes itself takes longer than one may last.
const PATIENT = { handshakeTimeout: 60_000, frameTimeout: 60_000 };

/** The same handshakes with noble's algorithms in place of the addon's. */
export const PURE_JS_1 = {
  ...PQSOCK_1,
  name: 'pure-js-1',
  title: 'suite 1 with noble 0.1.0',
  settings: { ...SUITE_1, pureJs: true, timeouts: PATIENT },
};

export const PURE_JS_2 = {
  ...PQSOCK_2,
  name: 'pure-js-2',
  title: 'suite 2 with noble 0.7.1',
  settings: { ...SUITE_2, pureJs: true, timeouts: PATIENT },
};

/**
 * The same; handshakes that wait at the same time may share a signature of the server.
 *
 * @type {Contender}
 */
export const PQSOCK_2_BATCHES = {
  ...PQSOCK_2,
  name: 'pqsock-2-batches',
  title: 'pqsock, suite 2, batches',
  settings: { ...PQSOCK_2.settings, batchSignatures: true },
};

/** With everything that saves work. */
export const PQSOCK_2_ALL = {
  ...PQSOCK_2_RETURNING,
  name: 'pqsock-2-all',
  title: 'pqsock, suite 2, returning, batches',
  settings: { ...PQSOCK_2_RETURNING.settings, batchSignatures: true },
};

/** @type {Contender} */
export const TLS_ECDSA = {
  name: 'tls-ecdsa',
  title: 'node:tls, ECDSA P-256, X25519',
  transport: 'tls',
  settings: { algorithm: 'ecdsa-p256', group: 'X25519' },
};

/** @type {Contender} */
export const TLS_ML = {
  name: 'tls-mldsa',
  title: 'node:tls, ML-DSA-87, ML-KEM-1024',
  transport: 'tls',
  settings: { algorithm: 'ml-dsa-87', group: 'MLKEM1024' },
};

/**
 * Where the handshake is not measured, one suite of pqsock and one certificate of TLS stand for all: their records are
 * the same.
 *
 * @type {Contender}
 */
export const PQSOCK = { ...PQSOCK_1, name: 'pqsock', title: 'pqsock', settings: SUITE_1 };

/** The same where a client reads into a buffer that is used again and again. */
export const PQSOCK_ONREAD = {
  ...PQSOCK,
  name: 'pqsock-onread',
  title: 'pqsock, onread',
  settings: { ...PQSOCK.settings, onread: true },
};

/** @type {Contender} */
export const TLS = { ...TLS_ECDSA, name: 'tls', title: 'node:tls' };

/**
 * The same on another Node.
 *
 * @param {Contender} contender
 * @param {import('./runtime.mjs').Runtime} runtime
 * @returns {Contender}
 */
export function on(contender, runtime) {
  const major = runtime.node.split('.')[0];
  return {
    ...contender,
    name: `${contender.name}@${major}`,
    title: `${contender.title}, on Node ${major}`,
    runtime,
  };
}

/**
 * @param {import('./transports/plain.mjs').Flight[]} flights
 * @returns {Contender}
 */
export function plainTcp(flights) {
  return { name: 'tcp', title: 'plain TCP', transport: 'tcp', settings: { flights } };
}
