/** The fuzzer itself: that it is led by what it sees, finds what is there, and makes it small. */
import { blocksRun, Coverage } from './coverage.js';
import { fuzz, minimised } from './fuzz-loop.js';
import type { Target } from './target.js';

const RUNS = 100_000;
const WORD = 'BUG';

/** Goes one block further with each right letter at the start, as code does that compares them one by one. */
const toy: Target = {
  name: 'toy',
  seeds: () => [],
  run: (input) => {
    for (const [i, letter] of [...Buffer.from(WORD)].entries()) {
      if (input[i] !== letter) return;
      blocksRun[i] = 1;
    }
    throw new Error(`a defect, with ${input.length} bytes`);
  },
};
const options = { seed: 1, done: (runs: number) => runs >= RUNS };

it('finds what lies behind several conditions, one after the other, and cuts off what is not needed for it', async () => {
  const { finding, runs } = await fuzz(toy, [Buffer.from('something else')], new Coverage(), options);
  expect(String(finding?.input)).toBe(WORD);
  expect(runs).toBeLessThan(RUNS);
});

it('does not find it without seeing how far an input goes', async () => {
  const blind = Object.assign(new Coverage(), { takeNew: () => false });
  const { finding, runs } = await fuzz(toy, [Buffer.from('something else')], blind, options);
  expect([finding, runs]).toEqual([undefined, RUNS]);
});

it('does the same again with the same seed', async () => {
  const some = { seed: 7, done: (runs: number) => runs >= 5000 };
  const first = await fuzz(toy, [], new Coverage(), some);
  const second = await fuzz(toy, [], new Coverage(), some);
  expect(first.corpus.map(String)).toEqual(second.corpus.map(String));
});

it('keeps the smallest inputs that do all that was done', async () => {
  const corpus = ['BUxxx', 'B', 'BU', 'Bxx', 'none', ''].map((text) => Buffer.from(text));
  expect((await minimised(toy, corpus, new Coverage())).map(String)).toEqual(['B', 'BU']);
});
