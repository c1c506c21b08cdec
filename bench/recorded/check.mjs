// @ts-check
/** Measures until no ratio has been worse than the recorded one in each run, or three times. */
import { findWorse } from './compare.mjs';

/**
 * @typedef {import('./compare.mjs').Ratios} Ratios
 * @typedef {import('./compare.mjs').Finding} Finding
 */

const RUNS = 3;

/**
 * @param {Ratios} recorded
 * @param {() => Promise<Ratios>} measure
 * @param {(line: string) => void} say
 * @returns {Promise<boolean>} whether there is none that was worse in every run
 */
export async function checkRatios(recorded, measure, say) {
  /** @type {Finding[] | undefined} */
  let worse;
  for (let run = 1; run <= RUNS; ++run) {
    const measured = await measure();
    const names = Object.keys(recorded).filter((name) => name in measured);
    if (names.length === 0) throw new Error('none of the recorded ratios was measured');
    const found = findWorse(recorded, measured);
    worse = found.filter(({ name }) => worse === undefined || worse.some((one) => one.name === name));
    const missing = Object.keys(recorded).length - names.length;
    const unmeasured = missing === 0 ? '' : `; ${missing} others were not measured`;
    say(`run ${run}: ${names.length} ratios compared, ${found.length} worse than half as good${unmeasured}`);
    for (const { name, ...was } of found) say(`  ${name}: ${was.measured}, recorded ${was.recorded}`);
    if (worse.length === 0) return true;
  }
  for (const { name } of worse ?? []) say(`worse than half as good in each of ${RUNS} runs: ${name}`);
  return false;
}
