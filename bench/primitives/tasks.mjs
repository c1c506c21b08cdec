// @ts-check
/** Who does what: each contender with each operation that the filter leaves. */
import { addonTasks } from './contenders/addon.mjs';
import { pureJs } from './contenders/pure-js.mjs';
import { inline } from './contenders/timing.mjs';
import { OPERATIONS } from './material.mjs';

/**
 * @typedef {import('./material.mjs').Material} Material
 * @typedef {import('./rounds.mjs').Task} Task
 * @typedef {import('./contenders/liboqs.mjs').Liboqs} Liboqs
 */

/** @typedef {{ kind: 'kem' | 'sig', algorithm: string, operation: string, tasks: Task[] }} Case */

// A hundred times slower than the rest: fewer rounds, and in signing enough messages a slice for their mean to say
// something (each takes about four attempts, at random).
const SELDOM = { every: 4 };
const LEAST_SIGNATURES = 16;

/**
 * @param {Material[]} materials
 * @param {string} filter
 * @param {Liboqs} liboqs
 * @returns {Promise<Case[]>}
 */
export async function makeCases(materials, filter, liboqs) {
  const cases = [];
  for (const material of materials) {
    const operations = OPERATIONS[material.kind].filter((operation) => passes(filter, material.algorithm, operation));
    if (operations.length === 0) continue;
    await liboqs.use(material);
    const addon = addonTasks(material);
    const others = pureJs(material);
    for (const operation of operations) cases.push(makeCase(material, operation, { addon, others, liboqs }));
  }
  return cases;
}

/**
 * Whether the filter leaves an operation.
 *
 * @param {string} filter
 * @param {string} algorithm
 * @param {string} operation
 */
export function passes(filter, algorithm, operation) {
  return `${algorithm} ${operation}`.toLowerCase().includes(filter.toLowerCase());
}

/**
 * @param {Material} material
 * @param {string} operation
 * @param {{ addon: ReturnType<typeof addonTasks>, others: ReturnType<typeof pureJs>, liboqs: Liboqs }} contenders
 * @returns {Case}
 */
function makeCase({ kind, algorithm }, operation, { addon, others, liboqs }) {
  const group = `${algorithm} ${operation}`;
  const tasks = [
    { group, contender: 'liboqs', run: liboqs.run(operation, algorithm) },
    ...(addon[operation] ?? []).map((task) => ({ group, ...task, likeFirst: true })),
    ...others.map(({ name, calls }) => ({
      group,
      contender: name,
      run: inline(/** @type {() => unknown} */ (calls[operation])),
      ...SELDOM,
      ...(operation === 'sign' ? { least: LEAST_SIGNATURES } : {}),
    })),
  ];
  return { kind, algorithm, operation, tasks };
}
