// @ts-check
/** The suite of the handshakes: full and mutual, many at once, against node:tls, pure JavaScript and plain TCP. */
import {
  on,
  PQSOCK_1,
  PQSOCK_1_RETURNING,
  PQSOCK_2,
  PQSOCK_2_ALL,
  PQSOCK_2_BATCHES,
  PQSOCK_2_RETURNING,
  PURE_JS_1,
  PURE_JS_2,
  plainTcp,
  TLS_ECDSA,
  TLS_ML,
} from '../connections/contenders.mjs';
import { recordFlights } from '../connections/flights.mjs';
import { withPairs } from '../connections/pair.mjs';
import { inTurns } from '../connections/rounds.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { noblePrimitives } from '../connections/transports/noble-primitives.mjs';
import { installRivals } from '../packages.mjs';
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
 * @property {number} p10 milliseconds from `connect` to the server's first byte: percentiles
 * @property {number} p50
 * @property {number} p90
 * @property {number} p99
 * @property {number} handshakes
 * @property {number} signatures of the server
 */

const LANES = 32;
/** Seconds of a slice. */
const SLICE = { full: 1.2, quick: 0.4 };

const LEAST_ROUNDS = { full: 3, quick: 2 };

// Of a slice, as much more comes before it, untimed.
const WARM_UP = 1 / 8;

/**
 * @param {import('../measuring.mjs').Task} task
 * @returns {Promise<import('../measuring.mjs').Findings>}
 */
export async function measureHandshakes({ options, seconds, report }) {
  const until = performance.now() + seconds * 1000;
  const { quick, node, cpuProf } = options;
  const size = quick ? 'quick' : 'full';
  const runtime = findRuntime(node);
  const flights = await recordFlights();
  const pureJs = await pureJsOf(options);
  const standards = standardsOf(options, runtime);
  const ours = [PQSOCK_1, PQSOCK_2, PQSOCK_2_BATCHES];
  if (!quick) ours.push(PQSOCK_1_RETURNING, PQSOCK_2_RETURNING, PQSOCK_2_ALL);
  /** @type {import('../connections/pair.mjs').Contender[]} */
  const contenders = [...ours, ...standards.contenders, TLS_ECDSA, ...pureJs.contenders, plainTcp(flights)];
  const found = await withPairs(contenders, { work: 'handshake', runtime, cpuProf }, (pairs) =>
    inTurns(pairs, { until, measure: (pair) => runSlice(pair, SLICE[size]), report, least: LEAST_ROUNDS[size] }),
  );
  report({ done: 1, what: '' });
  const rows = contenders.map(({ name, title }) => ({ name, title, slices: found.get(name) ?? [] }));
  const conditions = {
    runtime,
    lanes: LANES,
    rounds: rows[0]?.slices.length ?? 0,
    seconds: SLICE[size],
    flights,
    otherNode: contenders.find((contender) => contender.runtime)?.runtime,
    gaps: [...standards.gaps, ...pureJs.gaps],
  };
  return {
    text: formatHandshakes(rows, conditions),
    ratios: ratiosOfHandshakes(rows),
    figures: { ...conditions, rows },
  };
}

/**
 * What goes with node:tls and the standards, if this Node hasn't got them: another Node, and ours on that.
 *
 * @param {import('../options.mjs').Options} options
 * @param {import('../connections/runtime.mjs').Runtime} runtime
 */
function standardsOf({ quick, node, offline }, runtime) {
  if (runtime.hasMlDsa) return { contenders: [TLS_ML], gaps: [] };
  const gap = `${TLS_ML.title}: this Node has no ML-DSA; --node 26 has it`;
  if (quick || node !== undefined) return { contenders: [], gaps: [gap] };
  try {
    const other = findRuntime('26', { offline });
    return { contenders: [PQSOCK_2, TLS_ML, TLS_ECDSA].map((contender) => on(contender, other)), gaps: [] };
  } catch (error) {
    return { contenders: [], gaps: [`${gap}, but: ${/** @type {Error} */ (error).message}`] };
  }
}

/** @param {import('../options.mjs').Options} options */
async function pureJsOf({ quick, offline }) {
  const why = installRivals({ offline });
  try {
    for (const suite of /** @type {const} */ (['kyber1024-dilithium5', 'mlkem1024-mldsa87']))
      await noblePrimitives(suite);
    return { contenders: quick ? [PURE_JS_2] : [PURE_JS_1, PURE_JS_2], gaps: [] };
  } catch (error) {
    return { contenders: [], gaps: [`noble in place of the addon: ${why ?? /** @type {Error} */ (error).message}`] };
  }
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
    p10: made.p10,
    p50: made.p50,
    p90: made.p90,
    p99: made.p99,
    handshakes: served,
    signatures: after[0].signatures - before[0].signatures,
  };
}
