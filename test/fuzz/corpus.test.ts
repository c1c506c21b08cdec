/** Every input that the fuzzer has kept because it went somewhere new, and every one that has ever found something. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TARGETS } from './targets.js';

const inputs = TARGETS.flatMap((target) =>
  ['corpus', 'crashes'].map((folder) => ({ target, folder, files: filesOf(join(__dirname, folder, target.name)) })),
);

describe.each(inputs)('$target.name: the inputs in $folder/', ({ target, files }) => {
  it('find nothing', async () => {
    for (const file of files) {
      try {
        await target.run(readFileSync(file));
      } catch (cause) {
        throw new Error(`${file} finds something: ${cause instanceof Error ? cause.message : cause}`, { cause });
      }
    }
  });
});

it.each(TARGETS)('$name: the right inputs that it begins with find nothing', async (target) => {
  for (const seed of target.seeds()) await target.run(seed);
});

it('each target has a corpus', () => {
  for (const { name } of TARGETS) {
    expect([name, filesOf(join(__dirname, 'corpus', name)).length > 5]).toEqual([name, true]);
  }
});

function filesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];
}
