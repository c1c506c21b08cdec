/** The exit codes: one for each kind of failure, and docs/CLI.md says which. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf } from '../../lib/cli/exit-code.js';
import { CliError, EXIT_CODES } from '../../lib/cli/report.js';
import { pqError } from '../../lib/errors.js';
import { AlertError, type ErrorCode, errorCodes } from '../../lib/index.js';

type Code = Exclude<ErrorCode, 'PQ_ERR_ALERT'>;
const codeOf = (code: Code) => exitCodeOf(pqError(code, ''));
const own = errorCodes.filter((code): code is Code => code !== 'PQ_ERR_ALERT');

it('says of a file that can’t be used another thing than of a peer that is not trusted, and of the network', () => {
  expect([codeOf('PQ_ERR_KEY_FORMAT'), codeOf('PQ_ERR_UNTRUSTED'), codeOf('PQ_ERR_TIMEOUT')]).toEqual([3, 4, 5]);
  expect(exitCodeOf(new AlertError('auth_failed', ''))).toBe(4);
  expect(exitCodeOf(new AlertError('busy', ''))).toBe(5);
  expect(exitCodeOf(new CliError('', '', 77))).toBe(77);
});

it('is a wrong command line’s for wrong options alone', () => {
  expect(own.filter((code) => codeOf(code) === EXIT_CODES.usage)).toEqual(['PQ_ERR_INVALID_OPTION']);
});

it('is 1 for what no user can do anything about', () => {
  expect(own.filter((code) => codeOf(code) === EXIT_CODES.failed)).toEqual([
    'PQ_ERR_INVALID_ARGUMENT',
    'PQ_ERR_INVALID_LENGTH',
    'PQ_ERR_CONTEXT_UNSUPPORTED',
    'PQ_ERR_DETACHED_BUFFER',
    'PQ_ERR_NOT_CONNECTED',
    'PQ_ERR_SHARED_BUFFER',
    'PQ_ERR_SECRET_DISPOSED',
    'PQ_ERR_SECRET_EXPOSED',
    'PQ_ERR_UNKNOWN_ALGORITHM',
    'PQ_ERR_ADDON',
    'PQ_ERR_LIMIT_EXCEEDED',
    'PQ_ERR_NATIVE',
    'PQ_ERR_OUT_OF_MEMORY',
    'PQ_ERR_QUEUE_FULL',
  ]);
  for (const value of [undefined, null, new Error('x'), 'x']) expect(exitCodeOf(value)).toBe(EXIT_CODES.failed);
});

it('is the network’s for what the system says about connections', () => {
  expect(exitCodeOf(Object.assign(new Error(), { code: 'ECONNREFUSED', syscall: 'connect' }))).toBe(EXIT_CODES.network);
  expect(exitCodeOf(Object.assign(new Error(), { code: 'ENOENT', syscall: 'open' }))).toBe(EXIT_CODES.failed);
});

it('is in the table of docs/CLI.md', () => {
  const text = readFileSync(join(__dirname, '../../docs/CLI.md'), 'utf8');
  const documented = [...text.matchAll(/^\| (\d+(?:, \d+)?) \|/gm)].flatMap(([, codes = '']) => codes.split(', '));
  expect(new Set(documented.map(Number))).toEqual(new Set(Object.values(EXIT_CODES)));
});
