/** How `pqsock speed` comes by a figure: on a clock that does not run, with work that says what it took. */
import { measure, together } from '../../../lib/cli/speed/measure.js';
import type { Subject } from '../../../lib/cli/speed/measurement.js';

const subject: Subject = { group: 'algorithms', name: 'work', how: 'inline', unit: 'operation' };
const never = new AbortController().signal;

it('says how many there are a second, of work that always takes the same', async () => {
  const run = (count: number) => count * 0.25;
  expect(await measure({ ...subject, run }, 1100, never)).toEqual({
    ...subject,
    perSecond: 4000,
    spread: 0,
    slices: 9,
  });
});

it('says the median of nine slices that take what was asked for, and how far they spread, after a warm-up', async () => {
  const slices: number[] = [];
  const speeds = [1, 9, 2, 8, 3, 7, 4, 6, 5];
  const run = (count: number) => {
    if (count < 500) return count; // until it is known that a slice of 500 ms has 500
    slices.push(count);
    const at = slices.length - 2;
    return at < 0 ? count : (1000 * count) / (speeds[at] as number);
  };
  const figure = await measure({ ...subject, run }, 5500, never);
  expect(slices.slice(1)).toEqual(Array(9).fill(500));
  expect(figure.perSecond).toBeCloseTo(5);
  expect(figure.spread).toBeCloseTo((50 * (7 - 3)) / 5);
});

it('does what takes longer than a slice once in each of them', async () => {
  const counts: number[] = [];
  const run = async (count: number) => {
    counts.push(count);
    return 10_000;
  };
  expect((await measure({ ...subject, run }, 100, never)).perSecond).toBe(0.1);
  expect(counts).toEqual(Array(10).fill(1));
});

it('ends with the reason of a signal, in the warm-up and between slices', async () => {
  const reason = new Error('enough');
  const early = AbortSignal.abort(reason);
  await expect(measure({ ...subject, run: () => 0.1 }, 1000, early)).rejects.toBe(reason);
  const late = new AbortController();
  let calls = 0;
  const run = () => {
    calls += 1;
    if (calls === 4) late.abort(reason);
    return 1000;
  };
  await expect(measure({ ...subject, run }, 1000, late.signal)).rejects.toBe(reason);
  expect(calls).toBe(4);
});

it('has as many calls under way as there may be, and no more calls than were asked for', async () => {
  let [underWay, most, calls] = [0, 0, 0];
  const call = async (): Promise<void> => {
    calls += 1;
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
  };
  expect(await together(10, 3, call)).toBeGreaterThan(0);
  expect([calls, most]).toEqual([10, 3]);
});
