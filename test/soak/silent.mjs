// @ts-check
/** Peers who go silent after any message of the handshake, or send a byte now and then; in both roles. */
import { format } from './tally.mjs';

/** What a peer has sent when it goes silent: nothing, part of a message, and each message of suite 1 in its turn. */
const CLIENT_BYTES = [0, 1000, 2636, 4208, 8807];
const SERVER_BYTES = [0, 1000, 2643, 4215, 8815];

/** How much later than the limit somebody on a busy machine may be told; less than what is between the two limits. */
const LATE = 2000;

/**
 * @typedef {object} Times in milliseconds
 * @property {number} handshakeTimeout
 * @property {number} frameTimeout
 * @property {number} every a byte is sent, by those who are not quite silent
 */

/** @type {Times} */
const FULL = { handshakeTimeout: 10_000, frameTimeout: 5_000, every: 1000 };
/** @type {Times} */
const SHORT = { handshakeTimeout: 4000, frameTimeout: 500, every: 100 };

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {{ short: boolean }} options
 */
export async function silent(stage, { short }) {
  const [times, limits] = short ? [5, SHORT] : [40, FULL];
  await Promise.all([silentClients(stage, times, limits), silentServers(stage, times, limits)]);
}

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {number} times
 * @param {Times} limits
 */
async function silentClients(stage, times, { every, ...options }) {
  const peers = stage.start('slow-peers.mjs');
  const trusted = [await peers.ask('fingerprint')];
  const { subject, honest, before } = await stage.serve({ trusted, options });
  const began = performance.now();
  const throttles = throttlesOf(CLIENT_BYTES, times, every);
  const lives = await peers.ask('dial', { port: honest.port, throttles });
  const { peak, events } = await subject.ask('measure');
  const after = await stage.settled(subject, before);
  const seconds = (performance.now() - began) / 1000;
  stage.row('silent clients', `${throttles.length}`, seconds, before, peak.rss, after);
  expectLives(stage, 'clients', lives, { every, ...options });
  stage.expect(`what is told: ${format(events.refused)}`, isTimeout(events.refused, lives.length));
  stage.expectStart(before, after);
}

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {number} times
 * @param {Times} limits
 */
async function silentServers(stage, times, { every, ...options }) {
  const throttles = throttlesOf(SERVER_BYTES, times, every);
  const port = await stage.start('slow-peers.mjs').ask('listen', { throttles });
  const subject = stage.start('subject.mjs');
  const start = await subject.ask('measure');
  const turn = SERVER_BYTES.length + 1;
  await subject.ask('dial', { port, times: turn, options: { ...options, handshakeTimeout: 100 } }); // warms it up
  const before = await stage.settled(subject, start);
  const began = performance.now();
  const lives = await subject.ask('dial', { port, times: throttles.length, options });
  const { peak, events } = await subject.ask('measure');
  const after = await stage.settled(subject, before);
  const seconds = (performance.now() - began) / 1000;
  stage.row('silent servers', `${throttles.length}`, seconds, before, peak.rss, after);
  expectLives(stage, 'servers', lives, { every, ...options });
  stage.expect(`what is told: ${format(events.refused)}`, isTimeout(events.refused, lives.length + turn));
  stage.expectStart(before, after);
}

/**
 * By turns; the last of each turn sends a byte now and then.
 *
 * @param {number[]} amounts
 * @param {number} times
 * @param {number} every
 */
function throttlesOf(amounts, times, every) {
  const turn = [...amounts.map((bytes) => ({ bytes })), { bytes: 0, every }];
  return Array.from({ length: times }, () => turn).flat();
}

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {string} who
 * @param {number[]} lives
 * @param {Times} limits
 */
function expectLives(stage, who, lives, { handshakeTimeout, frameTimeout }) {
  const isLast = (/** @type {unknown} */ _, /** @type {number} */ i) =>
    i % (CLIENT_BYTES.length + 1) === CLIENT_BYTES.length;
  const dripping = lives.filter(isLast);
  const silent = lives.filter((life, i) => !isLast(life, i));
  for (const [what, found, limit] of /** @type {[string, number[], number][]} */ ([
    ['silent', silent, frameTimeout],
    ['dripping', dripping, handshakeTimeout],
  ])) {
    const [least, most] = [Math.min(...found), Math.max(...found)];
    const text = `${found.length} ${what} ${who} are borne with for ${least.toFixed(0)} to ${most.toFixed(0)} ms`;
    stage.expect(`${text}, of ${limit}`, least >= limit - 20 && most <= limit + LATE);
  }
}

/**
 * @param {import('./tally.mjs').Tally} refused
 * @param {number} times
 */
function isTimeout(refused, times) {
  return refused['PQ_ERR_TIMEOUT'] === times && Object.keys(refused).length === 1;
}
