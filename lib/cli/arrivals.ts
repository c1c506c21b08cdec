/** The connections of a server, one at a time: those whose peer is trusted wait, the others are refused. */
import { once } from 'node:events';
import type { PqServer, PqSocket } from '../index.js';
import { errorFields, type Log } from './log.js';
import { originOf } from './origin.js';

/** How many may wait, and be in their handshake; others are closed at once. */
const MOST = 64;

/** Milliseconds in which peers hear of the end. */
const LONGEST_END = 1_500;

export class Arrivals {
  readonly #server: PqServer;
  readonly #waiting: PqSocket[] = [];
  #over = false;

  constructor(server: PqServer, log: Log) {
    this.#server = server;
    server.maxConnections = MOST;
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {}); // who takes it sees that it has failed
      if (this.#over) socket.destroy();
      else this.#waiting.push(socket);
    });
    server.on('clientError', (error, where) => {
      if (!this.#over) log('warn', 'connection refused', { from: originOf(where), ...errorFields(error) });
    });
    server.on('drop', ({ reason, ...where }) => {
      log('warn', 'connection refused', { from: originOf(where), code: reason });
    });
  }

  /** The one that has waited longest. @throws the signal's reason */
  async next(signal: AbortSignal): Promise<PqSocket> {
    try {
      if (this.#waiting.length === 0) await once(this.#server, 'secureConnection', { signal });
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    }
    return this.#waiting.shift() as PqSocket;
  }

  /** Takes no more, and ends those that wait; the one that was taken goes on. */
  close(): void {
    this.#over = true;
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  /** What is left may not keep the process: a handshake that somebody has begun, or a peer that takes no end. */
  end(): void {
    this.close();
    setTimeout(() => this.#server.closeAllConnections(), LONGEST_END).unref();
  }
}
