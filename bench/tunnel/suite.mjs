// @ts-check
/** The suite of the tunnels: ours, stunnel's and HAProxy's with TLS, and none, between the same clients and service. */
import { platform } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { settle } from '../connections/pair.mjs';
import { inTurns } from '../connections/rounds.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { findRivals, NO_TUNNEL, PQSOCK, PQSOCK_2 } from './contenders.mjs';
import { withLines } from './lines.mjs';
import { formatTunnels, ratiosOfTunnels } from './report.mjs';

/**
 * @typedef {import('./contenders.mjs').Contender} Contender
 * @typedef {import('./lines.mjs').Line} Line
 */

/**
 * What a slice comes to. `rate` is MB (10^6 bytes), connections or requests a second; `cpu` is CPU time of both ends of
 * the tunnel: seconds for a GB (10^9 bytes), milliseconds for a connection, microseconds for a request. Not in bulk:
 * `p50` and `p99`, milliseconds from `connect` to the service's byte, or from a request to its answer.
 *
 * @typedef {Record<string, number>} Slice
 */

/** Seconds of a slice. */
const SLICE = { full: 0.8, quick: 0.25 };

const LEAST_ROUNDS = { full: 3, quick: 2 };

// Of a slice, as much more comes before it, untimed.
const RUN_UP = 1 / 4;

/** Connections that are under way at a time, where they come and go. */
const LANES = 16;

/**
 * @typedef {object} Course
 * @property {string} course
 * @property {(line: Line, seconds: number) => Promise<Slice>} run
 * @property {Contender[]} ours who take part: the suites differ in their handshakes only
 * @property {number} share its part of the time
 * @property {number} warmUp seconds for which each of ours does the same first, in the full form: a tunnel runs for long,
 *   and V8 compiles what is used often only after some thousand connections
 */
/** @type {Course[]} */
const COURSES = [
  { course: 'bulk-1', run: (line, seconds) => runBulk(line, 1, seconds), ours: [PQSOCK], share: 0.25, warmUp: 5 },
  { course: 'bulk-16', run: (line, seconds) => runBulk(line, 16, seconds), ours: [PQSOCK], share: 0.25, warmUp: 5 },
  { course: 'echo', run: runEcho, ours: [PQSOCK], share: 0.2, warmUp: 4 },
  { course: 'connections', run: runConnections, ours: [PQSOCK, PQSOCK_2], share: 0.3, warmUp: 15 },
];

/**
 * @param {import('../measuring.mjs').Task} task
 * @returns {Promise<import('../measuring.mjs').Findings>}
 */
export async function measureTunnels({ options: { quick, node, cpuProf }, seconds, report }) {
  if (platform() !== 'linux') return { text: 'on Linux only, for its /proc\n', ratios: {}, figures: {} };
  const size = quick ? 'quick' : 'full';
  const runtime = findRuntime(node);
  const { contenders: rivals, versions, gaps } = findRivals();
  const conditions = { work: /** @type {const} */ ('tunnel'), runtime, cpuProf };
  const rows = await withLines([PQSOCK, PQSOCK_2, ...rivals, NO_TUNNEL], conditions, async (lines) => {
    const rows = [];
    let done = 0;
    for (const { course, run, ours, share, warmUp } of COURSES) {
      const contenders = [...ours, ...rivals, NO_TUNNEL];
      const taking = lines.filter(({ contender }) => contenders.includes(contender));
      const before = done;
      const measure = async (/** @type {Line} */ line, seconds = SLICE[size]) => {
        await line.pair.client('meet', { port: line.tunnel.port });
        return run(line, seconds);
      };
      for (const line of quick ? [] : taking.filter(({ contender }) => ours.includes(contender))) {
        report({ done: before, what: `warming up ${line.contender.title}` });
        await measure(line, warmUp);
      }
      const found = await inTurns(taking, {
        until: performance.now() + seconds * share * 1000,
        measure,
        least: LEAST_ROUNDS[size],
        report: (progress) => report({ ...progress, done: before + progress.done * share }),
      });
      for (const { name, title } of contenders) rows.push({ course, name, title, slices: found.get(name) ?? [] });
      done += share;
    }
    return rows;
  });
  report({ done: 1, what: '' });
  const rounds = Math.min(...rows.map(({ slices }) => slices.length));
  const about = { runtime, versions, gaps, rounds, seconds: SLICE[size], lanes: LANES, warm: !quick };
  return { text: formatTunnels(rows, about), ratios: ratiosOfTunnels(rows), figures: { ...about, rows } };
}

/**
 * Data from the service to its clients.
 *
 * @param {Line} line
 * @param {number} connections
 * @param {number} seconds
 * @returns {Promise<Slice>}
 */
async function runBulk({ pair, tunnel }, connections, seconds) {
  const { client } = pair;
  await client('flow', { connections, receiver: 'client' });
  await settle(pair, connections);
  await setTimeout(seconds * RUN_UP * 1000);
  const before = { ...(await client('mark')), used: tunnel.cpu() };
  await setTimeout(seconds * 1000);
  const after = { ...(await client('mark')), used: tunnel.cpu() };
  await client('stop');
  await settle(pair, 0);
  const bytes = after.bytes - before.bytes;
  return {
    rate: bytes / 1e6 / (after.seconds - before.seconds),
    cpu: (after.used - before.used) / (bytes / 1e9),
  };
}

/**
 * Requests and answers of 1 KiB on a connection.
 *
 * @param {Line} line
 * @param {number} seconds
 * @returns {Promise<Slice>}
 */
async function runEcho({ pair, tunnel }, seconds) {
  const { client } = pair;
  await client('converse', { connections: 1, size: 1024 });
  await settle(pair, 1);
  await client('exchange', { seconds: seconds * RUN_UP });
  const before = tunnel.cpu();
  const { messages, seconds: took, p50, p99 } = await client('exchange', { seconds });
  const used = tunnel.cpu() - before;
  await client('stop');
  await settle(pair, 0);
  return { rate: messages / took, cpu: (used / messages) * 1e6, p50, p99 };
}

/**
 * Connections, each for a byte: the service must have seen as many.
 *
 * @param {Line} line
 * @param {number} seconds
 * @returns {Promise<Slice>}
 */
async function runConnections({ pair: { client, server }, tunnel, contender }, seconds) {
  await client('handshakes', { seconds: seconds * RUN_UP, lanes: LANES, told: true });
  const before = { ...(await server('mark')), used: tunnel.cpu() };
  const { handshakes, seconds: took, p50, p99 } = await client('handshakes', { seconds, lanes: LANES, told: true });
  const after = { ...(await server('mark')), used: tunnel.cpu() };
  const served = after.handshakes - before.handshakes;
  if (served !== handshakes) {
    throw new Error(`${contender.title}: ${served} connections at the service, ${handshakes} at the clients`);
  }
  return { rate: handshakes / took, cpu: ((after.used - before.used) / handshakes) * 1000, p50, p99 };
}
