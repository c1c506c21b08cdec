// @ts-check
/**
 * One side of connections over TCP, in a process of its own: `node endpoint.mjs <client|server> <suite|seed|seed-ctr>`.
 * The side that is dumped runs exactly this; the other runs it behind record-secrets.mjs. core-dump.mjs tells it what
 * to do.
 */
import { once } from 'node:events';
import { connect, createServer, Identity } from '../../dist/index.js';
import { Sig } from '../../dist/oqs.js';

/** @typedef {{ port: number, close: boolean }} Task a connection to make, and whether to close it at the end */

const ROUNDS = 8;
const MESSAGES = 3;
const MESSAGE = Buffer.alloc(1000, 'data');

const [role = '', suite = ''] = process.argv.slice(2);
const algorithm = suite.endsWith('mldsa87') ? 'ML-DSA-87' : 'Dilithium5';
const profile = suite.startsWith('seed') ? 'seed' : 'hardened';
// Of liboqs's own randomness, which is seen from outside: that of Identity.generate is Node's.
const keys = new Sig(algorithm).keypairSync();
const identity = Identity.from({ algorithm, profile, ...keys });
keys.secretKey.dispose();
// New keys as often as they can be had: each side sees KEY_UPDATEs, and a REKEY about every second round.
const limits = { keyRecords: 3, rekeyInterval: 1, rekeyLeast: 0, keyUpdates: 1000 };
/** @type {Record<string, object>} */
const seedOptions = { seed: {}, 'seed-ctr': { cipher: 'aes-256-ctr', allowUnauthenticatedCtr: true } };
/** @type {any} */
const options = { identity, trust: 'any', profile, ...(seedOptions[suite] ?? { suites: [suite], limits }) };
const publicKey = identity.publicKey.toString('hex');

process.on('disconnect', () => process.exit());
if (role === 'server') {
  const server = createServer(options, (socket) => {
    socket.pipe(socket);
    socket.on('close', () => tell({ closed: true }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  tell({ publicKey, port: /** @type {import('node:net').AddressInfo} */ (server.address()).port });
} else {
  process.on('message', (task) => void converse(/** @type {Task} */ (task)));
  tell({ publicKey });
}

/**
 * What it tells when the parent is gone goes nowhere, and is no error.
 *
 * @param {object} message
 */
function tell(message) {
  process.send?.(message, undefined, undefined, () => {});
}

/** @param {Task} task */
async function converse({ port, close }) {
  const socket = connect({ ...options, host: '127.0.0.1', port });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let i = 0; i < MESSAGES; i += 1) socket.write(MESSAGE);
    await heard(socket, (round + 1) * MESSAGES * MESSAGE.length);
  }
  if (close) await once(socket.end(), 'close');
  tell({ done: true });
}

/**
 * Reads until so many bytes have come since the beginning.
 *
 * @param {import('../../dist/index.js').PqSocket} socket
 * @param {number} bytes
 */
async function heard(socket, bytes) {
  while (socket.bytesRead < bytes) {
    socket.resume();
    await once(socket, 'data');
  }
}
