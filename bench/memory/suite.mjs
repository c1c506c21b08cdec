// @ts-check
/** The suite of the memory: what connections take at the server, open and pending, and what they leave behind. */
import { spawnSync } from 'node:child_process';
import { PQSOCK, plainTcp, TLS_ECDSA, TLS_ML } from '../connections/contenders.mjs';
import { recordFlights } from '../connections/flights.mjs';
import { settle, withPairs } from '../connections/pair.mjs';
import { inTurns } from '../connections/rounds.mjs';
import { findRuntime } from '../connections/runtime.mjs';
import { slope } from '../statistics.mjs';
import { formatMemory, ratiosOfMemory } from './report.mjs';

/**
 * @typedef {import('../connections/pair.mjs').Pair} Pair
 * @typedef {import('../connections/pair.mjs').Contender} Contender
 * @typedef {import('../connections/duty.mjs').Mark} Mark
 * @typedef {import('../connections/memory.mjs').Stock} Stock
 */

/**
 * @typedef {object} Extent
 * @property {number} open connections
 * @property {number} pending handshakes; of TLS it is a quarter of either, since it takes more for each, and longer
 * @property {number} churn seconds for which connections are opened and closed
 */

/**
 * What a contender comes to, in KiB of RSS, and of V8's heap with what hangs on it, for each connection.
 *
 * @typedef {object} Slice
 * @property {number} idle of one that is open, and has answered one request
 * @property {number} idleHeap
 * @property {number} pending of a handshake, but one byte before the end of the client's answer
 * @property {number} pendingHeap
 * @property {number} growth of one that was opened and closed: the greater of the two
 * @property {number} growthHeap
 * @property {number} churned how many those were
 */

/** @type {Record<'full' | 'quick', Extent>} */
const EXTENTS = {
  full: { open: 2000, pending: 960, churn: 1.6 },
  quick: { open: 640, pending: 480, churn: 0.4 },
};

/**
 * The shares of a number after which the server takes stock. The first fills what V8 and malloc have at hand for more.
 */
const STEPS = [1 / 4, 2 / 4, 3 / 4, 1];

// V8 leaves more garbage than the young generation holds where it was, which would hide in RSS what is held.
const FLAGS = ['--expose-gc', '--max-semi-space-size=1'];

/** Bytes of a request. */
const SIZE = 64;
const LANES = 32;
// Seconds of handshakes before. Longer, and what a server has at hand then is enough for hundreds of others.
const WARM_UP = { closed: 0.6, others: 0.2 };

/** Open files that a process needs for anything else. */
const OTHER_FILES = 200;

// One address may have 256 handshakes pending by default, and for 5 seconds.
const PATIENT = {
  timeouts: { handshakeTimeout: 60_000, frameTimeout: 60_000 },
  limits: { pendingHandshakes: 8192, earlyDrop: 8192, pendingPerAddress: 8192 },
};

/**
 * @param {import('../measuring.mjs').Task} task
 * @returns {Promise<import('../measuring.mjs').Findings>}
 */
export async function measureMemory({ options: { quick, node, cpuProf }, seconds, report }) {
  const until = performance.now() + seconds * 1000;
  const extent = fitting(EXTENTS[quick ? 'quick' : 'full']);
  const runtime = findRuntime(node);
  const patient = { ...PQSOCK, settings: { ...PQSOCK.settings, ...PATIENT } };
  const gap = quick
    ? 'it is slow; not with --quick'
    : runtime.hasMlDsa
      ? ''
      : 'this Node has no ML-DSA; --node 26 has it';
  const contenders = [patient, ...(gap === '' ? [TLS_ML] : []), TLS_ECDSA, plainTcp(await recordFlights())];
  const conditions = { work: /** @type {const} */ ('memory'), runtime, cpuProf, flags: FLAGS };
  const found = await inTurns(
    contenders.map((contender) => ({ contender })),
    {
      until,
      measure: ({ contender }) => {
        const share = contender.transport === 'tls' ? 1 / 4 : 1;
        const { open, pending, churn } = extent;
        return examine(contender, conditions, { open: open * share, pending: pending * share, churn });
      },
      report,
      warmUps: 0,
      least: quick ? 1 : 3,
    },
  );
  report({ done: 1, what: '' });
  const rows = contenders.map(({ name, title }) => ({ name, title, slices: found.get(name) ?? [] }));
  const gaps = gap === '' ? [] : [`${TLS_ML.title}: ${gap}`];
  const about = { runtime, rounds: rows[0]?.slices.length ?? 0, ...extent, gaps };
  return { text: formatMemory(rows, about), ratios: ratiosOfMemory(rows), figures: { ...about, rows } };
}

/**
 * Each in fresh processes: what the one has let go would hide what the other takes.
 *
 * @param {Contender} contender
 * @param {import('../connections/pair.mjs').Conditions} conditions
 * @param {Extent} extent
 * @returns {Promise<Slice>}
 */
async function examine(contender, conditions, extent) {
  /** @type {<T>(examination: (pair: Pair, extent: Extent) => Promise<T>, warmUp: number) => Promise<T>} */
  const inPair = (examination, warmUp) =>
    withPairs([contender], conditions, async ([pair]) => {
      await /** @type {Pair} */ (pair).client('handshakes', { seconds: warmUp, lanes: LANES, told: true });
      return examination(/** @type {Pair} */ (pair), extent);
    });
  return {
    ...(await inPair(examinePending, WARM_UP.others)),
    ...(await inPair(examineOpen, WARM_UP.others)),
    ...(await inPair(examineClosed, WARM_UP.closed)),
  };
}

/**
 * @param {Pair} pair
 * @param {Extent} extent
 */
async function examinePending({ server, client }, { pending }) {
  const stocks = await inSteps(pending, server, async (more, handshakes) => {
    await client('stall', { more, handshakes });
    await server('mark'); // fails if one of them did
  });
  return { pending: each(stocks, 'rss'), pendingHeap: each(stocks, 'heap') };
}

/**
 * @param {Pair} pair
 * @param {Extent} extent
 */
async function examineOpen(pair, { open }) {
  const { server, client } = pair;
  const stocks = await inSteps(open, server, async (more, connections) => {
    await client('converse', { connections: more, size: SIZE });
    await client('exchange', { seconds: 0 });
    await settle(pair, connections);
  });
  return { idle: each(stocks, 'rss'), idleHeap: each(stocks, 'heap') };
}

/**
 * @param {Pair} pair
 * @param {Extent} extent
 */
async function examineClosed({ server, client }, { churn }) {
  /** @type {Mark} */
  const before = await server('mark');
  const stocks = [];
  let churned = 0;
  for (const _ of STEPS) {
    await client('handshakes', { seconds: churn / STEPS.length, lanes: LANES, told: true });
    churned = (await server('mark')).handshakes - before.handshakes;
    stocks.push({ count: churned, stock: await server('stock') });
  }
  const growthHeap = each(stocks, 'heap');
  return { growth: Math.max(each(stocks, 'rss'), growthHeap), growthHeap, churned }; // a shrinking RSS could hide it
}

/**
 * @param {number} most
 * @param {Pair['server']} server
 * @param {(more: number, count: number) => Promise<void>} add
 */
async function inSteps(most, server, add) {
  /** @type {{ count: number, stock: Stock }[]} */
  const stocks = [];
  for (const share of STEPS) {
    const count = Math.round(most * share);
    await add(count - (stocks.at(-1)?.count ?? 0), count);
    stocks.push({ count, stock: await server('stock') });
  }
  return stocks;
}

/**
 * KiB for each connection: from step to step, so that what is there anyhow does not count.
 *
 * @param {{ count: number, stock: Stock }[]} stocks
 * @param {keyof Stock} what
 */
function each(stocks, what) {
  return slope(stocks.map(({ count, stock }) => [count, stock[what]])) / 1024;
}

/**
 * As many as this machine lets a process open files; of a pending one, the clients' process has three.
 *
 * @param {Extent} extent
 * @returns {Extent}
 */
function fitting(extent) {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' });
  const files = (stdout.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : Number(stdout)) - OTHER_FILES;
  return { ...extent, open: Math.min(extent.open, files), pending: Math.min(extent.pending, Math.floor(files / 3)) };
}
