// @ts-check
/** The suite of the event loop: what everything else in a server waits for while clients shake hands. */
import { setTimeout } from 'node:timers/promises';
import { PQSOCK, plainTcp, TLS_ECDSA, TLS_ML } from '../connections/contenders.mjs';
import { recordFlights } from '../connections/flights.mjs';
import { settle, withPairs } from '../connections/pair.mjs';
import { inTurns } from '../connections/rounds.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { formatEventLoop, ratiosOfEventLoop } from './report.mjs';

/**
 * @typedef {import('../connections/pair.mjs').Pair} Pair
 * @typedef {import('../connections/duty.mjs').Exchange} Exchange
 * @typedef {import('../connections/duty.mjs').Handshakes} Handshakes
 * @typedef {import('../connections/watch.mjs').Lateness} Lateness
 */

/**
 * What a slice comes to: milliseconds, under load and without.
 *
 * @typedef {Lateness & { echoP50: number, echoP99: number }} Waits
 * @typedef {Waits & { [K in keyof Waits as `idle-${K}`]: number } & { handshakes: number }} Slice `handshakes` a second
 */

/** Seconds of a slice: under load, and before that without. */
const SLICE = { full: { loaded: 1.4, idle: 0.4 }, quick: { loaded: 0.3, idle: 0.1 } };

const LEAST_ROUNDS = { full: 3, quick: 2 };

/** Seconds for which the load is on before it counts, and after that. */
const MARGIN = 0.1;

const LANES = 32;

// Enough connections for a 99th percentile, and enough of a pause between their requests that these are no load.
const ECHO = { connections: 4, size: 1024 };
const PAUSE = 5;

/**
 * @param {import('../measuring.mjs').Task} task
 * @returns {Promise<import('../measuring.mjs').Findings>}
 */
export async function measureEventLoop({ options: { quick, node, cpuProf }, seconds, report }) {
  const until = performance.now() + seconds * 1000;
  const size = quick ? 'quick' : 'full';
  const slice = SLICE[size];
  const runtime = findRuntime(node);
  const flights = await recordFlights();
  const contenders = [PQSOCK, ...(runtime.hasMlDsa ? [TLS_ML] : []), TLS_ECDSA, plainTcp(flights)];
  const conditions = { work: /** @type {const} */ ('event-loop'), runtime, cpuProf, probed: true };
  const found = await withPairs(contenders, conditions, async (pairs) => {
    for (const pair of pairs) {
      await pair.probe('converse', ECHO);
      await settle(pair, ECHO.connections);
    }
    return inTurns(pairs, { until, measure: (pair) => runSlice(pair, slice), report, least: LEAST_ROUNDS[size] });
  });
  report({ done: 1, what: '' });
  const rows = contenders.map(({ name, title }) => ({ name, title, slices: found.get(name) ?? [] }));
  const gaps = runtime.hasMlDsa ? [] : [`${TLS_ML.title}: this Node has no ML-DSA; --node 26 has it`];
  const about = { runtime, lanes: LANES, rounds: rows[0]?.slices.length ?? 0, seconds: slice.loaded, gaps };
  return {
    text: formatEventLoop(rows, about),
    ratios: ratiosOfEventLoop(rows),
    figures: { ...about, rows },
  };
}

/**
 * @param {Pair} pair
 * @param {{ loaded: number, idle: number }} seconds
 * @returns {Promise<Slice>}
 */
async function runSlice(pair, { loaded, idle }) {
  const before = Object.entries(await wait(pair, idle)).map(([figure, value]) => [`idle-${figure}`, value]);
  const load = pair.client('handshakes', { seconds: loaded + 2 * MARGIN, lanes: LANES, told: true });
  const waits = setTimeout(MARGIN * 1000).then(() => wait(pair, loaded));
  /** @type {[Handshakes, Waits]} */
  const [{ handshakes, seconds }, during] = await Promise.all([load, waits]);
  await pair.server('mark'); // fails if one of them did
  return /** @type {Slice} */ ({ ...during, ...Object.fromEntries(before), handshakes: handshakes / seconds });
}

/**
 * @param {Pair} pair
 * @param {number} seconds
 * @returns {Promise<Waits>}
 */
async function wait({ server, probe }, seconds) {
  /** @type {[Lateness, Exchange]} */
  const [lateness, { p50, p99 }] = await Promise.all([
    server('watch', { seconds }),
    probe('exchange', { seconds, pause: PAUSE }),
  ]);
  return { ...lateness, echoP50: p50, echoP99: p99 };
}
