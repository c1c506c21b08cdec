import { readdirSync, readFileSync, statSync } from 'node:fs';
import { replaceFile } from '../../lib/trust/replace-file.js';
import { TrustFolder } from '../support/trust-files.js';

let folder: TrustFolder;
beforeEach(() => {
  folder = new TrustFolder();
});
afterEach(() => folder.remove());

const bytes = Buffer.from('new');
const kept = () => ({ mode: 0o100640, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });

describe('the replacement of a file', () => {
  it('has the mode of the one that was there', () => {
    const path = folder.write('old');
    expect(replaceFile(path, bytes, kept(), () => true)).toBe(true);
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o640]);
  });

  const ofRoot = process.getuid?.() === 0 ? it : it.skip;
  ofRoot('has the owner of the one that was there', () => {
    const path = folder.write('old');
    replaceFile(path, bytes, { ...kept(), uid: 4711, gid: 4712 }, () => true);
    expect(statSync(path)).toMatchObject({ uid: 4711, gid: 4712 });
  });

  it('is all there, under another name, when it is asked for the last time, and leaves nothing when that says no', () => {
    const path = folder.write('old');
    const seen: string[] = [];
    const refuse = () => {
      for (const name of readdirSync(folder.path).sort()) seen.push(readFileSync(folder.file(name), 'utf8'));
      return false;
    };
    expect(replaceFile(path, bytes, undefined, refuse)).toBe(false);
    expect(seen).toEqual(['new', 'old']);
    expect([readdirSync(folder.path), readFileSync(path, 'utf8')]).toEqual([['trusted'], 'old']);
  });

  it('leaves nothing when it fails', () => {
    const fail = () => {
      throw new Error('no');
    };
    expect(() => replaceFile(folder.file(), bytes, undefined, fail)).toThrow('no');
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
