// @ts-check
/** How often each thing happened. */

/** @typedef {Record<string, number>} Tally */

/**
 * @param {Tally} tally
 * @param {string | undefined} what
 */
export function count(tally, what = 'undefined') {
  tally[what] = (tally[what] ?? 0) + 1;
}

/** @param {Tally[]} tallies */
export function sum(...tallies) {
  /** @type {Tally} */
  const total = {};
  for (const tally of tallies)
    for (const [what, times] of Object.entries(tally)) total[what] = (total[what] ?? 0) + times;
  return total;
}

/** @param {Tally} tally */
export function format(tally) {
  return Object.entries(tally)
    .filter(([, times]) => times > 0)
    .map(([what, times]) => `${times} ${what}`)
    .join(', ');
}
