// @ts-check
/** Rivals on another Node, in one process with the addon there, which their ratios are over. */
import { fileURLToPath } from 'node:url';
import { startChild } from '../../child.mjs';

/**
 * @typedef {import('../material.mjs').PlainMaterial} PlainMaterial
 * @typedef {import('../rounds.mjs').Slice} Slice
 * @typedef {import('../../connections/runtime.mjs').Runtime} Runtime
 * @typedef {import('./rivals.mjs').About} About
 * @typedef {import('./rivals.mjs').Gap} Gap
 */

/**
 * @typedef {object} OtherNode
 * @property {Runtime} runtime
 * @property {About[]} rivals that are there
 * @property {Gap[]} gaps
 * @property {(material: PlainMaterial) => Promise<void>} use hands over what the operations work on
 * @property {(contender: string, operation: string, algorithm: string) => (calls: number) => Promise<Slice>} run
 * @property {() => void} end
 */

const PROGRAM = fileURLToPath(new URL('other-node-process.mjs', import.meta.url));

/**
 * @param {Runtime} runtime
 * @returns {Promise<OtherNode>}
 */
export async function startOtherNode(runtime) {
  const { ask, end } = startChild(PROGRAM, [], { title: `Node ${runtime.node}`, execPath: runtime.path });
  return {
    runtime,
    ...(await ask('load')),
    use: (material) => ask('use', material),
    run: (contender, operation, algorithm) => (calls) => ask('time', { contender, operation, algorithm, calls }),
    end,
  };
}
