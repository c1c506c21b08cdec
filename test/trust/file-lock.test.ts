import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { withFileLock } from '../../lib/trust/file-lock.js';
import { TrustFolder } from '../support/trust-files.js';

let folder: TrustFolder;
let file: string;
let lock: string;
beforeEach(() => {
  folder = new TrustFolder();
  file = folder.file();
  lock = `${file}.lock`;
});
afterEach(() => folder.remove());

const OLD = 6_000;

describe('a lock', () => {
  it('is there while something is done, and gone afterwards, also after an error', async () => {
    expect(await withFileLock(file, (stillLocked) => [existsSync(lock), stillLocked()])).toEqual([true, true]);
    const fail = () => {
      throw new Error('no');
    };
    await expect(withFileLock(file, fail)).rejects.toThrow('no');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is waited for while somebody else holds it', async () => {
    writeFileSync(lock, '1 x\n');
    const order: string[] = [];
    const waiting = withFileLock(file, () => order.push('ours'));
    await new Promise(setImmediate);
    order.push('theirs');
    rmSync(lock);
    await waiting;
    expect(order).toEqual(['theirs', 'ours']);
  });

  it('that was left behind is removed, also by many at once', async () => {
    writeFileSync(lock, '1 x\n');
    folder.age(lock, OLD);
    let holders = 0;
    await Promise.all(Array.from({ length: 20 }, () => withFileLock(file, () => (holders += 1))));
    expect(holders).toBe(20);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('that is left behind is removed although somebody has ended while removing it', async () => {
    for (const path of [lock, `${lock}.stale`]) {
      writeFileSync(path, '');
      folder.age(path, OLD);
    }
    expect(await withFileLock(file, () => 'done')).toBe('done');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('that was taken away is noticed; what was to be done begins again, and the lock of others stays', async () => {
    const tries: boolean[] = [];
    const result = await withFileLock(file, (stillLocked) => {
      if (tries.length === 0) {
        writeFileSync(folder.file('theirs'), '1 x\n');
        renameSync(folder.file('theirs'), lock);
        folder.age(lock, OLD); // they have ended meanwhile
      }
      tries.push(stillLocked());
      return stillLocked() ? 'done' : undefined;
    });
    expect([result, ...tries]).toEqual(['done', false, true]);
  });

  it('of others stays when ours was taken away', async () => {
    await withFileLock(file, () => {
      writeFileSync(lock, '1 theirs\n');
      return true;
    });
    expect(readFileSync(lock, 'utf8')).toBe('1 theirs\n');
  });

  it('that cannot be made is an error of the system', async () => {
    await expect(withFileLock(folder.file('nowhere/file'), () => 1)).rejects.toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    );
  });

  it('that others never let go of is an error that says who, and what to do', async () => {
    writeFileSync(lock, '4711 x\n');
    await expect(withFileLock(file, () => 1, 0)).rejects.toThrow(
      expect.objectContaining({
        code: 'PQ_ERR_TRUST_FILE',
        message: `${file}: process 4711 is changing it: if there is none, remove ${lock}`,
      }),
    );
  });
});
