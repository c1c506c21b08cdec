/** `pqsock keygen` and `pqsock fingerprint`, as a user runs them: built, in processes of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { fingerprintWords, Identity, readIdentity, readPublicKey, writeIdentity } from '../../lib/index.js';

const MAIN = join(__dirname, '../../dist/bundle/main.js');
const PASSPHRASE_OPTION = pathToFileURL(join(__dirname, '../../dist/cli/passphrase-option.js')).href;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-keygen-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly stdin?: string;
  /** What is open as descriptor 3. */
  readonly third?: string;
}

/** In the folder, with a stdin that is no terminal. */
async function run(args: readonly string[], { stdin = '', third }: Given = {}) {
  const file = third === undefined ? undefined : openSync(join(folder, third), 'r');
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe', file] });
  if (file !== undefined) closeSync(file);
  const [input, output, errors] = child.stdio;
  if (input === null || output === null || errors === null) throw new Error('there are no pipes');
  input.on('error', () => {}).end(stdin);
  const [stdout, stderr, [status]] = await Promise.all([text(output), text(errors), once(child, 'close')]);
  return { status: status as number, stdout, stderr };
}

const inFolder = (name: string) => join(folder, name);

describe('pqsock keygen', () => {
  it('writes a key that only its owner can read, and says its fingerprint and the words of it', async () => {
    const { status, stdout, stderr } = await run(['keygen', '--out', 'a.pem', '--public', 'a.pub']);
    expect([status, stderr]).toEqual([0, '']);
    const { fingerprint, algorithm } = await readIdentity(inFolder('a.pem'));
    const words = fingerprintWords(fingerprint).join(' ');
    expect(stdout).toBe(`secret key   a.pem\npublic key   a.pub\nfingerprint  ${fingerprint}\nwords        ${words}\n`);
    expect(algorithm).toBe('Dilithium5');
    expect(await readPublicKey(inFolder('a.pub'))).toMatchObject({ fingerprint });
    if (process.platform !== 'win32') expect(statSync(inFolder('a.pem')).mode & 0o777).toBe(0o600);
  });

  it('makes keys of ML-DSA-87 and of the seed profile, into identity.pem unless told otherwise', async () => {
    const { stdout } = await run(['keygen', '--algorithm', 'ML-DSA-87', '--json']);
    const identity = await readIdentity(inFolder('identity.pem'));
    expect(identity.algorithm).toBe('ML-DSA-87');
    expect(JSON.parse(stdout)).toEqual({
      file: 'identity.pem',
      algorithm: 'ML-DSA-87',
      profile: 'hardened',
      encrypted: false,
      fingerprint: identity.fingerprint,
      words: fingerprintWords(identity.fingerprint),
    });
    await run(['keygen', '--profile', 'seed', '--out', 'seed.pem']);
    expect(await readIdentity(inFolder('seed.pem'), { profile: 'seed' })).toMatchObject({ profile: 'seed' });
  });

  it.each([
    ['secret key', 'a.pem'],
    ['public key', 'a.pub'],
  ])('leaves a %s alone that is there, and then writes nothing at all', async (_, file) => {
    writeFileSync(inFolder(file), 'precious');
    const { status, stdout, stderr } = await run(['keygen', '--out', 'a.pem', '--public', 'a.pub']);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toBe(`error: ${file} exists: nothing was written\nhint: name another file, or move it away\n`);
    expect(readdirSync(folder)).toEqual([file]);
    expect(readFileSync(inFolder(file), 'utf8')).toBe('precious');
  });

  it.each<[string, string[], Given]>([
    ['a file', ['--passphrase-file', 'words'], {}],
    ['stdin', ['--passphrase-file', '-'], { stdin: 'open sesame\nmore' }],
    ['a descriptor', ['--passphrase-fd', '3'], { third: 'words' }],
  ])('encrypts it with the first line of %s', async (_, args, given) => {
    writeFileSync(inFolder('words'), 'open sesame\r\nmore\n');
    const { status, stdout, stderr } = await run(['keygen', '--out', 'a.pem', ...args], given);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^secret key {3}a\.pem, encrypted\n/);
    await expect(readIdentity(inFolder('a.pem'))).rejects.toMatchObject({ code: 'PQ_ERR_PASSPHRASE_NEEDED' });
    const { fingerprint } = await readIdentity(inFolder('a.pem'), { passphrase: 'open sesame' });
    expect(stdout).toContain(fingerprint);
  });

  it('waits for the first line of a pipe, and not for the end of what follows', async () => {
    const script = `import(${JSON.stringify(PASSPHRASE_OPTION)}).then(async ({ givenPassphrase }) => {
      console.log('ready');
      const passphrase = await givenPassphrase({ passphraseFile: '-' });
      console.log(Buffer.from(passphrase.export()).toString());
    })`;
    const child = spawn(process.execPath, ['-e', script]);
    const [lines, errors] = [createInterface({ input: child.stdout }), text(child.stderr)];
    child.stdin.on('error', () => {});
    const said: string[] = [];
    for await (const line of lines) {
      said.push(line);
      if (line === 'ready') child.stdin.write('open sesame\nmore');
    }
    expect([said, await errors]).toEqual([['ready', 'open sesame'], '']);
  });

  it('writes nothing for a passphrase that is empty, missing, or can’t be asked for', async () => {
    const long = inFolder('long');
    writeFileSync(long, Buffer.alloc(2 ** 16 + 1, 'a'));
    for (const [args, says, code] of [
      [['--passphrase-file', long], 'a first line of more than 65536 bytes', 3],
      [['--passphrase-file', '-'], 'descriptor 0 has no passphrase', 3],
      [['--passphrase-file', 'nowhere'], "nowhere can't be read: ENOENT", 3],
      [['--passphrase-fd', '77'], "descriptor 77 can't be read: EBADF", 3],
      [['--passphrase'], 'stdin is no terminal\nhint: use --passphrase-file', 2],
    ] as const) {
      const { status, stdout, stderr } = await run(['keygen', ...args]);
      expect([status, stdout]).toEqual([code, '']);
      expect(stderr).toMatch(/^error: /);
      expect(stderr).toContain(says);
    }
    expect(readdirSync(folder)).toEqual(['long']);
  });

  it.each([
    [['--passphrase', 'open sesame'], 'too many arguments'],
    [['--passphrase', '--passphrase-fd', '0'], 'a passphrase in two places'],
    [['--passphrase-file', 'a', '--passphrase-fd', '0'], 'a passphrase in two places'],
    [['--passphrase-fd', 'x'], 'must be the number of a descriptor'],
    [['--algorithm', 'rsa'], 'Allowed choices are Dilithium5, ML-DSA-87'],
    [['--algorithm', 'ML-DSA-87', '--profile', 'seed'], 'the seed profile is for Dilithium5'],
    [['--out', '-'], 'keys are written to files alone'],
  ])('refuses %j with exit code 2, and without a key', async (args, says) => {
    const { status, stdout, stderr } = await run(['keygen', ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('sesame');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names a folder that is not there, and the remedy', async () => {
    const { status, stderr } = await run(['keygen', '--out', 'no/where.pem']);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^error: no\/where\.pem can't be written: ENOENT\nhint: /);
  });

  it('writes the key all the same if nobody reads what it says', async () => {
    const child = spawn(process.execPath, [MAIN, 'keygen'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect([status, stderr]).toEqual([0, '']);
    await readIdentity(inFolder('identity.pem'));
  });
});

describe('pqsock fingerprint', () => {
  let identity: Identity;
  beforeEach(async () => {
    identity = await Identity.generate();
    await writeIdentity(inFolder('a.pem'), identity);
  });

  it('is that of a secret key and of its public key, and of the public key on stdin', async () => {
    const made = JSON.parse((await run(['keygen', '--out', 'b.pem', '--public', 'b.pub', '--json'])).stdout);
    const line = `${made.fingerprint}\n`;
    expect(await run(['fingerprint', 'b.pem'])).toEqual({ status: 0, stdout: line, stderr: '' });
    const stdin = readFileSync(inFolder('b.pub'), 'utf8');
    expect(await run(['fingerprint', '-'], { stdin })).toEqual({ status: 0, stdout: line, stderr: '' });
    expect((await run(['fingerprint', '--words', 'b.pub'])).stdout).toBe(`${line}${made.words.join(' ')}\n`);
  });

  it('says of several whose they are, so that a file name can’t be another line, and goes on after a mistake', async () => {
    const odd = 'a\npqsock1.pem';
    await writeIdentity(inFolder(odd), identity);
    writeFileSync(inFolder('bad.pem'), 'no key');
    const { status, stdout, stderr } = await run(['fingerprint', 'a.pem', 'bad.pem', 'missing', odd]);
    const { fingerprint } = identity;
    expect(stdout).toBe(`${fingerprint} # a.pem\n${fingerprint} # a?pqsock1.pem\n`);
    expect(stderr).toMatch(/^error: "bad\.pem": .*PQ_ERR_KEY_FORMAT.\nerror: missing can't be read: ENOENT\nhint: /);
    expect(status).toBe(3);
  });

  it('has one JSON object a line, of keys of both profiles', async () => {
    await writeIdentity(inFolder('seed.pem'), await Identity.generate({ profile: 'seed' }));
    const { stdout } = await run(['fingerprint', '--json', 'a.pem', 'seed.pem']);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        file: 'a.pem',
        kind: 'secret',
        algorithm: 'Dilithium5',
        profile: 'hardened',
        fingerprint: identity.fingerprint,
        words: fingerprintWords(identity.fingerprint),
      },
      expect.objectContaining({ file: 'seed.pem', profile: 'seed' }),
    ]);
  });

  it('needs the passphrase of an encrypted key, and only of such a one', async () => {
    await writeIdentity(inFolder('locked.pem'), identity, { passphrase: 'open sesame' });
    const none = await run(['fingerprint', 'locked.pem']);
    expect(none).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(/^error: .*\nhint: /) });
    const both = ['fingerprint', 'a.pem', 'locked.pem', '--passphrase-file', '-'];
    const { stdout, stderr } = await run(both, { stdin: 'open sesame' });
    expect(stderr).toBe('');
    expect(stdout).toBe(`${identity.fingerprint} # a.pem\n${identity.fingerprint} # locked.pem\n`);
    const wrong = await run(['fingerprint', 'locked.pem', '--passphrase-file', '-'], { stdin: 'open' });
    expect(wrong).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('PQ_ERR_PASSPHRASE_WRONG') });
  });

  it('does not read a secret key on stdin, and not one that others can read', async () => {
    const stdin = readFileSync(inFolder('a.pem'), 'utf8');
    const secret = await run(['fingerprint', '-'], { stdin });
    expect(secret).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('PQ_ERR_KEY_FORMAT') });
    expect(secret.stderr).not.toContain(stdin.split('\n')[1]);
    if (process.platform === 'win32') return;
    writeFileSync(inFolder('open.pem'), stdin, { mode: 0o644 });
    const open = await run(['fingerprint', 'open.pem']);
    expect(open).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('(mode 0644)') });
  });

  it.each([
    [[], "missing required argument 'files'"],
    [['-', '--passphrase-file', '-'], "stdin can't be both"],
  ])('refuses %j with exit code 2', async (args, says) => {
    const { status, stderr } = await run(['fingerprint', ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(says);
  });
});

const VERBS = [
  'keygen',
  'fingerprint',
  'inspect',
  'speed',
  'info',
  'listen',
  'connect',
  'tunnel',
  'demo',
  'build-native',
];
it.each(VERBS)('the help of %s has examples and the exit codes', async (verb) => {
  const { status, stdout } = await run([verb, '--help']);
  expect(status).toBe(0);
  expect(stdout).toContain('examples:');
  expect(stdout).toContain('exit codes: 0');
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});
