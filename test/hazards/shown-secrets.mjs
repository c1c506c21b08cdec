// @ts-check
/**
 * Connections of all suites and of the seed profile, that succeed and that fail in every way that is easily had, with
 * everything shown that anybody can get hold of; NODE_DEBUG is the caller's to set. A line `scene: …` says how each
 * ended. With the argument `keylog` those that succeed write their key logs, too, and there are no others.
 */
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer as createWeb, get } from 'node:http';
import {
  Agent,
  anyOf,
  authorizedKeys,
  connect,
  createServer,
  Identity,
  ioredisConnector,
  pinned,
  undiciConnector,
} from 'pqsock';
import { listenBefore } from './flip-frame.mjs';
import { misuse } from './secret-misuse.mjs';
import { failures, seedFailures, success } from './secret-scenes.mjs';
import { outcomeOf, show, showError, showOnce } from './show.mjs';

const SUITES = /** @type {const} */ ({
  'kyber1024-dilithium5': 'Dilithium5',
  'mlkem1024-mldsa87': 'ML-DSA-87',
  'x25519mlkem1024-mldsa87': 'ML-DSA-87',
});
/** In milliseconds: all connections are made at once, on a machine that may have other things to do. */
const PATIENCE = { handshakeTimeout: 60_000, frameTimeout: 60_000 };
const logged = process.argv[2] === 'keylog';

for (const name of ['handshake:step', 'connection:open', 'connection:close']) {
  subscribe(`pqsock:${name}`, (message) => showOnce(name, message));
}
subscribe('pqsock:connection:error', (message) => showError('connection:error', Object(message).error));

const scenes = [];
for (const [suite, algorithm] of Object.entries(SUITES)) {
  const identities = { ours: await Identity.generate({ algorithm }), theirs: await Identity.generate({ algorithm }) };
  const sides = { client: { suites: [suite] }, server: { suites: [suite] } };
  scenes.push(success(suite, identities, sides));
  if (!logged) scenes.push(...(await failures(suite, identities, sides)));
}
const profile = 'seed';
const identities = { ours: await Identity.generate({ profile }), theirs: await Identity.generate({ profile }) };
for (const cipher of [{ cipher: 'aes-256-gcm' }, { cipher: 'aes-256-ctr', allowUnauthenticatedCtr: true }]) {
  const sides = { client: { profile, ...cipher }, server: { profile, ...cipher } };
  scenes.push(success(cipher.cipher, identities, sides));
  if (!logged) scenes.push(...(await seedFailures(cipher.cipher, identities, sides)));
}
await Promise.all(scenes.map(play));
if (!logged) {
  await agent();
  await misuse();
}

/**
 * One connection, perhaps with somebody in between, and how each side ends.
 *
 * @param {import('./secret-scenes.mjs').Scene} scene
 */
async function play({ name, identities: { ours, theirs }, options, flip, talk }) {
  const server = createServer({ ...PATIENCE, identity: ours, trust: theirs.fingerprint, ...options.server });
  /** @type {(outcome: string) => void} */
  let tell = () => {};
  const serverEnded = new Promise((resolve) => {
    tell = resolve;
  });
  server.on('clientError', (error) => {
    tell(outcomeOf(error));
  });
  server.on('secureConnection', (accepted) => {
    listen(accepted).then(tell);
    void talk?.(socket, accepted).catch((error) => showError('talk', error));
  });
  if (logged) server.on('keylog', (line) => process.stdout.write(line));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const between = flip && (await listenBefore(port, flip));
  const where = { host: '127.0.0.1', port: between?.port ?? port };
  const socket = connect({ ...PATIENCE, ...where, identity: theirs, trust: ours.fingerprint, ...options.client });
  showOnce('new client', socket);
  const ended = [await listen(socket), await serverEnded];
  process.stdout.write(`scene: ${name}: ${ended.join(', ')}\n`);
  between?.close();
  server.close();
  server.closeAllConnections();
}

/**
 * How a socket ends.
 *
 * @param {any} socket
 */
async function listen(socket) {
  let outcome = 'ended';
  socket.on('error', (/** @type {Error} */ error) => {
    outcome = outcomeOf(error);
  });
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve)); // not once(), which ends with the error
  return outcome;
}

/** An http client, its agent, and one that is refused. */
async function agent() {
  const [ours, theirs] = [await Identity.generate(), await Identity.generate()];
  const web = createWeb((_, response) => response.end('hello'));
  web.emit('listening');
  const server = createServer({ identity: ours, trust: theirs.fingerprint }, (socket) =>
    web.emit('connection', socket),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const trusts = { succeeds: ours.fingerprint, fails: theirs.fingerprint };
  for (const [how, trust] of Object.entries(trusts)) {
    const agent = new Agent({ identity: theirs, trust, allowOwnKey: true, keepAlive: true });
    show('agent', agent);
    const request = get({ host: '127.0.0.1', port, agent });
    const outcome = await once(request, 'response').then(
      ([response]) => response.resume() && 'ended',
      (error) => {
        showError('request', error);
        return outcomeOf(error);
      },
    );
    show('agent', agent);
    process.stdout.write(`scene: an agent ${how}: ${outcome}\n`);
    agent.destroy();
  }
  show('server', server);
  server.close();
  server.closeAllConnections();
  for (const policy of [pinned(ours.fingerprint), authorizedKeys(new Set([ours.fingerprint])), anyOf('any')]) {
    show('policy', policy);
  }
  const options = { identity: ours, trust: /** @type {const} */ ('any') };
  show('connectors', [undiciConnector(options), ioredisConnector(options)]);
}
