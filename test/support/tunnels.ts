/** A service, and the two tunnels in front of it, over TCP on the loopback. */
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../lib/cli/endpoint.js';
import type { LogFields } from '../../lib/cli/log.js';
import { routeOf } from '../../lib/cli/tunnel/route.js';
import { Tunnel } from '../../lib/cli/tunnel/tunnel.js';
import { DEFAULT_LIMITS, type TunnelLimits, type TunnelSettings } from '../../lib/cli/tunnel/tunnel-settings.js';
import type { Identities } from './pair.js';

/** What a test says differently about a tunnel. */
export type TunnelChoice = Partial<Omit<TunnelSettings, 'limits' | 'route'>> & {
  readonly limits?: Partial<TunnelLimits>;
  readonly listen?: string;
  readonly to?: string;
};

export interface LogEvent extends LogFields {
  readonly level: string;
  readonly event: string;
}

export class Tunnels {
  readonly identities: Identities;
  readonly service: Server;
  /** The service's connections. */
  readonly served: Socket[] = [];
  readonly events: LogEvent[] = [];
  readonly #sockets: Socket[] = [];
  readonly #tunnels: Tunnel[] = [];
  readonly #log = new EventEmitter();

  private constructor(identities: Identities, service: Server) {
    this.identities = identities;
    this.service = service;
    service.on('connection', (socket: Socket) => {
      this.served.push(socket);
      this.#sockets.push(socket.on('error', () => {}));
    });
  }

  /** With a service that listens and says nothing by itself. */
  static async make(identities: Identities, onSocket?: (socket: Socket) => void): Promise<Tunnels> {
    const service = createServer({ allowHalfOpen: true }, onSocket).listen(0, '127.0.0.1');
    await once(service, 'listening');
    return new Tunnels(identities, service);
  }

  get serviceAt(): string {
    return `tcp://127.0.0.1:${(this.service.address() as AddressInfo).port}`;
  }

  settings(role: 'server' | 'client', choice: TunnelChoice): TunnelSettings {
    const { server, client } = this.identities;
    const {
      listen = role === 'server' ? 'pq://127.0.0.1:0' : 'tcp://127.0.0.1:0',
      to = this.serviceAt,
      limits,
    } = choice;
    const credentials =
      role === 'server'
        ? { identity: server, trust: client.fingerprint }
        : { identity: client, trust: server.fingerprint };
    return {
      name: role,
      route: routeOf(parseEndpoint(listen, 'listen'), parseEndpoint(to, 'to')),
      credentials,
      acceptProxy: false,
      sendProxy: false,
      ...choice,
      limits: { ...DEFAULT_LIMITS, ...limits },
    };
  }

  /** In front of the service, if nothing else is said. */
  server(choice: TunnelChoice = {}): Promise<Tunnel> {
    return this.#start(this.settings('server', choice));
  }

  client(to: Tunnel | Endpoint, choice: TunnelChoice = {}): Promise<Tunnel> {
    const endpoint = to instanceof Tunnel ? to.listensAt : to;
    return this.#start(this.settings('client', { to: formatEndpoint(endpoint), ...choice }));
  }

  /** Both, and a client of them. */
  async both(server: TunnelChoice = {}, client: TunnelChoice = {}): Promise<{ server: Tunnel; client: Tunnel }> {
    const far = await this.server(server);
    return { server: far, client: await this.client(far, client) };
  }

  /** Somebody's connection to a tunnel. */
  async connect(tunnel: Tunnel): Promise<Socket> {
    const socket = this.socket(tunnel);
    await once(socket, 'connect');
    return socket;
  }

  /** The same, before it is connected. */
  socket(tunnel: Tunnel): Socket {
    const at = tunnel.listensAt;
    const place = at.scheme === 'unix' ? { path: at.path } : { host: at.host, port: at.port };
    const socket = connect({ ...place, allowHalfOpen: true }).on('error', () => {});
    this.#sockets.push(socket);
    return socket;
  }

  /** Resolves when the log has an event of a tunnel, also one from before. */
  async logged(event: string, tunnel?: string): Promise<LogEvent> {
    for (;;) {
      const found = this.events.find((one) => one.event === event && (tunnel ?? one['tunnel']) === one['tunnel']);
      if (found !== undefined) return found;
      await once(this.#log, 'event');
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const tunnel of this.#tunnels) tunnel.stop();
    await Promise.all(this.#tunnels.map((tunnel) => tunnel.drain()));
    const { service } = this;
    if (service.listening) await new Promise((resolve) => service.close(resolve));
  }

  async #start(settings: TunnelSettings): Promise<Tunnel> {
    const tunnel = new Tunnel(settings, (level, event, fields) => {
      this.events.push({ level, event, ...fields });
      this.#log.emit('event');
    });
    await tunnel.start();
    this.#tunnels.push(tunnel);
    return tunnel;
  }
}
