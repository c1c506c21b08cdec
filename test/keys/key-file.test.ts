/** Keys in files: who may read them, that they are whole, and what is said when something is wrong. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Identity,
  publicKeyToPem,
  readIdentity,
  readPublicKey,
  writeIdentity,
  writePublicKey,
} from '../../lib/index.js';

const posix = process.platform === 'win32' ? it.skip : it;
const identity = Identity.from({ algorithm: 'ML-DSA-87', seed: Buffer.alloc(32, 3) });

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-keys-'));
  path = join(folder, 'server key.pem');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file that only its owner can read. */
function put(content: string | Uint8Array, mode = 0o600): void {
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
}

const pem = async () => (await identity.toPem()).export().toString();

async function refusal(action: Promise<unknown>): Promise<{ code?: string; message: string }> {
  return action.then(
    () => ({ message: 'not refused' }),
    (error) => error,
  );
}

describe('an identity in a file', () => {
  it('is read as it was written, with and without a passphrase', async () => {
    await writeIdentity(path, identity);
    expect((await readIdentity(path)).fingerprint).toBe(identity.fingerprint);
    const other = join(folder, 'encrypted.pem');
    await writeIdentity(other, identity, { passphrase: 'x' });
    expect((await readIdentity(other, { passphrase: 'x' })).fingerprint).toBe(identity.fingerprint);
    expect(readFileSync(other, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    expect(readdirSync(folder).sort()).toEqual(['encrypted.pem', 'server key.pem']);
  });

  it('keeps its profile', async () => {
    const seed = await Identity.generate({ profile: 'seed' });
    await writeIdentity(path, seed);
    expect((await readIdentity(path, { profile: 'seed' })).fingerprint).toBe(seed.fingerprint);
    const error = await refusal(readIdentity(path));
    expect(error).toMatchObject({ code: 'PQ_ERR_INVALID_OPTION', message: expect.stringContaining(path) });
  });

  posix('can be read by its owner alone, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await writeIdentity(path, identity);
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('takes the place of nothing that is there', async () => {
    put('something');
    const error = await refusal(writeIdentity(path, identity));
    expect(error).toMatchObject({ code: 'PQ_ERR_KEY_FILE_EXISTS', message: expect.stringContaining(path) });
    expect(readFileSync(path, 'utf8')).toBe('something');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  posix('takes the place of no link, not even one to nowhere', async () => {
    symlinkSync(join(folder, 'nowhere'), path);
    expect(await refusal(writeIdentity(path, identity))).toMatchObject({ code: 'PQ_ERR_KEY_FILE_EXISTS' });
    expect(readdirSync(folder)).toEqual(['server key.pem']);
  });

  it('is written once by many that write it at once, and whole', async () => {
    const others = await Promise.all(Array.from({ length: 8 }, () => Identity.generate()));
    const results = await Promise.allSettled(others.map((one) => writeIdentity(path, one)));
    const written = others.filter((_, i) => results[i]?.status === 'fulfilled');
    expect(written).toHaveLength(1);
    expect((await readIdentity(path)).fingerprint).toBe(written[0]?.fingerprint);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('leaves nothing behind when it cannot be written', async () => {
    expect(await refusal(writeIdentity(join(folder, 'none', 'key.pem'), identity))).toMatchObject({ code: 'ENOENT' });
    expect(await refusal(writeIdentity(path, identity, { passphrase: '' }))).toMatchObject({
      code: 'PQ_ERR_INVALID_OPTION',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  posix('is not read when others could read or write it', async () => {
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o644, 0o777, 0o610]) {
      put(await pem(), mode);
      const error = await refusal(readIdentity(path));
      expect(error).toMatchObject({ code: 'PQ_ERR_KEY_FILE' });
      expect(error.message).toContain(path);
      expect(error.message).toContain('chmod 600');
      expect(error.message).toContain(mode.toString(8));
    }
    for (const mode of [0o600, 0o400]) {
      put(await pem(), 0o600);
      chmodSync(path, mode);
      expect((await readIdentity(path)).fingerprint).toBe(identity.fingerprint);
    }
  });

  posix('is read through a link to it', async () => {
    put(await pem());
    const link = join(folder, 'link.pem');
    symlinkSync(path, link);
    expect((await readIdentity(link)).fingerprint).toBe(identity.fingerprint);
    chmodSync(path, 0o644);
    expect(await refusal(readIdentity(link))).toMatchObject({ code: 'PQ_ERR_KEY_FILE' });
  });

  posix('is no folder, no pipe and no device, which nobody waits for', async () => {
    mkdirSync(join(folder, 'directory'), { mode: 0o700 });
    execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')]);
    for (const name of [join(folder, 'directory'), join(folder, 'pipe'), '/dev/zero']) {
      const error = await refusal(readIdentity(name));
      expect([error.code, error.message.includes(name)]).toEqual(['PQ_ERR_KEY_FILE', true]);
    }
  });

  it('is not longer than a key is', async () => {
    put(Buffer.alloc(40_000, 'A'));
    const error = await refusal(readIdentity(path));
    expect(error).toMatchObject({ code: 'PQ_ERR_KEY_FILE', message: expect.stringContaining('longer than 32768') });
  });

  it('is an error of the system when it is not there', async () => {
    expect(await refusal(readIdentity(path))).toMatchObject({ code: 'ENOENT', message: expect.stringContaining(path) });
  });

  it.each([
    ['is empty', (text: string) => text.slice(0, 0)],
    ['was cut off', (text: string) => text.slice(0, 90)],
    ['is there twice', (text: string) => text + text],
    ['has CR LF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['has something after it', (text: string) => `${text}\n# mine\n`],
    ['is a public key', () => publicKeyToPem(identity)],
  ])('is an error with the name of the file when the key %s', async (_, change) => {
    put(change(await pem()));
    const error = await refusal(readIdentity(path));
    expect(error.code).toBe('PQ_ERR_KEY_FORMAT');
    expect(error.message.startsWith(JSON.stringify(path))).toBe(true);
  });

  it('says with the name of the file that a passphrase is missing, or wrong', async () => {
    await writeIdentity(path, identity, { passphrase: 'a very secret word' });
    for (const [passphrase, code] of [
      [undefined, 'PQ_ERR_PASSPHRASE_NEEDED'],
      ['another word', 'PQ_ERR_PASSPHRASE_WRONG'],
    ] as const) {
      const error = await refusal(readIdentity(path, { passphrase }));
      expect(error.code).toBe(code);
      expect(error.message).toContain(path);
      expect(error.message).not.toMatch(/another word|secret word/);
    }
  });
});

describe('a public key in a file', () => {
  it('is read as it was written, by everybody', async () => {
    await writePublicKey(path, identity);
    expect(await readPublicKey(path)).toMatchObject({ algorithm: 'ML-DSA-87', fingerprint: identity.fingerprint });
    if (process.platform !== 'win32') chmodSync(path, 0o644);
    expect((await readPublicKey(path)).publicKey).toEqual(identity.publicKey);
  });

  it('takes the place of nothing', async () => {
    await writePublicKey(path, identity);
    expect(await refusal(writePublicKey(path, identity))).toMatchObject({ code: 'PQ_ERR_KEY_FILE_EXISTS' });
  });

  it('is not a private key, which the error does not show', async () => {
    await writeIdentity(path, identity);
    const error = await refusal(readPublicKey(path));
    expect(error).toMatchObject({ code: 'PQ_ERR_KEY_FORMAT', message: expect.stringContaining(path) });
    expect(error.message).not.toContain((await pem()).split('\n')[1]?.slice(20));
  });
});
