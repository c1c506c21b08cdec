import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { TrustFile } from '../../lib/trust/trust-file.js';
import { trustLines } from '../../lib/trust/trust-lines.js';
import { TrustFolder } from '../support/trust-files.js';

let folder: TrustFolder;
beforeEach(() => {
  folder = new TrustFolder();
});
afterEach(() => folder.remove());

const parsed = jest.fn();
beforeEach(() => parsed.mockClear());

/** The first words of its lines. */
function parse(bytes: Uint8Array, file: string): string[] {
  parsed();
  return trustLines(bytes, file).map(({ words }) => words.join(' '));
}
const form = { parse, missing: 'an error' } as const;
const error = (text: string) =>
  expect.objectContaining({ code: 'PQ_ERR_TRUST_FILE', message: expect.stringContaining(text) });
const LONG_AGO = 3_600_000;
/** A clock by which no file was changed lately. */
const later = () => Date.now() + LONG_AGO;

describe('a file of trusted keys', () => {
  it('says what it says now, without a restart and without waiting', () => {
    const file = new TrustFile(folder.write('a\n'), form);
    const seen = [file.read()];
    folder.write('b\nc\n');
    seen.push(file.read());
    folder.write('d\n', 'other');
    renameSync(folder.file('other'), file.path);
    seen.push(file.read());
    expect(seen).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('is seen to change even within a step of the clock, and when it stays as long', () => {
    const file = new TrustFile(folder.write('0000\n'), form);
    for (let i = 0; i < 300; i += 1) {
      const text = String(i).padStart(4, '0');
      folder.write(`${text}\n`);
      expect(file.read()).toEqual([text]);
    }
  });

  it('is seen to change when somebody gives it its old date again', () => {
    const path = folder.write('a\n');
    utimesSync(path, 1, 1);
    const file = new TrustFile(path, form, undefined, later);
    writeFileSync(path, 'b\n');
    utimesSync(path, 1, 1);
    expect(file.read()).toEqual(['b']);
  });

  it.each([
    ['not read again while nothing has changed', later, 1],
    ['read each time while its last change is so recent that another could look the same', Date.now, 4],
  ])('is %s', (_, clock, times) => {
    const now = jest.fn(clock); // asked for each time that the file is read
    const file = new TrustFile(folder.write('a\n'), form, undefined, now);
    for (let i = 0; i < 3; i += 1) expect(file.read()).toEqual(['a']);
    expect(now).toHaveBeenCalledTimes(times);
    expect(parsed).toHaveBeenCalledTimes(1);
  });

  it('that is broken is an error each time, is told once, and is good again when it is mended', async () => {
    const told: Error[] = [];
    const file = new TrustFile(folder.write('a\n'), form, (error) => told.push(error));
    for (let round = 1; round <= 2; round += 1) {
      folder.write('half');
      for (let i = 0; i < 3; i += 1) expect(() => file.read()).toThrow(error(`${file.path}, line 1: the last line`));
      expect(file.readOrLast()).toEqual(['a']);
      await new Promise(setImmediate);
      expect(told).toEqual(Array(round).fill(error('the last line')));
      folder.write('a\n');
      expect(file.read()).toEqual(['a']);
    }
  });

  it('is an error at the start if it is broken, and then nobody is told besides', async () => {
    const told = jest.fn();
    expect(() => new TrustFile(folder.write('half'), form, told)).toThrow(error('the last line'));
    await new Promise(setImmediate);
    expect(told).not.toHaveBeenCalled();
  });

  it('is not there: that is an error, or nothing, as was asked for', () => {
    expect(() => new TrustFile(folder.file(), form)).toThrow(error('there is no such file'));
    const file = new TrustFile(folder.file(), { ...form, missing: 'empty' });
    expect(file.read()).toEqual([]);
    folder.write('a\n');
    expect(file.read()).toEqual(['a']);
    rmSync(file.path);
    expect(file.read()).toEqual([]);
  });

  it('is an error when it goes away', () => {
    const file = new TrustFile(folder.write('a\n'), form, undefined, later);
    rmSync(file.path);
    expect(() => file.read()).toThrow(error('there is no such file'));
    expect(file.readOrLast()).toEqual(['a']);
  });

  it.each([0o620, 0o602, 0o666])('is refused when others can write it: mode %o', (mode) => {
    const path = folder.write('a\n');
    const file = new TrustFile(path, form);
    chmodSync(path, mode);
    expect(() => file.read()).toThrow(error(`others than its owner can write it: chmod go-w ${path}`));
    chmodSync(path, 0o644);
    expect(file.read()).toEqual(['a']);
  });

  it('is refused, and not waited for, when it is no file', async () => {
    mkdirSync(folder.file());
    expect(() => new TrustFile(folder.file(), form)).toThrow(error('it is no file'));
    expect(() => new TrustFile('/dev/null', form)).toThrow(error('it is no file'));
    const server = createServer().listen(folder.file('socket'));
    await once(server, 'listening');
    expect(() => new TrustFile(folder.file('socket'), form)).toThrow(expect.objectContaining({ code: 'ENXIO' }));
    server.close();
  });

  it('is refused before it is read when it is too long', () => {
    writeFileSync(folder.file(), Buffer.alloc(2 ** 20 + 1, '\n'), { mode: 0o600 });
    expect(() => new TrustFile(folder.file(), form)).toThrow(error('1048576 are the most'));
    expect(parsed).not.toHaveBeenCalled();
  });

  it.each(['', undefined, 1])('has a path, not %p', (path) => {
    expect(() => new TrustFile(path as string, form)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }),
    );
  });
});

describe('a change of such a file', () => {
  const add = (line: string) => (text: string) => `${text}${line}\n`;

  it('keeps all that is not changed, and the mode', async () => {
    const text = '# ours \n\n\ta   # why\n';
    const file = new TrustFile(folder.write(text), form);
    chmodSync(file.path, 0o640);
    expect(await file.update(add('b'))).toEqual(['a', 'b']);
    expect(readFileSync(file.path, 'utf8')).toBe(`${text}b\n`);
    expect(statSync(file.path).mode & 0o777).toBe(0o640);
    expect(file.read()).toEqual(['a', 'b']);
    expect(readdirSync(folder.path)).toEqual(['trusted']);
  });

  it('puts another file in its place, so that a reader never sees half of one', async () => {
    const file = new TrustFile(folder.write('a\n'), form);
    const { ino } = statSync(file.path);
    await file.update(add('b'));
    expect(statSync(file.path).ino).not.toBe(ino);
  });

  it('makes a file that nobody else can read where there is none', async () => {
    const file = new TrustFile(folder.file(), { ...form, missing: 'empty' });
    await file.update(add('a'));
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(file.read()).toEqual(['a']);
  });

  it('that changes nothing leaves the file alone', async () => {
    const file = new TrustFile(folder.write('a\n'), form);
    const { ino } = statSync(file.path);
    expect(await file.update((text) => text)).toEqual(['a']);
    expect(statSync(file.path).ino).toBe(ino);
  });

  it.each([
    ['the file is broken', 'half', add('b')],
    ['the file would be broken', 'a\n', (text: string) => `${text}half`],
  ])('is none when %s', async (_, before, change) => {
    const file = new TrustFile(folder.write('a\n'), form);
    folder.write(before);
    await expect(file.update(change)).rejects.toThrow(error('the last line has no end'));
    expect(readFileSync(file.path, 'utf8')).toBe(before);
    expect(readdirSync(folder.path)).toEqual(['trusted']);
  });

  it('is none when what makes it fails, and the next one goes on', async () => {
    const file = new TrustFile(folder.write('a\n'), form);
    const fail = () => {
      throw new Error('no');
    };
    await expect(file.update(fail)).rejects.toThrow('no');
    expect(await file.update(add('b'))).toEqual(['a', 'b']);
    expect(readdirSync(folder.path)).toEqual(['trusted']);
  });

  it('goes to where a symbolic link leads', async () => {
    mkdirSync(folder.file('real'));
    folder.write('a\n', 'real/keys');
    symlinkSync('real/keys', folder.file());
    const file = new TrustFile(folder.file(), form);
    await file.update(add('b'));
    expect(lstatSync(file.path).isSymbolicLink()).toBe(true);
    expect(readFileSync(folder.file('real/keys'), 'utf8')).toBe('a\nb\n');
  });

  it('waits for others in the same process: none is lost', async () => {
    const files = Array.from({ length: 8 }, () => new TrustFile(folder.file(), { ...form, missing: 'empty' }));
    await Promise.all(files.map((file, i) => file.update(add(`line${i}`))));
    expect((files[0] as TrustFile<string[]>).read().sort()).toEqual(files.map((_, i) => `line${i}`));
  });
});
