/** `pqsock inspect`, as a user runs it: built, in processes of its own. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, fingerprintWords, Identity, writeIdentity, writePublicKey } from '../../lib/index.js';
import { Command, type CommandEnd } from '../support/command.js';
import { freePort } from '../support/free-port.js';
import { TestServer } from '../support/pair.js';

let folder: string;
let identity: Identity;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-inspect-'));
  identity = await Identity.generate();
  await writeIdentity(inFolder('a.pem'), identity);
  await writePublicKey(inFolder('a.pub'), identity);
  await writeIdentity(inFolder('locked.pem'), identity, { passphrase: 'open sesame' });
  writeFileSync(inFolder('words'), 'open sesame\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);
const inspect = (...args: string[]): Promise<CommandEnd> => new Command('inspect', ...args).end;

/** What it says as JSON. */
async function jsonOf(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await inspect(...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const open = (name: string) => (process.platform === 'win32' ? {} : { mode: name });

describe('of a key', () => {
  it('it says all but the secret', async () => {
    const { code, stdout, stderr } = await inspect(inFolder('a.pem'));
    expect([code, stderr]).toEqual([0, '']);
    const { fingerprint } = identity;
    expect(stdout).toBe(
      `kind         secret key, in PEM
encrypted    no
algorithm    Dilithium5
profile      hardened
form         the seed
bytes        2592 public key, 4864 secret key, 4595 signature
file         132 bytes, mode ${process.platform === 'win32' ? '0666' : '0600'}
fingerprint  ${fingerprint}
words        ${fingerprintWords(fingerprint).join(' ')}
`,
    );
    const secret = readFileSync(inFolder('a.pem'), 'utf8').split('\n')[1] as string;
    expect(stdout + JSON.stringify(await jsonOf(inFolder('a.pem')))).not.toContain(secret);
  });

  it('it tells a public one, and a JWK', async () => {
    const { fingerprint } = identity;
    const sizes = { publicKey: 2592, secretKey: 4864, signature: 4595 };
    expect(await jsonOf(inFolder('a.pub'))).toMatchObject({ kind: 'public', format: 'pem', fingerprint, sizes });
    const other = await Identity.generate({ algorithm: 'ML-DSA-87' });
    writeFileSync(inFolder('a.jwk'), JSON.stringify(other.toJwk()), { mode: 0o600 });
    expect(await jsonOf(inFolder('a.jwk'))).toMatchObject({
      kind: 'secret',
      format: 'jwk',
      algorithm: 'ML-DSA-87',
      fingerprint: other.fingerprint,
      words: fingerprintWords(other.fingerprint),
      encrypted: false,
    });
  });

  it('it says of an encrypted one what can be said, and with its passphrase the rest', async () => {
    const closed = await inspect(inFolder('locked.pem'));
    expect([closed.code, closed.stderr]).toEqual([0, '']);
    expect(closed.stdout).toMatch(/^encrypted {2}by a passphrase, with 600,000 rounds of PBKDF2$/m);
    expect(closed.stdout).toContain('--passphrase-file');
    expect(await jsonOf(inFolder('locked.pem'), '--passphrase-file', inFolder('words'))).toMatchObject({
      encrypted: true,
      rounds: 600_000,
      form: 'seed',
      fingerprint: identity.fingerprint,
      ...open('0600'),
    });
    const wrong = await inspect(inFolder('locked.pem'), '--passphrase-file', inFolder('a.pub'));
    expect(wrong).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('PQ_ERR_PASSPHRASE_WRONG') });
  });

  (process.platform === 'win32' ? it.skip : it)('it warns of a secret one that others can read', async () => {
    const file = inFolder('open.pem');
    await writeIdentity(file, identity);
    chmodSync(file, 0o644);
    const { code, stdout, stderr } = await inspect(file);
    expect(code).toBe(3);
    expect(stdout).toContain(identity.fingerprint);
    expect(stderr).toMatch(/^error: others than its owner can read .*\(mode 0644\).*\nhint: .*chmod 600/);
  });

  it.each([
    ['something else', 'words', /^error: ".*words": this is no key in PEM/],
    ['nothing', 'nowhere', /^error: .*nowhere can't be read: ENOENT\nhint: /],
    ['a folder', '.', /^error: .* it is no file/],
  ])('it refuses %s with exit code 3', async (_, name, says) => {
    const { code, stdout, stderr } = await inspect(inFolder(name));
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(says);
  });
});

describe('of a file of keys to trust', () => {
  it('it counts the keys, of clients and of servers', async () => {
    const { fingerprint } = identity;
    writeFileSync(inFolder('clients.txt'), `# ours\n${fingerprint} expires=2031-01-01 # Ann\n\n`, { mode: 0o600 });
    const { code, stdout } = await inspect(inFolder('clients.txt'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kind {2}clients that a server trusts \(authorized_keys\)\nkeys {2}1\nfile {2}\d+ bytes/);
    const hosts = `db.example ${fingerprint}\n  db.example:7443 ${fingerprint}\n`;
    writeFileSync(inFolder('hosts.txt'), hosts, { mode: 0o600 });
    expect(await jsonOf(inFolder('hosts.txt'))).toMatchObject({ kind: 'known_hosts', keys: 2, ...open('0600') });
  });

  it('it names the first line that is wrong', async () => {
    const { fingerprint } = identity;
    writeFileSync(inFolder('broken.txt'), `# ours\n${fingerprint} expires=soon\nfoo bar\n`, { mode: 0o600 });
    const { code, stdout, stderr } = await inspect(inFolder('broken.txt'));
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error: .*broken\.txt, line 2: .*\(PQ_ERR_TRUST_FILE\)$/m);
  });
});

describe('of a server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.listen({ server: identity, client: await Identity.generate() });
  });
  afterAll(() => server.close());

  it('it says what is offered, and that nothing is proven', async () => {
    const { code, stdout, stderr } = await inspect(`127.0.0.1:${server.port}`);
    expect([code, stderr]).toEqual([0, '']);
    const { fingerprint } = identity;
    const lines = stdout.split('\n');
    expect(lines.slice(0, 6)).toEqual([
      `server       pq://127.0.0.1:${server.port}`,
      'versions     1',
      'suites       kyber1024-dilithium5',
      'key          Dilithium5, 2592 bytes',
      `fingerprint  ${fingerprint}`,
      `words        ${fingerprintWords(fingerprint).join(' ')}`,
    ]);
    expect(stdout).toContain('\nbytes        2639 ServerHello, 2643 with the header of its frame\n');
    expect(stdout).toMatch(
      /\ntimes +\d+\.\d\d ms connected, \d+\.\d\d ms first byte, \d+\.\d\d ms whole ServerHello\n/,
    );
    expect(stdout).toMatch(/\nproven +nothing: compare the fingerprint/);
  });

  it('it says the same as JSON, also of one on a Unix socket', async () => {
    const key = { sigalg: 1, algorithm: 'Dilithium5', bytes: 2592, fingerprint: identity.fingerprint };
    const offer = { versions: [1], suites: ['kyber1024-dilithium5'], batches: false, proven: false };
    const sizes = { serverHello: 2639, frame: 2643 };
    const json = await jsonOf(`pq://127.0.0.1:${server.port}`, '--timeout', '1.001');
    const words = fingerprintWords(identity.fingerprint);
    expect(json).toMatchObject({ ...offer, sizes, keys: [{ ...key, words }] });
    expect(Object.keys(json['times'] as object)).toEqual(['connect', 'firstByte', 'serverHello']);
    if (process.platform === 'win32') return;
    const path = inFolder('socket');
    const local = createServer({ identity, trust: 'any' })
      .on('clientError', () => {})
      .listen(path);
    expect(await jsonOf(path)).toMatchObject({ server: `unix:${path}`, ...offer });
    expect(await jsonOf(`unix:${path}`)).toMatchObject({ server: `unix:${path}`, ...offer });
    await new Promise((resolve) => local.close(resolve));
  });

  it('it says why there is none, with a remedy and exit code 5', async () => {
    const silent: Server = createTcpServer().listen(0, '127.0.0.1');
    const { port } = await new Promise<{ port: number }>((resolve) => {
      silent.on('listening', () => resolve(silent.address() as { port: number }));
    });
    const waited = await inspect(`127.0.0.1:${port}`, '--timeout', '0.2');
    silent.close();
    expect([waited.code, waited.stdout]).toEqual([5, '']);
    expect(waited.stderr).toMatch(/^error: pq:\/\/127.*nothing .* in 200 ms \(PQ_ERR_TIMEOUT\)\nhint: .*--timeout/);
    for (const host of ['127.0.0.1', 'localhost']) {
      const refused = await inspect(`${host}:${await freePort()}`);
      expect([refused.code, refused.stdout]).toEqual([5, '']);
      expect(refused.stderr).toMatch(/^error: pq:.* can't be reached \(ECONNREFUSED\)\nhint: nobody listens there/);
    }
  });
});

it.each([
  [[], 'missing required argument'],
  [['tcp://127.0.0.1:1'], 'write pq://host:port'],
  [['pq://a'], 'is no endpoint'],
  [['a:99999'], 'has no port'],
  [['a:1', '--timeout', '0'], 'must be a number of seconds'],
])('refuses %j with exit code 2', async (args, says) => {
  const { code, stdout, stderr } = await inspect(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toContain(says);
});
