// @ts-check
/** Who does what: each contender with each operation that the filter leaves. */
import { addonTasks } from './contenders/addon.mjs';
import { callsOf } from './contenders/rival.mjs';
import { inline } from './contenders/timing.mjs';
import { OPERATIONS, toPlain } from './material.mjs';

/**
 * @typedef {import('./material.mjs').Material} Material
 * @typedef {import('./rounds.mjs').Task} Task
 * @typedef {import('./contenders/liboqs.mjs').Liboqs} Liboqs
 * @typedef {import('./contenders/rival.mjs').Rival} Rival
 * @typedef {import('./contenders/other-node.mjs').OtherNode} OtherNode
 */

/** @typedef {{ kind: 'kem' | 'sig', algorithm: string, operation: string, tasks: Task[] }} Case */
/** @typedef {{ liboqs: Liboqs, rivals: Rival[], other: OtherNode | undefined }} Others */

/** The addon on another Node: what rivals there are compared with. */
export const SYNC_THERE = 'sync-there';

// Up to a thousand times slower than the rest: fewer rounds, and in signing enough messages a slice for their mean to
// say something (each takes about four attempts, at random).
const EVERY = 4;
const LEAST_SIGNATURES = 16;

/**
 * @param {Material[]} materials
 * @param {string} filter
 * @param {Others} others
 * @returns {Promise<Case[]>}
 */
export async function makeCases(materials, filter, others) {
  const cases = [];
  for (const material of materials) {
    const operations = OPERATIONS[material.kind].filter((operation) => passes(filter, material.algorithm, operation));
    if (operations.length === 0) continue;
    const tasks = await tasksOf(material, others);
    const { kind, algorithm } = material;
    for (const operation of operations) {
      const group = `${algorithm} ${operation}`;
      const mine = (tasks[operation] ?? []).map((task) => ({ group, ...task }));
      cases.push({ kind, algorithm, operation, tasks: mine });
    }
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
 * @param {Others} others
 * @returns {Promise<Record<string, Omit<Task, 'group'>[]>>} by operation; liboqs in C comes first
 */
async function tasksOf(material, { liboqs, rivals, other }) {
  const { algorithm } = material;
  const plain = toPlain(material);
  const able = rivals.filter(({ algorithms }) => algorithm in algorithms);
  const calls = able.map((rival) => ({ ...rival, calls: callsOf(rival, plain) }));
  const there = other?.rivals.filter(({ algorithms }) => algorithms.includes(algorithm)) ?? [];
  await liboqs.use(material);
  if (there.length > 0) await other?.use(plain);
  const addon = addonTasks(material);
  const seldom = (/** @type {string} */ operation, /** @type {number} */ every = EVERY) =>
    operation === 'sign' ? { every, least: every > EVERY ? 1 : LEAST_SIGNATURES } : { every };
  const ofOther = (/** @type {string} */ operation) =>
    other === undefined || there.length === 0
      ? []
      : [{ name: SYNC_THERE }, ...there].map(({ name }) => ({
          contender: name,
          run: other.run(name === SYNC_THERE ? 'sync' : name, operation, algorithm),
          ...seldom(operation),
        }));
  return Object.fromEntries(
    OPERATIONS[material.kind].map((operation) => [
      operation,
      [
        { contender: 'liboqs', run: liboqs.run(operation, algorithm) },
        ...(addon[operation] ?? []).map((task) => ({ ...task, likeFirst: true })),
        ...calls.map(({ name, every, calls }) => ({
          contender: name,
          run: inline(/** @type {() => unknown} */ (calls[operation])),
          ...seldom(operation, every),
        })),
        ...ofOther(operation),
      ],
    ]),
  );
}
