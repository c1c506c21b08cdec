// @ts-check
/** Whether ratios are worse than what was recorded of them. */

/** @typedef {Record<string, number>} Ratios by their names */
/** @typedef {{ name: string, recorded: number, measured: number }} Finding */

/** For each suite, by the part of the name behind it: whether more is better. Of the primitives all is time. */
/** @type {Record<string, Record<string, boolean> | 'time'>} */
const MORE_IS_BETTER = {
  primitives: 'time',
  handshake: { rate: true, cpu: false, p50: false, p99: false },
  bulk: { rate: true, cpu: false },
  messages: { rate: true, cpu: false, p50: false, p99: false },
  memory: { idle: false, pending: false },
  'event-loop': 'time',
  'start-up': 'time',
  tunnel: { rate: true, cpu: false, p50: false, p99: false },
};

/** Worse by so many times is worse. */
const TIMES = 2;

/**
 * @param {string} name of a ratio
 * @throws {Error} if it is none that is known
 */
export function isMoreBetter(name) {
  const [suite = '', figure = ''] = name.split('/');
  const known = MORE_IS_BETTER[suite];
  const found = known === 'time' ? false : known?.[figure];
  if (found === undefined) throw new Error(`${name}: recorded/compare.mjs does not know whether more is better`);
  return found;
}

/**
 * The ratios that are worse than half as good. What only one of the two has is not compared.
 *
 * @param {Ratios} recorded
 * @param {Ratios} measured
 * @returns {Finding[]}
 */
export function findWorse(recorded, measured) {
  return Object.entries(recorded).flatMap(([name, was]) => {
    const is = measured[name];
    if (is === undefined) return [];
    const isWorse = isMoreBetter(name) ? is * TIMES < was : is > was * TIMES;
    return isWorse ? [{ name, recorded: was, measured: is }] : [];
  });
}
