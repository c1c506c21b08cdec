// @ts-check
/**
 * One side of an open connection in a search: the real channel of lib/record, and what is left of its budget. A side is
 * not changed once it is made: each action makes another. Sides that are the same in every member of every object,
 * secrets included, are one side.
 */
import { createHash } from 'node:crypto';
import { copyOf, textOf } from './object-state.mjs';
import { StandInKem } from './stand-in-kem.mjs';

/**
 * @typedef {import('../../lib/record/channel.js').Role} Role
 * @typedef {{ data: number, update: number, rekey: number }} Budget what a side may still do
 * @typedef {'data' | 'update' | 'rekey' | 'close' | 'wake' | 'take' | 'take, and answer at once'} Action
 * @typedef {{ side: number, sent: readonly number[], error?: string }} Step the side afterwards, and its records
 * @typedef {object} Side
 * @property {Role} role
 * @property {any} channel
 * @property {Budget} budget
 * @property {number} written how many bytes of data it has sent: 1, 2, 3 and so on
 * @property {number} got how many bytes of data it was given
 * @property {boolean} ended whether it was told that the peer's data is complete
 * @property {string[]} secrets the traffic secrets that it has used
 */

/** Times that a side can see; which one is the choice of the search each time that it matters. */
const TIME = { start: 0, keyIsOld: 1, serverMayAnswer: 2, rekeyIsDue: 3 };
const LIMITS = {
  keyRecords: 1e6,
  keyBytes: 1e6,
  keyAge: TIME.keyIsOld,
  padding: 1,
  maxRecordSize: 100,
  rekeyInterval: TIME.rekeyIsDue,
  rekeyLeast: TIME.serverMayAnswer,
  emptyRecords: 1e6,
  keyUpdates: 1e6,
  tickets: 0,
};

/** All sides and records of one search, by number. */
export class RecordSides {
  #code;
  /** @type {Side[]} */
  #sides = [];
  /** @type {Map<string, number>} */
  #sideNumbers = new Map();
  /** @type {{ header: Uint8Array, body: Uint8Array }[]} */
  #records = [];
  /** @type {Map<string, number>} */
  #recordNumbers = new Map();
  /** @type {Map<string, Step>} */
  #steps = new Map();

  /** @param {{ HardenedChannel: any, Secret: any }} code */
  constructor(code) {
    this.#code = code;
  }

  /** How often a channel has really done something. */
  get calls() {
    return this.#steps.size;
  }

  /**
   * @param {Role} role
   * @param {Budget} budget
   */
  first(role, budget) {
    const { HardenedChannel, Secret } = this.#code;
    const secret = (/** @type {number} */ byte) => Secret.from(new Uint8Array(64).fill(byte));
    const secrets = { client: secret(1), server: secret(2), master: secret(3) };
    const channel = new HardenedChannel(role, secrets, new StandInKem(Secret), LIMITS, TIME.start);
    const used = [secrets.client, secrets.server].map((one) => Buffer.from(Secret.bytesOf(one)).toString('base64'));
    return this.#number({ role, channel, budget, written: 0, got: 0, ended: false, secrets: used });
  }

  /**
   * @param {number} number
   * @returns {Side}
   */
  side(number) {
    return /** @type {Side} */ (this.#sides[number]);
  }

  /**
   * What a side may do by itself now, by chapter 13 of PROTOCOL.md.
   *
   * @param {number} number
   * @returns {Action[]}
   */
  actions(number) {
    const { channel, budget } = this.side(number);
    const rekey = channel.$rekey;
    /** @type {Action[]} */
    const actions = rekey.$early === undefined ? [] : ['wake'];
    if (channel.$closed) return actions;
    if (budget.data > 0) actions.push('data');
    if (budget.update > 0) actions.push('update');
    if (budget.rekey > 0 && rekey.isDue(TIME.rekeyIsDue)) actions.push('rekey');
    actions.push('close');
    return actions;
  }

  /**
   * Takes a record, in each way that the time allows.
   *
   * @param {number} number
   * @param {number} record
   * @returns {{ action: Action, step: Step }[]}
   */
  take(number, record) {
    const step = this.act(number, 'take', record);
    const waits = (/** @type {number} */ side) => this.side(side).channel.$rekey.$early !== undefined;
    const taken = [{ action: /** @type {Action} */ ('take'), step }];
    if (step.error !== undefined || waits(number) || !waits(step.side)) return taken;
    const action = 'take, and answer at once';
    return [...taken, { action, step: this.act(number, action, record) }];
  }

  /**
   * @param {number} number
   * @param {Action} action
   * @param {number} [record]
   * @returns {Step}
   */
  act(number, action, record) {
    const name = `${number} ${action} ${record}`;
    const known = this.#steps.get(name);
    if (known !== undefined) return known;
    const side = copyOf(this.side(number));
    side.channel.$rekey.$parts.closed = () => side.channel.$closed;
    const output = new Output(side, TIMES[action]);
    /** @type {string | undefined} */
    let error;
    try {
      perform(side, action, output, record === undefined ? undefined : this.#records[record]);
    } catch (thrown) {
      error = `${thrown}`;
    }
    const sent = output.sent.map((bytes) => this.#recordNumber(bytes));
    const step = { side: this.#number(side), sent, ...(error !== undefined && { error }) };
    this.#steps.set(name, step);
    return step;
  }

  /** @param {Side} side */
  #number(side) {
    const text = createHash('sha256').update(textOf(side)).digest('base64');
    return numbered(this.#sideNumbers, text, () => this.#sides.push(side));
  }

  /** @param {Buffer} bytes */
  #recordNumber(bytes) {
    return numbered(this.#recordNumbers, bytes.toString('base64'), () =>
      this.#records.push({ header: bytes.subarray(0, 4), body: bytes.subarray(4) }),
    );
  }
}

/** What the clock shows when an action first looks at it. */
const TIMES = {
  data: TIME.start,
  update: TIME.keyIsOld,
  rekey: TIME.rekeyIsDue,
  close: TIME.start,
  wake: TIME.start,
  take: TIME.start,
  'take, and answer at once': TIME.serverMayAnswer,
};

/** What a channel wants done. The first look at the clock shows what the action needs; after that it stands still. */
class Output {
  /** @type {Buffer[]} */
  sent = [];
  #side;
  #time;

  /**
   * @param {Side} side
   * @param {number} time
   */
  constructor(side, time) {
    this.#side = side;
    this.#time = time;
  }

  /** @param {Uint8Array[]} parts */
  send(...parts) {
    this.sent.push(Buffer.concat(parts));
  }

  /** @param {Uint8Array} content */
  data(content) {
    this.#side.got += 1;
    if (content.length !== 1 || content[0] !== this.#side.got) {
      throw new Error(`data is lost or out of order: byte ${content[0]} came instead of ${this.#side.got}`);
    }
  }

  end() {
    this.#side.ended = true;
  }

  now() {
    const time = this.#time;
    this.#time = TIME.start;
    return time;
  }

  /** @param {{ secret: Uint8Array }} logged of either direction */
  keylog({ secret }) {
    const text = Buffer.from(secret).toString('base64');
    if (this.#side.secrets.includes(text)) throw new Error('a traffic secret is used twice');
    this.#side.secrets.push(text);
    this.#side.secrets.sort(); // so that the order in which they came does not make two states of one
  }

  wakeIn() {}
}

/**
 * @param {Side} side
 * @param {Action} action
 * @param {Output} output
 * @param {{ header: Uint8Array, body: Uint8Array } | undefined} record
 */
function perform(side, action, output, record) {
  const { channel, budget } = side;
  if (action === 'data' || action === 'update' || action === 'rekey') {
    budget[action] -= 1;
    side.written += 1;
    channel.write(Uint8Array.of(side.written), output);
  } else if (action === 'close') channel.close(output);
  else if (action === 'wake') channel.wake(output);
  else if (record !== undefined) {
    if (channel.acceptHeader(record.header) !== record.body.length) throw new Error('the header was misread');
    channel.receive(Buffer.concat([record.header, record.body]), output);
  }
}

/**
 * The number of a text; a new one is added.
 *
 * @param {Map<string, number>} numbers
 * @param {string} text
 * @param {() => void} add
 */
function numbered(numbers, text, add) {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  add();
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}
