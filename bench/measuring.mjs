// @ts-check
/** Runs the suites, one after the other. */
import { setTimeout } from 'node:timers/promises';
import { BUDGETS } from './budgets.mjs';
import { NAMES } from './options.mjs';
import { progressTo } from './progress.mjs';

/**
 * @typedef {import('./options.mjs').Options} Options
 * @typedef {object} Task what a suite is asked for
 * @property {Options} options
 * @property {number} seconds that it may take
 * @property {import('./progress.mjs').Report} report
 * @typedef {Record<string, number>} Ratios by names that stay the same from version to version
 * @typedef {{ text: string, ratios: Ratios, figures: object }} Findings
 */

/**
 * What measures each. They import dist/, which is built first.
 *
 * @type {Record<string, () => Promise<(task: Task) => Promise<Findings>>>}
 */
const SUITES = {
  primitives: async () => (await import('./primitives/suite.mjs')).measurePrimitives,
  handshake: async () => (await import('./handshake/suite.mjs')).measureHandshakes,
  bulk: async () => (await import('./bulk/suite.mjs')).measureBulk,
  messages: async () => (await import('./messages/suite.mjs')).measureMessages,
  memory: async () => (await import('./memory/suite.mjs')).measureMemory,
  'event-loop': async () => (await import('./event-loop/suite.mjs')).measureEventLoop,
  'start-up': async () => (await import('./start-up/suite.mjs')).measureStartUp,
  tunnel: async () => (await import('./tunnel/suite.mjs')).measureTunnels,
};

/** More than a suite's seconds, by so many times, and milliseconds. */
const TOO_LONG = { times: 3, more: 60_000 };

/**
 * @param {Options} options
 * @param {(text: string) => void} say takes the tables of each suite when it is done
 */
export async function measureSuites(options, say) {
  /** @type {Ratios} */
  const ratios = {};
  /** @type {Record<string, object>} */
  const suites = {};
  for (const name of NAMES.filter((name) => options.suites.includes(name))) {
    const measure = await /** @type {() => ReturnType<(typeof SUITES)[string]>} */ (SUITES[name])();
    const seconds =
      options.seconds ?? /** @type {typeof BUDGETS[string]} */ (BUDGETS[name])[options.quick ? 'quick' : 'full'];
    const report = progressTo(process.stderr, name);
    const found = await Promise.race([measure({ options, seconds, report }), expire(name, seconds)]);
    say(`${name}: ${found.text}`);
    for (const [ratio, value] of Object.entries(found.ratios)) {
      if (Number.isFinite(value)) ratios[`${name}/${ratio}`] = Number(value.toPrecision(4)); // not over nothing at all
    }
    suites[name] = found.figures;
  }
  return { ratios, suites };
}

/**
 * @param {string} name of a suite
 * @param {number} seconds that it may take
 * @returns {Promise<never>}
 */
async function expire(name, seconds) {
  await setTimeout(seconds * TOO_LONG.times * 1000 + TOO_LONG.more, undefined, { ref: false });
  throw new Error(`${name} has not come to an end: one of its processes hangs, or the machine is too slow`);
}
