// @ts-check
/** TCP without cryptography: a handshake is as many bytes, to and fro, as another one took. */
import { connect, createServer } from 'node:net';
import { HOST, listen } from './listen.mjs';

/**
 * @typedef {import('./transport.mjs').Transport} Transport
 * @typedef {import('./transport.mjs').Take} Take
 * @typedef {{ from: 'client' | 'server', bytes: number }} Flight what one side sends without waiting for the other
 * @typedef {import('node:net').Socket} Socket
 */

/** @implements {Transport} */
export class PlainTransport {
  #flights;
  #port = 0;

  /** @param {{ flights: Flight[] }} settings none, and connections are taken as soon as they are there */
  constructor({ flights }) {
    this.#flights = flights.map(({ from, bytes }) => ({ from, bytes, content: Buffer.alloc(bytes) }));
  }

  async introduce() {
    return undefined;
  }

  /**
   * @param {unknown} _introduction
   * @param {Take} take
   */
  async listen(_introduction, take) {
    const server = createServer({ noDelay: true }, (socket) => this.#play(socket, 'server', take));
    return { port: await listen(server) };
  }

  /** @param {{ port: number }} invitation */
  meet({ port }) {
    this.#port = port;
  }

  /** @param {Take} take */
  open(take) {
    const socket = connect({ port: this.#port, host: HOST, noDelay: true });
    socket.once('connect', () => this.#play(socket, 'client', take));
    return socket;
  }

  /**
   * @param {Socket} socket
   * @param {Flight['from']} side
   * @param {Take} take
   */
  #play(socket, side, take) {
    let turn = 0;
    let received = 0;
    /** @type {Buffer} */
    let last = Buffer.alloc(0);
    const proceed = () => {
      for (;;) {
        const flight = this.#flights[turn];
        if (flight === undefined) {
          socket.off('data', hear);
          take(socket);
          if (received > 0) socket.unshift(last.subarray(-received)); // what has followed at once
          return;
        }
        if (flight.from === side) socket.write(flight.content);
        else if (received >= flight.bytes) received -= flight.bytes;
        else return;
        ++turn;
      }
    };
    const hear = (/** @type {Buffer} */ data) => {
      received += data.length;
      last = data;
      proceed();
    };
    socket.on('data', hear);
    proceed();
  }
}
