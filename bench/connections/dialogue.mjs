// @ts-check
/** Requests and answers of one size on an open connection, the next request when the last one is answered. */

/** @typedef {import('./transports/transport.mjs').Duplex} Duplex */

/**
 * As a server: an answer to each request, once all of it is there.
 *
 * @param {Duplex} socket
 * @param {object} options
 * @param {number} options.size bytes of each request, and of each answer
 * @param {number} options.received bytes of the first one that are there already
 * @param {() => void} options.answered
 */
export function answerRequests(socket, { size, received, answered }) {
  const answer = Buffer.alloc(size, 'pqsock');
  let missing = size;
  const take = (/** @type {number} */ bytes) => {
    for (missing -= bytes; missing <= 0; missing += size) {
      socket.write(answer);
      answered();
    }
  };
  take(received);
  socket.on('data', (data) => take(data.length));
}

/** As a client. */
export class Dialogue {
  #socket;
  #request;
  #missing = 0;
  #answered = () => {};
  /** @type {(error: Error) => void} */
  #fail = () => {};

  /**
   * @param {Duplex} socket
   * @param {number} size bytes of each request, and of each answer
   */
  constructor(socket, size) {
    this.#socket = socket;
    this.#request = Buffer.alloc(size, 'pqsock');
    socket.on('data', (data) => {
      this.#missing -= data.length;
      if (this.#missing === 0) this.#answered();
      else if (this.#missing < 0) this.#fail(new Error('an answer is longer than its request'));
    });
    socket.once('close', () => this.#fail(new Error('a connection has ended before an answer')));
  }

  /**
   * Asks until the time is over; at least once.
   *
   * @param {number} end in the milliseconds of `performance.now()`
   * @param {number[]} latencies milliseconds from each request to the end of its answer; they are added
   * @param {number} [pause] milliseconds between an answer and the next request
   * @returns {Promise<void>}
   */
  talk(end, latencies, pause) {
    return new Promise((resolve, reject) => {
      let asked = 0;
      const ask = () => {
        asked = performance.now();
        this.#missing = this.#request.length;
        this.#socket.write(this.#request);
      };
      this.#fail = reject;
      this.#answered = () => {
        const now = performance.now();
        latencies.push(now - asked);
        if (now >= end) resolve();
        else if (pause === undefined) ask();
        else setTimeout(ask, pause);
      };
      ask();
    });
  }
}
