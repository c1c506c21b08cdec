// @ts-check
/** What an endpoint does with its connections, whichever rival they are of, and its account of it. */
import { once } from 'node:events';
import { quantile } from '../statistics.mjs';

/**
 * @typedef {import('./transports/transport.mjs').Duplex} Duplex
 * @typedef {import('./transports/transport.mjs').Transport} Transport
 */

/**
 * What the process has done since its start, and used for it.
 *
 * @typedef {object} Mark
 * @property {number} seconds the time, from an arbitrary beginning
 * @property {number} cpu seconds of CPU time of all its threads, also in the kernel
 * @property {number} handshakes
 * @property {number} bytes received
 * @property {number} open connections with a flow of data
 */

/** @typedef {'handshake' | 'bulk'} Work a server ends connections at once, or does with them what the client says */
/** @typedef {'client' | 'server'} Receiver of a flow of data */
/** @typedef {{ handshakes: number, seconds: number, p50: number, p99: number }} Handshakes latencies in ms */

const BLOCK = Buffer.alloc(64 * 1024, 'pqsock');

// What the kernel takes at once is drained within the same turn of the event loop: other connections must get theirs.
const WRITES_A_TURN = 16;

/** The byte that a client begins a flow with, by who is to receive. */
const FIRST = { client: 1, server: 2 };

export class Duty {
  #transport;
  #handshakes = 0;
  #bytes = 0;
  /** @type {Set<Duplex>} */
  #flows = new Set();
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
      bytes: this.#bytes,
      open: this.#flows.size,
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
      socket.on('error', work === 'bulk' ? () => {} : (error) => this.fail(error)); // the client ends flows anyhow
      if (work === 'handshake') {
        socket.resume();
        socket.end('.');
        return;
      }
      socket.once('data', (data) => this.#flow(socket, data[0] === FIRST.server));
    };
  }

  /**
   * As a client: connections until the time is over, so many at once. Each ends with the server's first byte, by which
   * the client knows that the server, too, has seen the handshake's end.
   *
   * @param {{ seconds: number, lanes: number }} order
   * @returns {Promise<Handshakes>}
   */
  async shakeHands({ seconds, lanes }) {
    const start = performance.now();
    /** @type {number[]} */
    const latencies = [];
    const lane = async () => {
      while (performance.now() < start + seconds * 1000) latencies.push(await this.#shakeHand());
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    const sorted = latencies.toSorted((a, b) => a - b);
    return {
      handshakes: sorted.length,
      seconds: (performance.now() - start) / 1000,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
    };
  }

  /**
   * As a client: opens connections, and lets data flow on them until `stop`.
   *
   * @param {{ connections: number, receiver: Receiver }} order
   */
  async start({ connections, receiver }) {
    await Promise.all(Array.from({ length: connections }, () => this.#open(receiver)));
  }

  /** Ends all flows. */
  async stop() {
    for (const socket of this.#flows) {
      socket.destroy();
      await once(socket, 'close');
    }
  }

  /** @returns {Promise<number>} milliseconds */
  #shakeHand() {
    const start = performance.now();
    return new Promise((resolve, reject) => {
      let latency = Number.NaN;
      const socket = this.#transport.open((secured) => {
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

  /** @param {Receiver} receiver */
  #open(receiver) {
    return new Promise((resolve, reject) => {
      const socket = this.#transport.open((secured) => {
        secured.write(Buffer.of(FIRST[receiver]));
        this.#flow(secured, receiver === 'client');
        resolve(undefined);
      });
      socket.on('error', reject);
    });
  }

  /**
   * @param {Duplex} socket
   * @param {boolean} receives
   */
  #flow(socket, receives) {
    this.#flows.add(socket);
    socket.once('close', () => this.#flows.delete(socket));
    socket.on('data', (data) => {
      this.#bytes += data.length;
    });
    if (receives) return;
    let writes = 0;
    const send = () => {
      do {
        writes += 1;
        if (writes % WRITES_A_TURN === 0) {
          setImmediate(send);
          return;
        }
      } while (socket.writable && socket.write(BLOCK));
    };
    socket.on('drain', send);
    send();
  }
}
