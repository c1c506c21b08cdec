/** Files of trusted keys that are not what they should be let nobody in; and many who change one lose nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { authorizedKeysFile, connect, knownHosts } from '../../lib/index.js';
import { parseAuthorizedKeys } from '../../lib/trust/authorized-key.js';
import { comesTo, type Identities, identities, TestServer } from '../support/pair.js';
import { someFingerprint, TrustFolder } from '../support/trust-files.js';

let both: Identities;
let folder: TrustFolder;
beforeAll(async () => {
  both = await identities();
});
beforeEach(() => {
  folder = new TrustFolder();
});
afterEach(() => folder.remove());

/** What becomes of a file with a good line in it. */
const SPOILT: [string, (line: string) => string | Uint8Array][] = [
  ['half of a line at its end', (line) => `${line}\n${line.slice(0, -9)}`],
  ['a last line without an end', (line) => line],
  ['half of an entry, with an end', (line) => `${line}\n${line.slice(0, -9)}\n`],
  ['Windows line ends', (line) => `# ours\r\n${line}\r\n`],
  ['a carriage return in a comment', (line) => `${line} # a\rb\n`],
  ['a NUL behind it', (line) => `${line}\n\0`],
  [
    'NULs, as a file has that was being written when the power failed',
    (line) => Buffer.concat([Buffer.from(`${line}\n`), Buffer.alloc(512)]),
  ],
  ['the same line twice', (line) => `${line}\n${line} # again\n`],
  ['a line that nobody understands', (line) => `${line}\nsomething else\n`],
  ['the mark of a merge', (line) => `<<<<<<< ours\n${line}\n=======\n`],
  ['an HTML page around it', (line) => `<html>\n${line}\n</html>\n`],
  ['a byte order mark', (line) => `\ufeff${line}\n`],
  ['UTF-16', (line) => Buffer.from(`\ufeff${line}\n`, 'utf16le')],
  ['bytes that are no UTF-8', (line) => Buffer.concat([Buffer.from(`${line} # `), Buffer.from([0xff, 10])])],
  ['a blank that is none', (line) => `${line.replace(' ', '\u00a0')}\u00a0\n`],
  ['a line separator instead of an end', (line) => `# ours\u2028${line}\n`],
  ['a line too long', (line) => `${line}\n#${' '.repeat(2000)}\n`],
  ['too many lines', (line) => `${line}\n${'\n'.repeat(20_000)}`],
  ['a gigantic length', (line) => `${line}\n${`# ${'x'.repeat(1000)}\n`.repeat(1_100)}`],
];

describe('a server does not let in whom its file of authorized keys has', () => {
  it.each(SPOILT)('when it has %s', async (_, spoil) => {
    const line = both.client.fingerprint;
    const broken: unknown[] = [];
    const trust = authorizedKeysFile(folder.write(`${line}\n`), { onBroken: (error) => broken.push(error) });
    const server = await TestServer.listen(both, { trust });
    try {
      folder.write(spoil(line));
      const refused = once(server.server, 'clientError');
      expect(await comesTo(server.connect())).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed' });
      const cause = expect.objectContaining({
        code: 'PQ_ERR_TRUST_FILE',
        message: expect.stringContaining(folder.file()),
      });
      expect((await refused)[0]).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause });
      expect(broken).toEqual([cause]);
    } finally {
      await server.close();
    }
  });

  it.each(SPOILT)('from the start when it has %s', (_, spoil) => {
    const path = folder.write(spoil(both.client.fingerprint));
    expect(() => authorizedKeysFile(path)).toThrow(expect.objectContaining({ code: 'PQ_ERR_TRUST_FILE' }));
  });
});

describe('a client does not connect to whom its known hosts have, and learns nothing', () => {
  it.each(SPOILT)('when they have %s', async (_, spoil) => {
    const server = await TestServer.listen(both);
    try {
      const path = folder.write('');
      const trust = knownHosts(path, { onFirstUse: 'accept' });
      const spoilt = Buffer.from(spoil(`127.0.0.1 ${both.server.fingerprint}`) as string);
      folder.write(spoilt);
      const client = connect({ host: '127.0.0.1', port: server.port, identity: both.client, trust });
      expect(await comesTo(client)).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', cause: { code: 'PQ_ERR_TRUST_FILE' } });
      expect(readFileSync(path).equals(spoilt)).toBe(true);
    } finally {
      await server.close();
    }
  });
});

describe('many who change a file of authorized keys', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function start(count: number) {
    const args = [join(__dirname, 'trust-writer.mjs'), folder.file(), String(count)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  it('lose nothing: 8 processes, 50 lines each, and whoever reads meanwhile sees no half', async () => {
    const comment = '# ours: keep\n\n';
    folder.write(comment);
    const reader = authorizedKeysFile(folder.file());
    const writers = Array.from({ length: 8 }, () => start(50));
    let running = true;
    const counts: number[] = [];
    const reading = (async () => {
      while (running) {
        expect(reader.get(someFingerprint())).toBeUndefined();
        counts.push(parseAuthorizedKeys(readFileSync(folder.file()), 'keys').size);
        await new Promise(setImmediate);
      }
    })();
    const printed = await Promise.all(writers.map(({ stdout }) => textOf(stdout)));
    running = false;
    await reading;
    const expected = printed.flatMap((text) => text.split('\n').filter((line) => line !== ''));
    const text = readFileSync(folder.file(), 'utf8');
    expect(text.startsWith(comment)).toBe(true);
    expect(expected).toHaveLength(400);
    expect([...parseAuthorizedKeys(Buffer.from(text), 'keys').keys()].sort()).toEqual(expected.sort());
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBeGreaterThan(10);
    expect(readdirSync(folder.path)).toEqual(['trusted']);
    expect(statSync(folder.file()).mode & 0o777).toBe(0o600);
  }, 60_000);

  it('lose nothing when some are killed in the middle: what they said was done is there', async () => {
    folder.write('');
    const killed = Array.from({ length: 3 }, () => start(10_000));
    const printed = killed.map(({ stdout }) => textOf(stdout));
    await Promise.all(killed.map(({ stdout }) => once(stdout, 'data')));
    for (const child of killed) child.kill('SIGKILL');
    await Promise.all(killed.map((child) => once(child, 'close')));
    const lock = `${folder.file()}.lock`;
    if (existsSync(lock)) folder.age(lock, 60_000);
    const last = start(5);
    const lines = await Promise.all([...printed, textOf(last.stdout)]);
    const said = lines.flatMap((text) => text.split('\n').slice(0, -1));
    const keys = parseAuthorizedKeys(readFileSync(folder.file()), 'keys');
    expect(said.length).toBeGreaterThan(7);
    for (const fingerprint of said) expect(keys.has(fingerprint)).toBe(true);
  }, 60_000);
});
