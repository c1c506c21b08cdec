// @ts-check
/**
 * Passes on what a client and a server say to each other, but for the last byte of the client's answer to what the
 * server says first: a handshake that is never completed, whoever the two are.
 */
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { HOST, listen } from './transports/listen.mjs';

/** Milliseconds without a byte after which all that will be said has been said. */
const SILENCE = 100;

/** Milliseconds until then, at the most. */
const PATIENCE = 30_000;

export class Relay {
  #lastByte = 0;
  #stuck = 0;

  /**
   * @param {number} port of the server
   * @returns {Promise<number>} the port that stands for it
   */
  listen(port) {
    return listen(createServer({ noDelay: true }, (client) => this.#join(client, connect(port, HOST).setNoDelay())));
  }

  /**
   * Until so many handshakes are stuck.
   *
   * @param {number} handshakes
   */
  async settled(handshakes) {
    const end = performance.now() + PATIENCE;
    while (this.#stuck < handshakes || performance.now() - this.#lastByte < SILENCE) {
      if (performance.now() > end) throw new Error(`${this.#stuck} of ${handshakes} handshakes are stuck`);
      await setTimeout(SILENCE / 4);
    }
  }

  /**
   * @param {import('node:net').Socket} client
   * @param {import('node:net').Socket} server
   */
  #join(client, server) {
    let spoken = false;
    let kept = Buffer.alloc(0);
    server.on('data', (data) => {
      this.#lastByte = performance.now();
      spoken = true;
      client.write(data);
    });
    client.on('data', (data) => {
      this.#lastByte = performance.now();
      if (!spoken) {
        server.write(data);
        return;
      }
      if (kept.length === 0) this.#stuck += 1;
      server.write(Buffer.concat([kept, data.subarray(0, -1)]));
      kept = data.subarray(-1);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      one?.on('error', () => {}); // the other one hears of the end
      one?.once('close', () => other?.destroy());
    }
  }
}
