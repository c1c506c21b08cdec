/** The lists that native code and TypeScript both have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATION_NUMBERS } from '../../lib/native/addon.js';
import { STATUS, unpackStatus } from '../../lib/native/status.js';

it('the statuses are those of native/status.h', () => {
  const codes = enumIn('status.h', 'Code').map((line) => line.split('='));
  expect(Object.fromEntries(codes.map(([name = '', number]) => [jsName(name), Number(number)]))).toEqual(STATUS);
});

it('the operations are numbered as in native/operations.h', () => {
  const names = enumIn('operations.h', 'OperationId');
  expect(Object.fromEntries(names.map((name, number) => [jsName(name), number]))).toEqual(OPERATION_NUMBERS);
});

it.each([
  [0, { code: 0, argument: 0, call: 0 }],
  [3, { code: 3, argument: 0, call: 0 }],
  [0x0203, { code: 3, argument: 2, call: 0 }],
  [0x030402, { code: 2, argument: 4, call: 3 }],
])('%i is unpacked as %j', (packed, status) => {
  expect(unpackStatus(packed)).toEqual(status);
});

/** The enumerators, without comments. */
function enumIn(file: string, name: string): string[] {
  const text = readFileSync(join(__dirname, '../../native', file), 'utf8').replace(/\/\/.*$/gm, '');
  const body = new RegExp(`enum class ${name} [^{]*\\{([^}]*)\\}`).exec(text)?.[1];
  if (body === undefined) throw new Error(`no enum ${name} in ${file}`);
  return body
    .split(',')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** `kKemKeypair` as TypeScript calls it: `kemKeypair`. */
function jsName(name: string): string {
  const [first = '', ...rest] = name.trim().replace(/^k/, '');
  return first.toLowerCase() + rest.join('');
}
