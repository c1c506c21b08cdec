/** The examples of README.md and docs/DIAGNOSTICS.md run as they stand, against the built package. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connectionLimits, serverLimits } from '../../lib/net/limits.js';
import { SECURE_OPTION_NAMES } from '../../lib/net/options.js';
import { parseAuthorizedKeys } from '../../lib/trust/authorized-key.js';
import { parseKnownHosts } from '../../lib/trust/known-host.js';

const ROOT = join(__dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const texts = readme + readFileSync(join(ROOT, 'docs/DIAGNOSTICS.md'), 'utf8');
const examples = [...texts.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code as string);

/** What the texts say that `server` and `client` are. */
const BOTH_SIDES = `
import { Identity as Someone } from 'pqsock';
const [here, there] = [await Someone.generate(), await Someone.generate()];
const client = { identity: here, trust: there.fingerprint };
const server = { identity: there, trust: here.fingerprint };
`;

/** By a text that only this example has: what it prints. */
const ENDING = {
  "console.log('connected:'": /^connected: pqsock1:dilithium5:.{43}\nhello\n$/,
  'readIdentity(': /^pqsock1:dilithium5:.{43}\n$/,
  "new Kem('ML-KEM-1024')": /^true\n$/,
};
const SERVING = {
  'new Agent({ ...client, keepAlive: true })': /^hello pqsock1:dilithium5:.{43}\n$/,
  'undiciConnector(client)': /^hello fetch\n\n$/,
  "from 'node:http2'": /^hello h2\n$/,
  "from 'ws'": /^hello ws\n$/,
  "const profile = 'seed'": /^hello seed\n$/,
  'pqsock:handshake:step': /^(client|server) 1 the transport is there\n/,
  "gate.on('keylog'": /^hello\n$/,
};
/** They need a PostgreSQL and a Redis; test/ecosystem has these. */
const ONLY_PARSED = ['postgresql', 'ioredisConnector'];

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-readme-'));
  file = join(ROOT, 'build', `readme-example-${process.pid}.mjs`); // inside the package: `pqsock` is the package itself
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  rmSync(file, { force: true });
});

async function start(having: string): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const code = exampleWith(having);
  const needsSides = /[.(](server|client)\b[^.]/.test(code) && !code.includes('const server');
  writeFileSync(file, (needsSides ? BOTH_SIDES : '') + code.replaceAll('7000', String(await freePort())));
  return spawn(process.execPath, [file], { cwd: folder, timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'] });
}

function exampleWith(having: string): string {
  const [found, ...others] = examples.filter((code) => code.includes(having));
  if (found === undefined || others.length > 0) throw new Error(`not one example has ${having}`);
  return found;
}

/** A port that nobody listens on, for the one that the README names. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the examples', () => {
  it.each(Object.entries(ENDING))('with %s ends, and prints what it should', async (having, prints) => {
    const child = await start(having);
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    expect([status, errors]).toEqual([0, '']);
    expect(output).toMatch(prints);
  });

  it.each(Object.entries(SERVING))('with %s prints what it should', async (having, prints) => {
    const child = await start(having);
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk;
      if (prints.test(output)) child.kill();
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', take);
    await once(child, 'close');
    expect(output).toMatch(prints);
  });

  it.each(ONLY_PARSED)('with %s has no mistake of form', (having) => {
    writeFileSync(file, exampleWith(having));
    const { status, stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('are all looked at', () => {
    expect(examples.length).toBe([...Object.keys(ENDING), ...Object.keys(SERVING), ...ONLY_PARSED].length);
  });
});

describe('the README', () => {
  it('has files of trusted keys that can be read', () => {
    const file = /```\n(# authorized_keys.*?\n)\n(# known_hosts.*?\n)```/s.exec(readme) ?? [];
    const [keys, hosts] = file.slice(1).map((text) => Buffer.from(text)) as [Buffer, Buffer];
    expect(parseAuthorizedKeys(keys, 'README').size).toBe(2);
    expect(parseKnownHosts(hosts, 'README')).toHaveLength(1);
  });

  it.each([...SECURE_OPTION_NAMES, ...Object.keys(connectionLimits('client')), ...Object.keys(serverLimits())])(
    'names %s',
    (name) => expect(readme).toContain(`\`${name}`),
  );
});
