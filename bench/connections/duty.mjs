// @ts-check
/** What an endpoint does with its connections, whichever rival they are of, and its account of it. */
import { once } from 'node:events';
import { quantile } from '../statistics.mjs';
import { answerRequests, Dialogue } from './dialogue.mjs';
import { sendForever } from './flow.mjs';
import { decodeOrder, encodeOrder, ORDER_LENGTH } from './orders.mjs';

/**
 * @typedef {import('./transports/transport.mjs').Duplex} Duplex
 * @typedef {import('./transports/transport.mjs').Transport} Transport
 * @typedef {import('./orders.mjs').Order} Order
 */

/**
 * What the process has done since its start, and used for it.
 *
 * @typedef {object} Mark
 * @property {number} seconds the time, from an arbitrary beginning
 * @property {number} cpu seconds of CPU time of all its threads, also in the kernel
 * @property {number} handshakes
 * @property {number} signatures made, where that is known
 * @property {number} bytes received in flows of data
 * @property {number} answers given
 * @property {number} open connections that are used for more than a handshake
 */

/** @typedef {'handshake' | 'bulk' | 'messages' | 'memory' | 'event-loop' | 'tunnel'} Work only in `handshake`, a server ends connections unasked */
/** @typedef {'client' | 'server'} Receiver of a flow of data */
/** @typedef {{ handshakes: number, seconds: number } & Record<'p10' | 'p50' | 'p90' | 'p99', number>} Handshakes latencies in ms */
/** @typedef {{ messages: number, seconds: number } & Record<'p10' | 'p50' | 'p90' | 'p99', number>} Exchange the same of requests */

// So many handshakes at once open connections that are to stay.
const LANES = 32;

export class Duty {
  #transport;
  #handshakes = 0;
  #bytes = 0;
  #answers = 0;
  /** @type {Set<Duplex>} */
  #open = new Set();
  /** @type {Dialogue[]} */
  #dialogues = [];
  /** @type {Error | undefined} */
  #failure;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /** The connection of a server that never came about: the next mark tells. @param {Error} error */
  fail(error) {
    this.#failure ??= error;
  }

  /** @returns {Mark} */
  mark() {
    if (this.#failure !== undefined) throw this.#failure;
    const { user, system } = process.cpuUsage();
    return {
      seconds: performance.now() / 1000,
      cpu: (user + system) / 1e6,
      handshakes: this.#handshakes,
      signatures: this.#transport.signatures?.() ?? 0,
      bytes: this.#bytes,
      answers: this.#answers,
      open: this.#open.size,
    };
  }

  /**
   * What a server does with each connection.
   *
   * @param {Work} work
   */
  serve(work) {
    return (/** @type {Duplex} */ socket) => {
      this.#handshakes += 1;
      socket.on('error', (error) => this.#open.has(socket) || this.fail(error)); // the client ends the open ones anyhow
      if (work === 'handshake') part(socket);
      else socket.once('data', (data) => this.#obey(socket, data));
    };
  }

  /**
   * As a client: connections until the time is over, so many at once. Each ends with the server's first byte, by which
   * the client knows that the server, too, has seen the handshake's end.
   *
   * @param {{ seconds: number, lanes: number, told?: boolean }} order `told`: the server does what it is told, and so
   *   must be told to part
   * @returns {Promise<Handshakes>}
   */
  async shakeHands({ seconds, lanes, told = false }) {
    const start = performance.now();
    /** @type {number[]} */
    const latencies = [];
    const lane = async () => {
      while (performance.now() < start + seconds * 1000) latencies.push(await this.#shakeHand(told));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return { handshakes: latencies.length, ...summaryOf(latencies, start) };
  }

  /**
   * As a client: opens connections, and lets data flow on them until `stop`.
   *
   * @param {{ connections: number, receiver: Receiver }} order
   */
  async flow({ connections, receiver }) {
    const receives = receiver === 'client';
    for (const socket of await this.#openMany(connections, { what: receives ? 'send' : 'receive' })) {
      if (receives) this.#count(socket);
      else sendForever(socket);
    }
  }

  /**
   * As a client: opens connections for `exchange`.
   *
   * @param {{ connections: number, size: number }} order
   */
  async converse({ connections, size }) {
    const opened = await this.#openMany(connections, { what: 'answer', size });
    this.#dialogues = opened.map((socket) => new Dialogue(socket, size));
  }

  /**
   * As a client: requests on all these connections until the time is over.
   *
   * @param {{ seconds: number, pause?: number }} order
   * @returns {Promise<Exchange>}
   */
  async exchange({ seconds, pause }) {
    const start = performance.now();
    /** @type {number[]} */
    const latencies = [];
    await Promise.all(this.#dialogues.map((dialogue) => dialogue.talk(start + seconds * 1000, latencies, pause)));
    return { messages: latencies.length, ...summaryOf(latencies, start) };
  }

  /** As a client: ends all that `flow` and `converse` have opened. */
  async stop() {
    await Promise.all(
      [...this.#open].map((socket) => {
        socket.destroy();
        return once(socket, 'close');
      }),
    );
  }

  /**
   * @param {Duplex} socket
   * @param {Buffer} data
   */
  #obey(socket, data) {
    const { what, size = 0 } = decodeOrder(data);
    if (what === 'part') {
      part(socket);
      return;
    }
    this.#keep(socket);
    const answered = () => {
      this.#answers += 1;
    };
    if (what === 'answer') answerRequests(socket, { size, received: data.length - ORDER_LENGTH, answered });
    else if (what === 'send') sendForever(socket);
    else this.#count(socket);
  }

  /**
   * @param {boolean} told
   * @returns {Promise<number>} milliseconds
   */
  #shakeHand(told) {
    const start = performance.now();
    return new Promise((resolve, reject) => {
      let latency = Number.NaN;
      const socket = this.#transport.open((secured) => {
        if (told) secured.write(encodeOrder({ what: 'part' }));
        secured.once('data', () => {
          latency = performance.now() - start;
        });
      });
      socket.on('error', reject);
      socket.once('close', () => {
        if (latency > 0) resolve(latency);
        else reject(new Error('the server has ended a connection before its first byte'));
      });
    });
  }

  /**
   * @param {number} connections
   * @param {Order} order
   */
  async #openMany(connections, order) {
    /** @type {Duplex[]} */
    const opened = [];
    let begun = 0;
    const lane = async () => {
      while (begun < connections) {
        begun += 1;
        opened.push(await this.#openOne(order));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return opened;
  }

  /**
   * @param {Order} order
   * @returns {Promise<Duplex>}
   */
  #openOne(order) {
    return new Promise((resolve, reject) => {
      const socket = this.#transport.open((secured) => {
        secured.write(encodeOrder(order));
        this.#keep(secured);
        resolve(secured);
      });
      socket.on('error', reject);
    });
  }

  /** @param {Duplex} socket */
  #keep(socket) {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  }

  /** @param {Duplex} socket */
  #count(socket) {
    socket.on('data', (data) => {
      this.#bytes += data.length;
    });
  }
}

/**
 * Says one byte and ends.
 *
 * @param {Duplex} socket
 */
function part(socket) {
  socket.resume();
  socket.end('.');
}

/**
 * @param {number[]} latencies
 * @param {number} start
 */
function summaryOf(latencies, start) {
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    seconds: (performance.now() - start) / 1000,
    p10: quantile(sorted, 0.1),
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
  };
}
