// @ts-check
/**
 * Attack 44: a client or a server whose connection is over is dumped, and the dump is searched for the connection's
 * secrets. They are known from its peer, which is another process, and from what liboqs took from the system's
 * randomness. A second connection, still open, is the control: its key must be found, as must the identity's.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SEED_SUITE, SUITES } from '../../dist/crypto/suites.js';
import { findSecrets } from './find-secrets.mjs';
import { identityFrom, namedOwn, namedSchedule } from './name-secrets.mjs';
import { PROGRAMS, run } from './programs.mjs';
import { SideChannelError } from './side-channel-error.mjs';

/**
 * @typedef {'client' | 'server'} Role
 * @typedef {import('./name-secrets.mjs').Computed} Computed
 * @typedef {import('../../dist/index.js').SuiteName | 'seed' | 'seed-ctr'} Suite
 * @typedef {{ computed: Computed[], wire: string, publicKey: string, random: Buffer }} Seen what a side has told so far
 * @typedef {{ process: import('node:child_process').ChildProcess, seen: Seen }} Side
 */

const ENDPOINT = fileURLToPath(new URL('endpoint.mjs', import.meta.url));
const RECORDER = new URL('record-secrets.mjs', import.meta.url).href;
/** The file descriptor that entropy_tap.c writes to. */
const TAP = 4;

/** What a run must have seen of the key schedule, a REKEY and a KEY_UPDATE with it: else it was not searched for. */
const EXPECTED = 'ss,extracted,s finished,c finished,master,exp,rk 1,c ap 1,s ap 1,upd,key,iv'.split(',');
const SEED_EXPECTED = ['key'];

/** What is erased while the connection is still open. */
const ERASED = /^(ss|extracted|[cs] finished|master) /;

/** @type {Role[]} */
const ROLES = ['client', 'server'];
const SHORT_SUITES = /** @type {const} */ (['kyber1024-dilithium5']);
const ALL_SUITES = /** @type {Suite[]} */ ([...Object.keys(SUITES), 'seed', 'seed-ctr']);

/**
 * @param {{ short: boolean, say: (line: string) => void }} options
 * @returns {Promise<boolean>} whether nothing was found
 */
export async function coreDump({ short, say }) {
  let clean = true;
  for (const suite of short ? SHORT_SUITES : ALL_SUITES) {
    for (const role of ROLES) {
      const { searched, megabytes, found } = await dumpAndSearch(role, suite);
      const result = found.length === 0 ? 'found none' : `FOUND ${found.join('; ')}`;
      say(`${role}, ${suite}: ${searched} erased secrets in ${megabytes} MB: ${result}`);
      clean &&= found.length === 0;
    }
  }
  return clean;
}

/**
 * Dumps one process and searches the dump.
 *
 * @param {Role} role of the side that is dumped
 * @param {Suite} suite
 * @returns {Promise<{ searched: number, megabytes: number, found: string[] }>}
 * @throws {SideChannelError} if there was no dump, or the search does not find what is there
 */
async function dumpAndSearch(role, suite) {
  const folder = mkdtempSync(join(tmpdir(), 'pqsock-core-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const dumped = start(role, suite, { variables: { LD_PRELOAD: PROGRAMS.entropyTap } });
  const peer = start(role === 'client' ? 'server' : 'client', suite, { execArgv: ['--import', RECORDER] });
  try {
    const first = await connectTwice(dumped, peer, role);
    const core = await dump(dumped, folder);
    return search(core, { role, dumped, peer, first, suite });
  } finally {
    for (const side of [dumped, peer]) side.process.kill();
    remove();
    process.off('exit', remove);
  }
}

/**
 * @param {Role} role
 * @param {string} suite
 * @param {{ variables?: Record<string, string>, execArgv?: string[] }} how
 * @returns {Side}
 */
function start(role, suite, { variables = {}, execArgv = [] }) {
  const child = fork(ENDPOINT, [role, suite], {
    execArgv,
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...variables },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  });
  /** @type {Seen} */
  const seen = { computed: [], wire: '', publicKey: '', random: Buffer.alloc(0) };
  child.on('message', (/** @type {any} */ { hmac, cipherKey, wire, publicKey }) => {
    if (hmac !== undefined || cipherKey !== undefined) seen.computed.push({ hmac, cipherKey });
    if (wire !== undefined) seen.wire += wire;
    if (publicKey !== undefined) seen.publicKey = publicKey;
  });
  child.stdio[TAP]?.on('data', (bytes) => {
    seen.random = Buffer.concat([seen.random, bytes]);
  });
  return { process: child, seen };
}

/**
 * A connection that is closed, and another that stays open.
 *
 * @param {Side} dumped
 * @param {Side} peer
 * @param {Role} role of the side that is dumped
 * @returns {Promise<number>} how much the peer had computed when the first connection was over
 */
async function connectTwice(dumped, peer, role) {
  const [client, server] = role === 'client' ? [dumped, peer] : [peer, dumped];
  const [{ port }] = await Promise.all([told(server, 'port'), told(client, 'publicKey')]);
  const closed = Promise.all([told(server, 'closed'), told(client, 'done')]);
  client.process.send({ port, close: true });
  await closed;
  const first = peer.seen.computed.length;
  const done = told(client, 'done');
  client.process.send({ port, close: false });
  await done;
  return first;
}

/**
 * The next message of a side with this member.
 *
 * @param {Side} side
 * @param {string} member
 * @returns {Promise<any>}
 */
function told({ process: child }, member) {
  return new Promise((resolve, reject) => {
    child.on('message', (/** @type {any} */ message) => message[member] !== undefined && resolve(message));
    child.once('exit', (code) => reject(new SideChannelError(`an endpoint ended with ${code}`, 'see above')));
  });
}

/**
 * @param {Side} dumped
 * @param {string} folder
 * @returns {Promise<string>} the path of the dump
 */
async function dump({ process: { pid } }, folder) {
  const { code, stdout, stderr } = await run('gcore', ['-o', join(folder, 'core'), String(pid)]);
  if (code === 0) return join(folder, `core.${pid}`);
  const said = `${stdout}${stderr}`.trim().split('\n').at(-1);
  throw new SideChannelError(
    `gcore could not dump its own child: ${said}`,
    'a container may forbid ptrace: start it with --cap-add=SYS_PTRACE; on a machine see kernel.yama.ptrace_scope',
  );
}

/**
 * @param {string} core
 * @param {{ role: Role, dumped: Side, peer: Side, first: number, suite: Suite }} run
 */
function search(core, { role, dumped, peer, first, suite }) {
  const isSeed = suite === 'seed' || suite === 'seed-ctr';
  const { kem, sig } = isSeed ? SEED_SUITE : SUITES[suite];
  const random = parts(dumped.seen.random);
  const own = namedOwn(random, kem);
  const identity = identityFrom(/** @type {Buffer} */ (random[0]), sig);
  requireSeen(identity.publicKey.toString('hex') === dumped.seen.publicKey, "the identity's seed");
  if (role === 'client') {
    const sent = own.kemPublicKeys.some((key) => peer.seen.wire.includes(key.toString('hex')));
    requireSeen(sent, 'the randomness of the key pair that was sent');
  }
  const closed = namedSchedule(peer.seen.computed.slice(0, first));
  const names = closed.map((secret) => `${secret.name} `);
  for (const wanted of isSeed ? SEED_EXPECTED : EXPECTED) {
    requireSeen(
      names.some((name) => name.startsWith(`${wanted} `)),
      wanted,
    );
  }

  const open = namedSchedule(peer.seen.computed.slice(first));
  const erased = open.filter(({ name }) => ERASED.test(name));
  const secrets = [
    ...closed,
    ...own.secrets,
    ...erased.map(({ name, bytes }) => ({ name: `the open one's ${name}`, bytes })),
  ];
  const keys = open.filter(({ name }) => name.startsWith('key '));
  const controls = [
    { name: "the identity's secret key", bytes: identity.secretKey.subarray(-PIECE_OF_KEY) },
    ...keys.map(({ bytes }) => ({ name: 'a key of the open connection', bytes })),
  ];
  const found = findSecrets(core, [...secrets, ...controls]);
  for (const name of new Set(controls.map((control) => control.name))) requireSeen(found.delete(name), name);
  return {
    searched: secrets.length,
    megabytes: Math.round(statSync(core).size / 2 ** 20),
    found: [...found].map(([name, places]) => `${name}, ${places.length} times`),
  };
}

/** Of the end of an identity's secret key, which is t0: dense bytes. */
const PIECE_OF_KEY = 416;

/**
 * @param {boolean} seen
 * @param {string} what
 */
function requireSeen(seen, what) {
  if (!seen) throw new SideChannelError(`the check does not see ${what}: it would find nothing`, 'the check is broken');
}

/**
 * What entropy_tap.c has written: a byte of length before each.
 *
 * @param {Buffer} tapped
 * @returns {Buffer[]}
 */
function parts(tapped) {
  const all = [];
  for (let at = 0; at < tapped.length; at += 1 + /** @type {number} */ (tapped[at])) {
    all.push(tapped.subarray(at + 1, at + 1 + /** @type {number} */ (tapped[at])));
  }
  return all;
}
