/** The two methods that each operation of a table becomes. */

import { kemOperations } from '../../lib/crypto/kem.js';
import type { Operation } from '../../lib/crypto/operation.js';
import { sigOperations } from '../../lib/crypto/sig.js';
import { defineTwins } from '../../lib/crypto/twins.js';
import { Kem, Sig } from '../../lib/oqs.js';

it.each([
  [Kem, kemOperations, []],
  [Sig, sigOperations, ['prepare']],
])('%p has each operation twice, and what is no operation once: %#', (owner, table, others) => {
  const names = Object.keys(table).flatMap((name) => [name, `${name}Sync`]);
  expect(Object.getOwnPropertyNames(owner.prototype).sort()).toEqual(['constructor', ...names, ...others].sort());
  expect(Object.keys(owner.prototype)).toEqual([]);
});

describe('twins', () => {
  const asked: unknown[] = [];
  const operation = { run: async () => 'off', runSync: () => 'inline' } as unknown as Operation<string>;
  const prototype = {} as { row: string; work(...args: unknown[]): unknown; workSync(...args: unknown[]): unknown };
  defineTwins(prototype, (instance) => instance.row, {
    work: (row: string, ...args: never[]) => {
      asked.push([row, ...args]);
      if (args.length === 0) throw new Error('nothing to do');
      return operation;
    },
  });
  const instance = Object.assign(Object.create(prototype) as typeof prototype, { row: 'row' });

  it('hand the row and the arguments to the table', async () => {
    expect(await instance.work(1, 2)).toBe('off');
    expect(instance.workSync(3)).toBe('inline');
    expect(asked).toEqual([
      ['row', 1, 2],
      ['row', 3],
    ]);
  });

  it('are named as they are called', () => {
    expect([prototype.work.name, prototype.workSync.name]).toEqual(['work', 'workSync']);
  });

  it('throw inline, and reject off the event loop, what the table throws', async () => {
    expect(() => instance.workSync()).toThrow('nothing to do');
    await expect(instance.work()).rejects.toThrow('nothing to do');
  });
});
