// @ts-check
/** Who sends so much and receives so much at the same time on a plain connection: a service, or its client. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { answer } from './answer.mjs';
import { payload } from './payload.mjs';

const HOST = '127.0.0.1';

/**
 * @typedef {object} Letters
 * @property {number} seed of what is sent
 * @property {number} bytes that are sent, and as many are received
 * @property {number} stallAt bytes after which nothing more is received until `resume`
 */

/** @typedef {{ sent: string, received: string, bytes: number }} Sums SHA-256, and how many bytes have been received */

const server = createServer({ allowHalfOpen: true, noDelay: true });
/** @type {Promise<Correspondence> | undefined} */
let correspondence;

answer({
  listen,
  expect,
  call,
  sent: async () => (await correspondence)?.sent,
  resume: async () => (await correspondence)?.resume(),
  sums: async () => (await correspondence)?.sums,
});

/** Says where it listens. */
async function listen() {
  server.listen(0, HOST);
  await once(server, 'listening');
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** From the next one who connects. @param {Letters} letters */
function expect(letters) {
  correspondence = once(server, 'connection').then(([socket]) => new Correspondence(socket, letters));
}

/** @param {Letters & { port: number }} letters */
function call({ port, ...letters }) {
  const socket = connect({ port, host: HOST, allowHalfOpen: true, noDelay: true });
  correspondence = Promise.resolve(new Correspondence(socket, letters));
}

class Correspondence {
  #socket;
  #sent = 0;
  #received = 0;
  #stallAt;
  /** Both directions at their end. @type {Promise<Sums>} */
  sums;

  /**
   * @param {import('node:net').Socket} socket
   * @param {Letters} letters
   */
  constructor(socket, { seed, bytes, stallAt }) {
    this.#socket = socket;
    this.#stallAt = stallAt;
    this.sums = Promise.all([this.#send(seed, bytes), this.#receive()]).then(([sent, received]) => ({
      sent,
      received,
      bytes: this.#received,
    }));
    this.sums.catch(() => {}); // whoever asks for them hears of it
  }

  /** Bytes that have been written, also those that still wait to be taken. */
  get sent() {
    return this.#sent;
  }

  resume() {
    this.#stallAt = Number.POSITIVE_INFINITY;
    this.#socket.resume();
  }

  /**
   * @param {number} seed
   * @param {number} bytes
   */
  async #send(seed, bytes) {
    const hash = createHash('sha256');
    for (const chunk of payload(seed, bytes)) {
      hash.update(chunk);
      const goesOn = this.#socket.write(chunk);
      this.#sent += chunk.length;
      if (!goesOn) await once(this.#socket, 'drain');
    }
    this.#socket.end();
    return hash.digest('hex');
  }

  async #receive() {
    const hash = createHash('sha256');
    this.#socket.on('data', (chunk) => {
      hash.update(chunk);
      this.#received += chunk.length;
      if (this.#received >= this.#stallAt) this.#socket.pause();
    });
    await once(this.#socket, 'end');
    return hash.digest('hex');
  }
}
