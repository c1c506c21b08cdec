// @ts-check
/** The same contenders on several courses, one course after the other. */
import { withPairs } from './pair.mjs';
import { inTurns } from './rounds.mjs';

/**
 * @template C
 * @template {Record<string, number>} S
 * @param {C[]} courses each has an equal part of the time
 * @param {import('./pair.mjs').Contender[]} contenders
 * @param {import('./pair.mjs').Conditions} conditions
 * @param {object} options
 * @param {number} options.seconds for all
 * @param {number} options.least rounds of each
 * @param {(pair: import('./pair.mjs').Pair, course: C) => Promise<S>} options.measure
 * @param {import('../progress.mjs').Report} options.report
 * @returns {Promise<(C & { name: string, title: string, slices: S[] })[]>} a row for each contender on each course
 */
export async function measureCourses(courses, contenders, conditions, { seconds, least, measure, report }) {
  const start = performance.now();
  return withPairs(contenders, conditions, async (pairs) => {
    const rows = [];
    for (const [i, course] of courses.entries()) {
      const found = await inTurns(pairs, {
        until: start + ((i + 1) / courses.length) * seconds * 1000,
        measure: (pair) => measure(pair, course),
        least,
        report: ({ done, what }) => report({ done: (i + done) / courses.length, what }),
      });
      for (const { name, title } of contenders) rows.push({ ...course, name, title, slices: found.get(name) ?? [] });
    }
    report({ done: 1, what: '' });
    return rows;
  });
}
