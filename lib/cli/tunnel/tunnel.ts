/** A tunnel: takes connections at one endpoint, and joins each with one of its own to the other. */
import { once } from 'node:events';
import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer, type PqServer, type PqSocket } from '../../index.js';
import { type Endpoint, formatEndpoint } from '../endpoint.js';
import { errorFields, type Log, type LogFields } from '../log.js';
import { originOf } from '../origin.js';
import { takeAnnouncement } from './announced.js';
import { removeDeadSocket } from './dead-socket.js';
import { type End, plainEnd, secureEnd } from './end.js';
import { KEEP_ALIVE_DELAY } from './open-far-end.js';
import { Passage } from './passage.js';
import type { TunnelSettings } from './tunnel-settings.js';

/** How many connections there are, and what has become of those that there were. */
export interface TunnelCounts {
  readonly accepted: number;
  /** Closed at once, or without a peer that we trust. */
  readonly refused: number;
  /** That wait for the far end. */
  readonly waiting: number;
  /** That are joined with the far end. */
  readonly open: number;
  /** Both sides came to their end. */
  readonly completed: number;
  readonly failed: number;
  /** Attempts to reach the far end that failed and were followed by another. */
  readonly retries: number;
  /** Bytes of data from those who connected, and to them. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export class Tunnel {
  readonly #server: Server;
  readonly #log: Log;
  /** Connections as they came, from their first moment. */
  readonly #sockets = new Set<Socket>();
  readonly #passages = new Set<Passage>();
  readonly #counted = { accepted: 0, refused: 0, completed: 0, failed: 0, retries: 0, bytesUp: 0, bytesDown: 0 };
  #settings: TunnelSettings;
  #secure: PqServer | undefined;
  /** Called when a connection has ended. */
  #onEnd: () => void = () => {};
  #drained: Promise<void> | undefined;

  /** @throws PqError for wrong credentials */
  constructor(settings: TunnelSettings, log: Log) {
    this.#settings = settings;
    this.#log = (level, event, fields) => log(level, event, { tunnel: this.#settings.name, ...fields });
    this.#secure = this.#makeSecureServer();
    const ways = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY, allowHalfOpen: true };
    this.#server = createPlainServer(ways, (socket) => void this.#accept(socket));
  }

  get settings(): TunnelSettings {
    return this.#settings;
  }

  /** Whether it takes connections. */
  get listening(): boolean {
    return this.#server.listening;
  }

  /** Where it listens, with the port that it was given. */
  get listensAt(): Endpoint {
    const { listen } = this.#settings.route;
    const address = this.#server.address() as AddressInfo | null;
    return listen.scheme === 'unix' || address === null ? listen : { ...listen, port: address.port };
  }

  get counts(): TunnelCounts {
    const all = [...this.#passages];
    const open = all.filter(({ joined }) => joined).length;
    const { bytesUp, bytesDown, ...counted } = this.#counted;
    const sum = (which: 'bytesUp' | 'bytesDown', before: number) =>
      all.reduce((n, { bytes }) => n + bytes[which], before);
    const bytes = { bytesUp: sum('bytesUp', bytesUp), bytesDown: sum('bytesDown', bytesDown) };
    return { ...counted, waiting: all.length - open, open, ...bytes };
  }

  /** Resolves when it listens; rejects with the system's error. */
  async start(): Promise<void> {
    const { listen, to } = this.#settings.route;
    if (listen.scheme === 'unix') await removeDeadSocket(listen.path);
    this.#server.listen(listen.scheme === 'unix' ? { path: listen.path } : { host: listen.host, port: listen.port });
    await once(this.#server, 'listening');
    this.#server.on('error', (error) => this.#log('error', 'listening failed', errorFields(error)));
    this.#log('info', 'listening', { listen: formatEndpoint(this.listensAt), to: formatEndpoint(to) });
  }

  /**
   * Other settings for the connections to come; those that there are go on. It goes on listening where it does.
   *
   * @throws PqError for wrong credentials; nothing has changed then
   */
  reload(settings: TunnelSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    try {
      this.#secure = this.#makeSecureServer();
    } catch (error) {
      this.#settings = before;
      throw error;
    }
  }

  /** Takes no more connections, and waits until those that there are have ended. */
  drain(): Promise<void> {
    this.#server.close();
    this.#drained ??= this.#empty();
    return this.#drained;
  }

  /** Resets the connections whose peer would not be accepted any more, if the settings want that. */
  endUntrusted(): void {
    const { isStillTrusted } = this.#settings;
    if (isStillTrusted === undefined) return;
    const peers = new Set([...this.#passages].map(({ peer }) => peer));
    for (const fingerprint of peers) {
      if (fingerprint === undefined || isStillTrusted({ fingerprint })) continue;
      this.#log('warn', 'no longer trusted', { peer: fingerprint });
      const error = new Error('the peer is no longer trusted');
      for (const passage of this.#passages) if (passage.peer === fingerprint) passage.reset(error);
    }
  }

  /** Takes no more connections, and resets those that there are. */
  stop(): void {
    const error = new Error('the tunnel was stopped');
    this.#server.close();
    for (const passage of this.#passages) passage.reset(error);
    for (const socket of this.#sockets) socket.destroy(); // also those whose handshake is under way
  }

  async #empty(): Promise<void> {
    while (this.#sockets.size + this.#passages.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEnd = resolve;
      });
    }
  }

  async #accept(socket: Socket): Promise<void> {
    this.#counted.accepted += 1;
    this.#sockets.add(socket);
    socket.on('error', () => {}); // 'close' comes after it
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#onEnd();
    });
    const { acceptProxy, limits } = this.#settings;
    if (acceptProxy) {
      const from = originOf(socket);
      try {
        await takeAnnouncement(socket, limits.handshakeTimeout);
      } catch (error) {
        this.#refuse(this.#plainEnd(socket), { from, ...errorFields(error) });
        return;
      }
    }
    if (this.#secure !== undefined) this.#secure.emit('connection', socket);
    else this.#pass(this.#plainEnd(socket));
  }

  /** A server's: it is handed transports, and gives out connections whose peer is trusted. */
  #makeSecureServer(): PqServer | undefined {
    const { route, credentials, limits } = this.#settings;
    if (route.role === 'client') return undefined;
    const { idleTimeout, handshakeTimeout, maxPendingPerAddress: pendingPerAddress } = limits;
    const times = { idleTimeout, handshakeTimeout, frameTimeout: Math.min(handshakeTimeout, FRAME_TIMEOUT) };
    const server = createServer({ ...credentials, ...times, allowHalfOpen: true, limits: { pendingPerAddress } });
    server.on('secureConnection', (socket: PqSocket) => this.#pass(secureEnd(socket)));
    server.on('clientError', (error, where) =>
      this.#refuse(undefined, { from: originOf(where), ...errorFields(error) }),
    );
    server.on('drop', ({ reason, ...where }) => this.#refuse(undefined, { from: originOf(where), code: reason }));
    return server;
  }

  #pass(near: End): void {
    const { settings } = this;
    if (this.#passages.size >= settings.limits.maxConnections) {
      near.stream.on('error', () => {});
      this.#refuse(near, { from: originOf(near.stream), code: 'max-connections' });
      return;
    }
    const retried = (): void => {
      this.#counted.retries += 1;
    };
    const passage = new Passage(near, settings, this.#log, retried);
    this.#passages.add(passage);
    void passage.run().then(({ error }) => {
      this.#passages.delete(passage);
      this.#counted[error === undefined ? 'completed' : 'failed'] += 1;
      this.#counted.bytesUp += passage.bytes.bytesUp;
      this.#counted.bytesDown += passage.bytes.bytesDown;
      this.#onEnd();
    });
  }

  #refuse(end: End | undefined, fields: LogFields): void {
    this.#counted.refused += 1;
    this.#log('warn', 'connection refused', fields);
    end?.reset(new Error('the connection was refused'));
  }

  #plainEnd(socket: Socket): End {
    return plainEnd(socket, this.#settings.route.listen.scheme === 'unix' ? 'unix' : 'tcp');
  }
}

/** Milliseconds that a peer may be silent during the handshake, unless the whole of it may take less. */
const FRAME_TIMEOUT = 5_000;
