// @ts-check
/** What the scenarios have in common: processes, an honest client, and what was found. */
import { setTimeout } from 'node:timers/promises';
import { Identity } from '../../dist/index.js';
import { Actor } from './actor.mjs';
import { inMib, MIB, spent } from './figures.mjs';
import { format } from './tally.mjs';
import { visitUntilIn } from './visit.mjs';

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {string} many
 * @property {number} seconds
 * @property {[number, number, number]} rss before, at the most, after; bytes
 * @property {[number, number]} handles before, after
 * @property {string} operations of the side under test
 */

/** @typedef {{ text: string, holds: boolean }} Bound */

/** Honest clients that come and go first: what a server makes once is there then. */
const WARM_UP = 60;

/** Milliseconds after which what an attack left behind must be gone: an alert lingers for one second. */
const AFTERMATH = 5000;

/** Bytes of the garbage-collected heap that a process may keep of its own once it has been busy. */
const HEAP_LEFT = 2 * MIB;

export class Stage {
  /** @type {Row[]} */
  rows = [];
  /** @type {Bound[]} */
  bounds = [];
  /** @type {{ program: string, actor: Actor }[]} */
  #actors = [];
  #identity;
  #say;

  /**
   * @param {Identity} identity the honest client's
   * @param {(text: string) => void} say shows progress
   */
  constructor(identity, say) {
    this.#identity = identity;
    this.#say = say;
  }

  /** @param {(text: string) => void} say */
  static async set(say) {
    return new Stage(await Identity.generate(), say);
  }

  get identity() {
    return this.#identity;
  }

  /** @param {string} text */
  say(text) {
    this.#say(text);
  }

  /** @param {string} program */
  start(program) {
    const actor = new Actor(program);
    this.#actors.push({ program, actor });
    return actor;
  }

  /** Those of a program that were started. @param {string} program */
  actors(program) {
    return this.#actors.filter((each) => each.program === program).map(({ actor }) => actor);
  }

  /**
   * A server that listens in a fresh process, and has had some honest clients.
   *
   * @param {Partial<import('./subject.mjs').Service>} service
   */
  async serve({ trusted = [], ...service }) {
    const subject = this.start('subject.mjs');
    const place = await subject.ask('listen', { ...service, trusted: [this.#identity.fingerprint, ...trusted] });
    const honest = { ...place, identity: this.#identity };
    const start = await subject.ask('measure');
    await this.warmUp(honest);
    return { subject, honest, before: await this.settled(subject, start) };
  }

  /** @param {import('./visit.mjs').Visit} honest */
  async warmUp(honest) {
    for (let i = 0; i < WARM_UP; i += 1) await visitUntilIn(honest, 0);
  }

  /**
   * A measurement once nothing is under way and no handles are left but those of `before`, or at the end of patience.
   *
   * @param {Actor} subject
   * @param {{ handles: number }} before
   */
  async settled(subject, before) {
    const end = performance.now() + AFTERMATH;
    for (;;) {
      const reading = await subject.ask('measure');
      if ((reading.underWay === 0 && reading.handles <= before.handles) || performance.now() > end) return reading;
      await setTimeout(100);
    }
  }

  /**
   * @param {string} text says what must hold, and the figure
   * @param {boolean} holds
   */
  expect(text, holds) {
    this.bounds.push({ text, holds });
    this.#say(`${holds ? 'ok' : 'NO'}  ${text}`);
  }

  /**
   * Everything is as it was at the start.
   *
   * @param {import('./gauge.mjs').Reading} before
   * @param {import('./gauge.mjs').Reading & { underWay: number }} after
   */
  expectStart(before, after) {
    const grown = after.heap - before.heap;
    this.expect(`the heap has grown by ${inMib(grown)}, of ${inMib(HEAP_LEFT)}`, grown <= HEAP_LEFT);
    this.expectRest(before, after);
  }

  /**
   * Nothing is open that was not at the start.
   *
   * @param {import('./gauge.mjs').Reading} before
   * @param {import('./gauge.mjs').Reading & { underWay: number }} after
   */
  expectRest(before, after) {
    const [was, is] = [before, after].map(({ held }) => format(held));
    this.expect(`afterwards ${after.underWay} are under way`, after.underWay === 0);
    this.expect(`handles were ${was}; are ${is}`, after.handles <= before.handles);
  }

  /**
   * A line of the table.
   *
   * @param {string} what
   * @param {string} many
   * @param {number} seconds
   * @param {import('./gauge.mjs').Reading & { operations: import('./figures.mjs').Counts }} before
   * @param {number} peak bytes of RSS
   * @param {import('./gauge.mjs').Reading & { operations: import('./figures.mjs').Counts }} after
   */
  row(what, many, seconds, before, peak, after) {
    const rss = /** @type {[number, number, number]} */ ([before.rss, peak, after.rss]);
    const operations = format(spent(before, after)) || 'none';
    this.rows.push({ what, many, seconds, rss, handles: [before.handles, after.handles], operations });
  }

  /** Ends the processes; what they complain of is found, too. */
  async end() {
    const ends = await Promise.allSettled(this.#actors.map(({ actor }) => actor.end()));
    for (const end of ends) if (end.status === 'rejected') this.expect(end.reason.message, false);
  }
}
