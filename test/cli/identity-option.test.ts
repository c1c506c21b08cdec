/** The keys that a command is given, and their passphrases: from files, and from a descriptor that is read once. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIdentities } from '../../lib/cli/identity-option.js';
import { KeptPassphrases } from '../../lib/cli/passphrase-option.js';
import { Identity, writeIdentity } from '../../lib/index.js';

let folder: string;
const inFolder = (name: string) => join(folder, name);
const [keys, words] = [() => ['a.pem', 'b.pem'].map(inFolder), () => ['a.txt', 'b.txt'].map(inFolder)];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-identities-'));
  await writeIdentity(inFolder('a.pem'), await Identity.generate(), { passphrase: 'open sesame' });
  const other = await Identity.generate({ algorithm: 'ML-DSA-87' });
  await writeIdentity(inFolder('b.pem'), other, { passphrase: 'open barley' });
  writeFileSync(inFolder('a.txt'), 'open sesame\n');
  writeFileSync(inFolder('b.txt'), 'open barley\nmore');
  writeFileSync(inFolder('empty.txt'), '\nopen sesame\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (choices: Parameters<typeof readIdentities>[0]) => readIdentities(choices, new KeptPassphrases());

describe('the passphrases of several keys', () => {
  it('are in a file for each, in the order of the keys', async () => {
    expect(await read({ identity: keys(), 'passphrase-file': words() })).toHaveLength(2);
    const swapped = read({ identity: keys(), 'passphrase-file': words().reverse() });
    await expect(swapped).rejects.toMatchObject({ code: 'PQ_ERR_PASSPHRASE_WRONG' });
  });

  it('are the same if there is one file', async () => {
    const both = read({ identity: keys(), 'passphrase-file': [inFolder('a.txt')] });
    await expect(both).rejects.toMatchObject({ code: 'PQ_ERR_PASSPHRASE_WRONG' });
    const same = [inFolder('a.pem'), inFolder('a.pem')];
    expect(await read({ identity: same, 'passphrase-file': [inFolder('a.txt')] })).toHaveLength(2);
  });

  it.each([
    ['in fewer files than keys, and more than one', ['a.pem', 'a.pem', 'a.pem'], ['a.txt', 'a.txt'], 2],
    ['in more files than keys', ['a.pem'], ['a.txt', 'b.txt'], 2],
    ['in a file without one', ['a.pem'], ['empty.txt'], 3],
    ['in a file that is not there', ['a.pem'], ['nowhere'], 3],
  ])('can’t be %s', async (_, identity, files, exitCode) => {
    const reading = read({ identity: identity.map(inFolder), 'passphrase-file': files.map(inFolder) });
    await expect(reading).rejects.toMatchObject({ exitCode });
  });

  it('can’t be in a file and in a descriptor', async () => {
    const both = read({ identity: keys(), 'passphrase-file': words(), 'passphrase-fd': 0 });
    await expect(both).rejects.toThrow('a passphrase in two places');
  });
});

describe('the passphrase of a descriptor', () => {
  it('is read once, for all that want it at whatever time', async () => {
    const kept = new KeptPassphrases();
    const descriptor = openSync(inFolder('a.txt'), 'r');
    const choices = { identity: [inFolder('a.pem')], 'passphrase-fd': descriptor };
    try {
      const [first, second] = await Promise.all([readIdentities(choices, kept), readIdentities(choices, kept)]);
      expect([first, second]).toEqual([expect.any(Array), expect.any(Array)]);
    } finally {
      closeSync(descriptor);
    }
    kept.end();
    expect(await readIdentities(choices, kept)).toHaveLength(1);
  });

  it('is not read later: by then the number may be that of a connection', async () => {
    const kept = new KeptPassphrases();
    kept.end();
    const descriptor = openSync(inFolder('a.txt'), 'r');
    const reading = readIdentities({ identity: [inFolder('a.pem')], 'passphrase-fd': descriptor }, kept);
    await expect(reading).rejects.toThrow(`descriptor ${descriptor} was not read at the start`);
    closeSync(descriptor);
  });
});
