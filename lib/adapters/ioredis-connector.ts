/** How ioredis gets connections that are ours. It imports nothing of ioredis. */
import type { PqSocket } from '../net/pq-socket.js';
import { type ClientOptions, connectFor, splitOptions, type WantedPlace } from './client-options.js';

/** What ioredis says when it makes a connector; there is more, which has no meaning here. */
interface RedisOptions extends WantedPlace {
  /** Milliseconds that the connection may take to end once it should. */
  readonly disconnectTimeout?: number | undefined;
}

/** Only ioredis makes one: its own class has private members, so that no type but `never` stands in for it. */
export type IoredisConnector = new (options: unknown) => never;

/**
 * For ioredis's option `Connector`: `new Redis({ host, port, Connector: ioredisConnector({ identity, trust }) })`.
 * ioredis's option `tls` must not be given.
 *
 * @throws PQ_ERR_INVALID_OPTION
 */
export function ioredisConnector(options: ClientOptions): IoredisConnector {
  const { ours } = splitOptions(options, []);
  class BoundConnector extends Connector {
    constructor(redis: unknown) {
      super(ours, redis as RedisOptions);
    }
  }
  return BoundConnector as unknown as IoredisConnector;
}

/** What ioredis's AbstractConnector and StandaloneConnector are. */
class Connector {
  /** The error that came before ioredis listened; ioredis looks at it. */
  firstError: Error | undefined;
  readonly #options: ClientOptions;
  readonly #redis: RedisOptions;
  #wanted = false;
  #socket: PqSocket | undefined;

  constructor(options: ClientOptions, redis: RedisOptions) {
    this.#options = options;
    this.#redis = redis;
  }

  /** Whether a server will do; ioredis asks with what the server says of itself. */
  check(_info: unknown): boolean {
    return true;
  }

  /** @returns a socket that is connecting: ioredis waits for 'connect', and applies its `connectTimeout` */
  async connect(_emit: unknown): Promise<PqSocket> {
    this.#wanted = true;
    this.firstError = undefined;
    await Promise.resolve(); // ioredis may be told to disconnect in the tick in which it was made
    if (!this.#wanted) throw new Error('Connection is closed.'); // ioredis's own words
    const socket = connectFor(this.#options, this.#redis);
    socket.once('error', (error) => {
      this.firstError = error;
    });
    this.#socket = socket;
    return socket;
  }

  /** Ends the connection, and destroys it if that takes too long. */
  disconnect(): void {
    this.#wanted = false;
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return;
    const limit = setTimeout(() => socket.destroy(), this.#redis.disconnectTimeout ?? DISCONNECT_TIMEOUT);
    socket.once('close', () => clearTimeout(limit));
    socket.end();
  }
}

const DISCONNECT_TIMEOUT = 2000; // milliseconds, as in ioredis
