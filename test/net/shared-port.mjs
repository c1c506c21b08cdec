// @ts-check
/**
 * Several processes behind one port, in the way that the argument says; and clients, in the first process. Every
 * server answers with its process id. Prints how many ids there were, and how many answers, in JSON.
 */
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { connect, createServer, Identity } from '../../dist/index.js';
import { Sig } from '../../dist/oqs.js';

const CLIENTS = 8;

/** @type {Record<string, () => Promise<void>>} */
const WAYS = { workers, handle, socket };
/** @type {Record<string, () => void>} */
const CHILDREN = { workers: listenInWorker, handle: takeHandle, socket: takeSocket };

const [, , way = '', keys] = process.argv;
if (keys === undefined) await WAYS[way]?.();
else CHILDREN[way]?.();

/** node:cluster: each worker calls `listen` with the same port; one of them ends, and the others go on. */
async function workers() {
  const { text: serialized, identity } = makeKeys();
  cluster.setupPrimary({ args: ['workers', serialized] });
  const both = [cluster.fork(), cluster.fork()];
  const [port = 0] = await Promise.all(both.map(async (worker) => (await once(worker, 'listening'))[0].port));
  const answers = await ask(port, identity);
  both[0]?.kill();
  await once(cluster, 'exit');
  const after = await ask(port, identity);
  report({ processes: new Set(answers).size, answers: answers.length, afterwards: new Set(after).size });
  both[1]?.kill();
}

function listenInWorker() {
  serverOf(keys).listen(0, '127.0.0.1');
}

/** A port that the parent has opened, and a child listens on. */
async function handle() {
  const { text: serialized, identity } = makeKeys();
  const children = await Promise.all([1, 2].map(() => startChild('handle', serialized)));
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  for (const child of children) {
    child.send('listen', server);
    await once(child, 'message');
  }
  server.close();
  const answers = await ask(port, identity);
  report({ own: answers.includes(String(process.pid)), answers: answers.length });
  for (const child of children) child.kill();
}

function takeHandle() {
  process.on('message', (_, taken) => {
    const server = serverOf(keys);
    server.listen(/** @type {import('node:net').Server} */ (taken), () => process.send?.('listening'));
  });
  process.send?.('ready');
}

/** Connections that the parent has accepted, and a child serves. */
async function socket() {
  const { text: serialized, identity } = makeKeys();
  const child = await startChild('socket', serialized);
  const server = createTcpServer({ pauseOnConnect: true }, (accepted) => void child.send('serve', accepted));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const answers = await ask(port, identity);
  report({ processes: new Set(answers).size, own: answers.includes(String(process.pid)), answers: answers.length });
  server.close();
  child.kill();
}

function takeSocket() {
  const server = serverOf(keys);
  process.on('message', (_, taken) => {
    server.emit('connection', /** @type {import('node:net').Socket} */ (taken));
  });
  process.send?.('ready');
}

/**
 * @param {string} mode
 * @param {string} serialized
 */
async function startChild(mode, serialized) {
  const child = fork(fileURLToPath(import.meta.url), [mode, serialized]);
  await once(child, 'message');
  return child;
}

/** The keys of all servers, as text for their processes; and what a client needs to know of them. */
function makeKeys() {
  const { publicKey, secretKey } = new Sig('Dilithium5').keypairSync();
  const parts = [publicKey, secretKey.export()].map((bytes) => bytes.toString('base64'));
  return { text: parts.join(' '), identity: Identity.from({ publicKey, secretKey }) };
}

/** @param {string | undefined} serialized */
function serverOf(serialized) {
  const [publicKey, secretKey] = String(serialized)
    .split(' ')
    .map((part) => Buffer.from(part, 'base64'));
  const identity = Identity.from({ publicKey: Buffer.from(publicKey ?? []), secretKey: Buffer.from(secretKey ?? []) });
  return createServer({ identity, trust: 'any' }, (accepted) => void accepted.end(String(process.pid)));
}

/**
 * @param {number} port
 * @param {Identity} server
 */
async function ask(port, server) {
  const identity = await Identity.generate();
  const options = { host: '127.0.0.1', port, identity, trust: server.fingerprint };
  return Promise.all(Array.from({ length: CLIENTS }, () => text(connect(options))));
}

/** @param {object} result */
function report(result) {
  process.stdout.write(JSON.stringify(result));
}
