/** Every error code is documented, and some test provokes it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlertError, errorCodes, PqError, pqError } from '../../lib/errors.js';

const ROOT = join(__dirname, '../..');

const documented = readFileSync(join(ROOT, 'docs/ERRORS.md'), 'utf8');
const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('architecture'))
  .map((name) => readFileSync(join(ROOT, 'test', name), 'utf8'))
  .join('\n');

/** Codes that can't be provoked on a machine that works. */
const NOT_PROVOKED = ['PQ_ERR_ADDON', 'PQ_ERR_NATIVE', 'PQ_ERR_OUT_OF_MEMORY'];

describe('the error codes', () => {
  it.each([...errorCodes])('%s has a heading in docs/ERRORS.md', (code) => {
    expect(documented).toContain(`### ${code}\n`);
  });

  it('are all that docs/ERRORS.md has headings for', () => {
    const headings = [...documented.matchAll(/^### (PQ_ERR_\w+)$/gm)].map(([, code]) => code);
    expect(headings.sort()).toEqual([...errorCodes].sort());
  });

  it.each(errorCodes.filter((code) => !NOT_PROVOKED.includes(code)))('%s is provoked by a test', (code) => {
    expect(tests).toContain(code);
  });

  it.each(errorCodes.filter((code) => code !== 'PQ_ERR_ALERT'))('%s makes an error of its class', (code) => {
    const error = pqError(code, 'text');
    expect(error).toBeInstanceOf(PqError);
    expect(error.code).toBe(code);
    expect(error.name).toMatch(/^(Malformed|Misbehaved|Incompatible|Untrusted|Misuse|Local)Error$/);
  });

  it('PQ_ERR_ALERT has a class of its own, which says what the peer has said', () => {
    const error = new AlertError('busy', 'text');
    expect(error).toBeInstanceOf(PqError);
    expect(error).toMatchObject({ code: 'PQ_ERR_ALERT', name: 'AlertError', alert: 'busy', message: 'text' });
  });
});
