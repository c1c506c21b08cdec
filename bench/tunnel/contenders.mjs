// @ts-check
/** The tunnels that are compared: each as its makers ship it, authenticated both ways, and nothing resumed. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Identity, writeIdentity } from 'pqsock';
import { makeCertificates } from '../connections/certificates.mjs';
import { HOST } from '../connections/transports/listen.mjs';
import { SYSTEM, startTwoEnds } from './two-ends.mjs';

/**
 * @typedef {object} Contender
 * @property {string} name in figures; stays the same from version to version
 * @property {string} title in tables
 * @property {(service: number, conditions: Conditions) => Promise<Tunnel>} start a tunnel to the service at that port
 *
 * @typedef {import('./two-ends.mjs').Tunnel} Tunnel
 * @typedef {import('../connections/pair.mjs').Conditions} Conditions
 * @typedef {import('./two-ends.mjs').Site} Site
 * @typedef {import('./two-ends.mjs').Ends} Ends
 */

/** What is between the two ends of a rival. */
const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', curve: 'X25519' };

/** In the certificate of either end. */
const NAME = 'localhost';

const COMMAND = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));

/** Clients that connect to the service itself. @type {Contender} */
export const NO_TUNNEL = {
  name: 'tcp',
  title: 'no tunnel',
  start: async (service) => ({ port: service, cpu: () => 0, end: () => {} }),
};

export const PQSOCK = tunnelOf('pqsock', 'pqsock tunnel', (site) => pqsock(site, 'Dilithium5', 'kyber1024-dilithium5'));
export const PQSOCK_2 = tunnelOf('pqsock-2', 'pqsock tunnel, suite 2', (site) =>
  pqsock(site, 'ML-DSA-87', 'mlkem1024-mldsa87'),
);

/** Others' programs: how they are asked for their version, and the package of Debian. */
const RIVALS = [
  { contender: tunnelOf('tls-stunnel', 'stunnel', stunnel), program: 'stunnel4', ask: '-version', debian: 'stunnel4' },
  { contender: tunnelOf('tls-haproxy', 'HAProxy', haproxy), program: 'haproxy', ask: '-vv', debian: 'haproxy' },
];

/** Those that are there, with their versions, and what to do about the others. */
export function findRivals() {
  /** @type {{ contenders: Contender[], versions: string[], gaps: string[] }} */
  const found = { contenders: [], versions: [], gaps: [] };
  for (const { contender, program, ask, debian } of RIVALS) {
    const { error, stdout, stderr } = spawnSync(program, [ask], { encoding: 'utf8', env: SYSTEM });
    if (error !== undefined) {
      found.gaps.push(`${contender.title}: ${program} is not there (Debian: apt-get install ${debian})`);
      continue;
    }
    const said = stdout + stderr;
    const own = said.match(/(?:stunnel|version) (\d[\w.]*)/)?.[1] ?? '?';
    const openssl = said.match(/Running\s+on\s+OpenSSL version : \S+ (\S+)|Running\s+with OpenSSL (\S+)/);
    found.contenders.push(contender);
    found.versions.push(`${contender.title} ${own} (OpenSSL ${openssl?.[1] ?? openssl?.[2] ?? '?'})`);
  }
  return found;
}

/**
 * @param {string} name
 * @param {string} title
 * @param {(site: Site) => Ends | Promise<Ends>} commandsFor
 * @returns {Contender}
 */
function tunnelOf(name, title, commandsFor) {
  return { name, title, start: (service, conditions) => startTwoEnds(title, service, conditions, commandsFor) };
}

/**
 * @param {Site} site
 * @param {import('pqsock').SigName} algorithm
 * @param {string} suite
 * @returns {Promise<Ends>}
 */
async function pqsock({ folder, near, between, service, conditions: { runtime, cpuProf } }, algorithm, suite) {
  const ends = {
    client: {
      from: `tcp://${HOST}:${near}`,
      to: `pq://${HOST}:${between}`,
      own: await Identity.generate({ algorithm }),
    },
    server: {
      from: `pq://${HOST}:${between}`,
      to: `tcp://${HOST}:${service}`,
      own: await Identity.generate({ algorithm }),
    },
  };
  /** @param {'client' | 'server'} role @param {'client' | 'server'} peer */
  const commandOf = async (role, peer) => {
    const { from, to, own } = ends[role];
    const [file, profile] = [join(folder, `${role}.pem`), `tunnel-${suite}-${role}-end.cpuprofile`];
    await writeIdentity(file, own);
    const flags =
      cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`, `--cpu-prof-name=${profile}`];
    const trust = ['--identity', file, '--trust', ends[peer].own.fingerprint, '--suite', suite];
    return [runtime.path, ...flags, COMMAND, 'tunnel', '--listen', from, '--to', to, ...trust, '--log-level', 'warn'];
  };
  return { client: await commandOf('client', 'server'), server: await commandOf('server', 'client') };
}

/** @param {Site} site @returns {Ends} */
function stunnel(site) {
  const credentials = writeCertificates(site.folder);
  const commandOf = (/** @type {'client' | 'server'} */ role, /** @type {number} */ from, /** @type {number} */ to) => {
    const file = join(site.folder, `${role}.conf`);
    const lines = [
      'foreground = yes',
      'pid =',
      'syslog = no',
      'debug = warning',
      'socket = l:TCP_NODELAY=1',
      'socket = r:TCP_NODELAY=1',
      '[tunnel]',
      `client = ${role === 'client' ? 'yes' : 'no'}`,
      `accept = ${HOST}:${from}`,
      `connect = ${HOST}:${to}`,
      `cert = ${credentials[role]}`,
      `CAfile = ${credentials.ca}`,
      'verifyChain = yes',
      `checkHost = ${NAME}`,
      `sslVersion = ${TLS.version}`,
      `ciphersuites = ${TLS.cipher}`,
      `curves = ${TLS.curve}`,
      'sessionResume = no',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['stunnel4', file];
  };
  return {
    client: commandOf('client', site.near, site.between),
    server: commandOf('server', site.between, site.service),
  };
}

/** @param {Site} site @returns {Ends} */
function haproxy({ folder, near, between, service }) {
  const credentials = writeCertificates(folder);
  const commandOf = (/** @type {'client' | 'server'} */ role, /** @type {string[]} */ ...listen) => {
    const file = join(folder, `${role}.cfg`);
    const lines = [
      'global',
      '  maxconn 2000',
      '  tune.ssl.cachesize 0',
      'defaults',
      '  mode tcp',
      '  timeout connect 5s',
      '  timeout client 1m',
      '  timeout server 1m',
      'listen tunnel',
      ...listen.map((line) => `  ${line}`),
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['haproxy', '-db', '-f', file];
  };
  const tls = (/** @type {'client' | 'server'} */ role) =>
    `ssl crt ${credentials[role]} ca-file ${credentials.ca} verify required ` +
    `ssl-min-ver ${TLS.version} ciphersuites ${TLS.cipher} no-tls-tickets`;
  return {
    client: commandOf(
      'client',
      `bind ${HOST}:${near}`,
      `server far ${HOST}:${between} ${tls('client')} verifyhost ${NAME} no-ssl-reuse`,
    ),
    server: commandOf(
      'server',
      `bind ${HOST}:${between} ${tls('server')} curves ${TLS.curve}`,
      `server service ${HOST}:${service}`,
    ),
  };
}

/**
 * The paths of a CA and of what either end has: its key and its certificate in one file, as both rivals take them.
 *
 * @param {string} folder
 */
function writeCertificates(folder) {
  const { client, server } = makeCertificates('ecdsa-p256', NAME);
  const write = (/** @type {string} */ name, /** @type {string} */ text) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    ca: write('ca.pem', client.ca),
    client: write('client.pem', client.cert + client.key),
    server: write('server.pem', server.cert + server.key),
  };
}
