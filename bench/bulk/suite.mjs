// @ts-check
/** The suite of the bulk: as much data as goes through, one way, against node:tls and plain TCP. */
import { setTimeout } from 'node:timers/promises';
import { PQSOCK, PQSOCK_ONREAD, plainTcp, TLS } from '../connections/contenders.mjs';
import { measureCourses } from '../connections/courses.mjs';
import { settle } from '../connections/pair.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { formatBulk, ratiosOfBulk } from './report.mjs';

/**
 * @typedef {import('../connections/pair.mjs').Pair} Pair
 * @typedef {import('../connections/duty.mjs').Mark} Mark
 * @typedef {import('../connections/duty.mjs').Receiver} Receiver
 * @typedef {{ receiver: Receiver, connections: number }} Course
 */

/**
 * What a slice comes to.
 *
 * @typedef {object} Slice
 * @property {number} rate MB (10^6 bytes) a second
 * @property {number} cpu seconds of CPU time for a GB (10^9 bytes), of both sides
 * @property {number} senderCpu of the sender alone
 * @property {number} receiverCpu of the receiver alone
 */

/** Seconds of a slice. */
const SLICE = { full: 0.8, quick: 0.1 };

const LEAST_ROUNDS = { full: 3, quick: 2 };

// Of a slice, as much more comes before it, untimed, once the connections are there.
const WARM_UP = 1 / 4;

const CONNECTIONS = [1, 16];

const RIVALS = [TLS, plainTcp([])];

/** By who receives: a server has no `onread`. */
const CONTENDERS = { client: [PQSOCK, PQSOCK_ONREAD, ...RIVALS], server: [PQSOCK, ...RIVALS] };

/**
 * @param {import('../measuring.mjs').Task} task
 * @returns {Promise<import('../measuring.mjs').Findings>}
 */
export async function measureBulk({ options: { quick, node, cpuProf }, seconds, report }) {
  const size = quick ? 'quick' : 'full';
  const slice = SLICE[size];
  const runtime = findRuntime(node);
  const conditions = { work: /** @type {const} */ ('bulk'), runtime, cpuProf };
  const rows = [];
  for (const [i, receiver] of /** @type {const} */ (['client', 'server']).entries()) {
    const courses = CONNECTIONS.map((connections) => ({ receiver, connections }));
    const found = await measureCourses(courses, CONTENDERS[receiver], conditions, {
      seconds: seconds / 2,
      least: LEAST_ROUNDS[size],
      measure: (pair, course) => runSlice(pair, course, slice),
      report: ({ done, what }) => report({ done: (i + done) / 2, what }),
    });
    rows.push(...found);
  }
  const about = { runtime, rounds: Math.min(...rows.map(({ slices }) => slices.length)), seconds: slice };
  return { text: formatBulk(rows, about), ratios: ratiosOfBulk(rows), figures: { ...about, rows } };
}

/**
 * @param {Pair} pair
 * @param {Course} course
 * @param {number} seconds
 * @returns {Promise<Slice>}
 */
async function runSlice(pair, course, seconds) {
  await pair.client('flow', course);
  await settle(pair, course.connections);
  await setTimeout(seconds * WARM_UP * 1000);
  const before = await mark(pair, course);
  await setTimeout(seconds * 1000);
  const after = await mark(pair, course);
  await pair.client('stop');
  await settle(pair, 0);
  const bytes = after.receiver.bytes - before.receiver.bytes;
  const used = (/** @type {'receiver' | 'sender'} */ side) => (after[side].cpu - before[side].cpu) / (bytes / 1e9);
  return {
    rate: bytes / 1e6 / (after.receiver.seconds - before.receiver.seconds),
    cpu: used('receiver') + used('sender'),
    senderCpu: used('sender'),
    receiverCpu: used('receiver'),
  };
}

/**
 * Each side's account of itself, at the time at which it comes to it.
 *
 * @param {Pair} pair
 * @param {Course} course
 * @returns {Promise<{ receiver: Mark, sender: Mark }>}
 */
async function mark({ client, server, contender }, { receiver, connections }) {
  const [ofClient, ofServer] = await Promise.all([client('mark'), server('mark')]);
  for (const { open } of [ofClient, ofServer]) {
    if (open !== connections) throw new Error(`${contender.title}: ${open} of ${connections} connections are open`);
  }
  return receiver === 'client' ? { receiver: ofClient, sender: ofServer } : { receiver: ofServer, sender: ofClient };
}
