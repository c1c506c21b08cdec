// @ts-check
/** The suite of the handshakes: full and mutual, many at once, against node:tls and plain TCP. */
import { PQSOCK_1, PQSOCK_2, plainTcp, TLS_ECDSA, TLS_ML } from '../connections/contenders.mjs';
import { recordFlights } from '../connections/flights.mjs';
import { withPairs } from '../connections/pair.mjs';
import { inTurns } from '../connections/rounds.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { formatHandshakes, ratiosOfHandshakes } from './report.mjs';

/**
 * @typedef {import('../connections/pair.mjs').Pair} Pair
 * @typedef {import('../connections/duty.mjs').Mark} Mark
 * @typedef {import('../connections/duty.mjs').Handshakes} Handshakes
 */

/**
 * What a slice comes to.
 *
 * @typedef {object} Slice
 * @property {number} cpu milliseconds of CPU time at the server a handshake
 * @property {number} clientCpu the same at the client
 * @property {number} rate handshakes a second
 * @property {number} p50 milliseconds from `connect` to the server's first byte
 * @property {number} p99
 * @property {number} handshakes
 */

const LANES = 32;
/** Seconds of a slice. */
const SLICE = { full: 1.2, quick: 0.4 };

const LEAST_ROUNDS = { full: 3, quick: 2 };

// Of a slice, as much more comes before it, untimed.
const WARM_UP = 1 / 8;

/**
 * @param {import('../run.mjs').Task} task
 * @returns {Promise<import('../run.mjs').Findings>}
 */
export async function measureHandshakes({ options: { quick, node, cpuProf }, seconds, report }) {
  const until = performance.now() + seconds * 1000;
  const size = quick ? 'quick' : 'full';
  const runtime = findRuntime(node);
  const flights = await recordFlights();
  const contenders = [PQSOCK_1, PQSOCK_2, ...(runtime.hasMlDsa ? [TLS_ML] : []), TLS_ECDSA, plainTcp(flights)];
  const found = await withPairs(contenders, { work: 'handshake', runtime, cpuProf }, (pairs) =>
    inTurns(pairs, { until, measure: (pair) => runSlice(pair, SLICE[size]), report, least: LEAST_ROUNDS[size] }),
  );
  report({ done: 1, what: '' });
  const rows = contenders.map(({ name, title }) => ({ name, title, slices: found.get(name) ?? [] }));
  const gaps = runtime.hasMlDsa ? [] : [`${TLS_ML.title}: this Node has no ML-DSA; --node 26 has it`];
  const conditions = {
    runtime,
    lanes: LANES,
    rounds: rows[0]?.slices.length ?? 0,
    seconds: SLICE[size],
    flights,
    gaps,
  };
  return {
    text: formatHandshakes(rows, conditions),
    ratios: ratiosOfHandshakes(rows),
    figures: { ...conditions, rows },
  };
}

/**
 * @param {Pair} pair
 * @param {number} seconds
 * @returns {Promise<Slice>}
 */
async function runSlice({ server, client, contender }, seconds) {
  await client('handshakes', { seconds: seconds * WARM_UP, lanes: LANES });
  /** @type {[Mark, Mark]} */
  const before = [await server('mark'), await client('mark')];
  /** @type {Handshakes} */
  const made = await client('handshakes', { seconds, lanes: LANES });
  /** @type {[Mark, Mark]} */
  const after = [await server('mark'), await client('mark')];
  const served = after[0].handshakes - before[0].handshakes;
  if (served !== made.handshakes) {
    throw new Error(`${contender.title}: ${served} handshakes at the server, ${made.handshakes} at the client`);
  }
  return {
    cpu: ((after[0].cpu - before[0].cpu) / served) * 1000,
    clientCpu: ((after[1].cpu - before[1].cpu) / served) * 1000,
    rate: served / made.seconds,
    p50: made.p50,
    p99: made.p99,
    handshakes: served,
  };
}
