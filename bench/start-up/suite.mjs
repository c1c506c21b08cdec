// @ts-check
/** The suite of the start-up: how long a new process takes until it has imported pqsock, against node:tls. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inTurns } from '../connections/rounds.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { formatStartUp, ratiosOfStartUp } from './report.mjs';

/**
 * @typedef {{ name: string, title: string, module: string }} Contender
 * @typedef {{ ready: number, cpu: number }} Slice milliseconds from `spawn` to the program's first byte, and of CPU time
 *   that the process used until then
 */

const PROGRAM = fileURLToPath(new URL('program.mjs', import.meta.url));

/** @type {Contender[]} */
const CONTENDERS = [
  { name: 'pqsock', title: "import 'pqsock'", module: 'pqsock' },
  { name: 'tls', title: "import 'node:tls'", module: 'node:tls' },
  { name: 'nothing', title: 'nothing', module: '' },
];

/**
 * @param {import('../measuring.mjs').Task} task
 * @returns {Promise<import('../measuring.mjs').Findings>}
 */
export async function measureStartUp({ options: { node }, seconds, report }) {
  const until = performance.now() + seconds * 1000;
  const runtime = findRuntime(node);
  const found = await inTurns(
    CONTENDERS.map((contender) => ({ contender })),
    { until, measure: ({ contender }) => startProgram(runtime.path, contender), report },
  );
  report({ done: 1, what: '' });
  const rows = CONTENDERS.map(({ name, title }) => ({ name, title, slices: found.get(name) ?? [] }));
  const conditions = { runtime, rounds: rows[0]?.slices.length ?? 0 };
  return { text: formatStartUp(rows, conditions), ratios: ratiosOfStartUp(rows), figures: { ...conditions, rows } };
}

/**
 * @param {string} path of Node
 * @param {Contender} contender
 * @returns {Promise<Slice>}
 */
async function startProgram(path, { title, module }) {
  const start = performance.now();
  const child = spawn(path, [PROGRAM, module], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [ready, text] = [0, ''];
  child.stdout.on('data', (data) => {
    ready ||= performance.now() - start;
    text += data;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${title}: the process ended with ${code}`);
  return { ready, cpu: Number(text) };
}
