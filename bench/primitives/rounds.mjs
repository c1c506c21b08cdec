// @ts-check
/**
 * Takes the measurements: all contenders by turns, a short slice each, round after round, so that whatever else the
 * machine does meets all of them alike. Only one runs at a time.
 */
import { setImmediate } from 'node:timers/promises';
import { summarize } from '../statistics.mjs';

/** @typedef {{ nanoseconds: number, loop?: number }} Slice of all its calls; `loop`: of these on the event loop */

/**
 * @typedef {object} Task
 * @property {string} group the operation that contenders are compared in; they take turns next to each other
 * @property {string} contender
 * @property {(calls: number) => Slice | Promise<Slice>} run
 * @property {boolean} [likeFirst] makes as many calls a slice as the first of its group: where the work is random
 * @property {number} [every] takes part in each n-th round only
 * @property {number} [least] calls a slice, however long they take
 * @property {number} [most] calls a slice, however short they are
 */

/** @typedef {import('../statistics.mjs').Summary & { loop?: number }} Result `loop`: median of the loop's µs a call */

// In ns. Short: a neighbour on the machine slows everything by a quarter for tenths of a second, and contenders that
// take turns faster than that all meet it alike.
const SLICE = 8e6;
const LEAST_ROUNDS = 12;

// Of the calls of a slice, as many more come before it, untimed: caches and predictors belong to somebody else.
const WARM_UP = 1 / 8;

/**
 * @param {Task[]} tasks
 * @param {number} seconds
 * @param {(progress: { done: number, what: string }) => void} report `done`: from 0 to 1
 * @returns {Promise<{ rounds: number, results: Map<Task, Result> }>}
 */
export async function measure(tasks, seconds, report) {
  const start = performance.now();
  /** @type {Map<Task, { calls: number, slices: Slice[] }>} */
  const series = new Map();
  // Twice: what was calibrated first ran before the code was warm.
  for (const [i, task] of [...tasks, ...tasks].entries()) {
    report({ done: 0, what: `calibrating ${i + 1} of ${2 * tasks.length}` });
    const first = /** @type {Task} */ (tasks.find(({ group }) => group === task.group));
    const fitting = await calibrate(task);
    series.set(task, { calls: (task.likeFirst && series.get(first)?.calls) || fitting, slices: [] });
  }
  let rounds = 0;
  for (let done = 0; done < 1; ++rounds) {
    for (const task of inOrder(tasks, rounds)) {
      const { calls, slices } = /** @type {{ calls: number, slices: Slice[] }} */ (series.get(task));
      slices.push(await runSlice(task, calls));
    }
    done = Math.min((performance.now() - start) / 1000 / seconds, (rounds + 1) / LEAST_ROUNDS);
    report({ done: Math.min(done, 1), what: `round ${rounds + 1}` });
  }
  return { rounds, results: new Map([...series].map(([task, { calls, slices }]) => [task, toResult(calls, slices)])) };
}

/**
 * How many calls fill a slice.
 *
 * @param {Task} task
 */
async function calibrate(task) {
  const { least = 1, most = Number.MAX_SAFE_INTEGER } = task;
  let calls = 1;
  for (;;) {
    const { nanoseconds } = await runSlice(task, calls);
    const fitting = Math.min(Math.max(Math.round((calls * SLICE) / nanoseconds), least), most);
    if (nanoseconds > SLICE / 4 || fitting <= calls) return fitting;
    calls = Math.min(fitting, calls * 8);
  }
}

/**
 * After a turn of the event loop: what the one before left to do there is none of this one's time.
 *
 * @param {Task} task
 * @param {number} calls
 */
async function runSlice(task, calls) {
  await setImmediate();
  if (calls >= 1 / WARM_UP) await task.run(Math.floor(calls * WARM_UP));
  return task.run(calls);
}

/**
 * The tasks of a round: groups, and contenders within a group, begin with another one each time.
 *
 * @param {Task[]} tasks
 * @param {number} round
 */
function inOrder(tasks, round) {
  /** @type {Map<string, Task[]>} */
  const groups = new Map();
  for (const task of tasks) {
    if (round % (task.every ?? 1) === 0) groups.set(task.group, [...(groups.get(task.group) ?? []), task]);
  }
  return rotate([...groups.values()], round).flatMap((group) => rotate(group, round));
}

/**
 * @template T
 * @param {T[]} list
 * @param {number} by
 */
function rotate(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * @param {number} calls
 * @param {Slice[]} slices
 * @returns {Result}
 */
function toResult(calls, slices) {
  const perCall = (/** @type {number} */ nanoseconds) => nanoseconds / calls / 1000;
  const summary = summarize(
    slices.map(({ nanoseconds }) => perCall(nanoseconds)),
    calls * slices.length,
  );
  const loops = slices.flatMap(({ loop }) => (loop === undefined ? [] : [perCall(loop)]));
  return loops.length === 0 ? summary : { ...summary, loop: summarize(loops, 0).median };
}
