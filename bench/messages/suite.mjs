// @ts-check
/** The suite of the messages: a request and its answer, again and again, against node:tls and plain TCP. */
import { PQSOCK, plainTcp, TLS } from '../connections/contenders.mjs';
import { measureCourses } from '../connections/courses.mjs';
import { settle } from '../connections/pair.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { formatMessages, ratiosOfMessages } from './report.mjs';

/**
 * @typedef {import('../connections/pair.mjs').Pair} Pair
 * @typedef {import('../connections/duty.mjs').Mark} Mark
 * @typedef {import('../connections/duty.mjs').Exchange} Exchange
 * @typedef {{ size: number, connections: number }} Course `size`: bytes of a request, and of its answer
 */

/**
 * What a slice comes to.
 *
 * @typedef {object} Slice
 * @property {number} rate requests answered a second, on all connections
 * @property {number} p50 milliseconds from a request to its answer
 * @property {number} p99
 * @property {number} cpu microseconds of CPU time at the server a request
 * @property {number} clientCpu the same at the client
 */

/** Seconds of a slice. */
const SLICE = { full: 0.4, quick: 0.12 };

const LEAST_ROUNDS = { full: 3, quick: 2 };

// Of a slice, as much more comes before it, untimed.
const WARM_UP = 1 / 4;

/** Bytes of a message that the quick form does without. */
const MIDDLE = 1024;

/** @type {Course[]} */
const COURSES = [64, MIDDLE, 16_384].flatMap((size) => [1, 32].map((connections) => ({ size, connections })));

/**
 * @param {import('../measuring.mjs').Task} task
 * @returns {Promise<import('../measuring.mjs').Findings>}
 */
export async function measureMessages({ options: { quick, node, cpuProf }, seconds, report }) {
  const size = quick ? 'quick' : 'full';
  const slice = SLICE[size];
  const runtime = findRuntime(node);
  const courses = COURSES.filter(({ size }) => !quick || size !== MIDDLE);
  const conditions = { work: /** @type {const} */ ('messages'), runtime, cpuProf };
  const rows = await measureCourses(courses, [PQSOCK, TLS, plainTcp([])], conditions, {
    seconds,
    least: LEAST_ROUNDS[size],
    measure: (pair, course) => runSlice(pair, course, slice),
    report,
  });
  const about = { runtime, rounds: Math.min(...rows.map(({ slices }) => slices.length)), seconds: slice };
  return { text: formatMessages(rows, about), ratios: ratiosOfMessages(rows), figures: { ...about, rows } };
}

/**
 * @param {Pair} pair
 * @param {Course} course
 * @param {number} seconds
 * @returns {Promise<Slice>}
 */
async function runSlice(pair, { size, connections }, seconds) {
  const { client, server, contender } = pair;
  await client('converse', { connections, size });
  await settle(pair, connections);
  await client('exchange', { seconds: seconds * WARM_UP });
  /** @type {[Mark, Mark]} */
  const before = [await server('mark'), await client('mark')];
  /** @type {Exchange} */
  const { messages, seconds: took, p50, p99 } = await client('exchange', { seconds });
  /** @type {[Mark, Mark]} */
  const after = [await server('mark'), await client('mark')];
  await client('stop');
  await settle(pair, 0);
  const answers = after[0].answers - before[0].answers;
  if (answers !== messages) throw new Error(`${contender.title}: ${answers} answers given, ${messages} received`);
  const used = (/** @type {0 | 1} */ side) => ((after[side].cpu - before[side].cpu) / messages) * 1e6;
  return { rate: messages / took, p50, p99, cpu: used(0), clientCpu: used(1) };
}
