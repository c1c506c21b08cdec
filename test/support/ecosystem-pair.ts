/** Both sides of the ecosystem's tests: who they are, and a server that hands its connections to somebody else's. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { pipeline } from 'node:stream';
import {
  connect,
  createServer,
  type HardenedOptions,
  Identity,
  type PqServer,
  type PqSocket,
} from '../../lib/index.js';

/** What all options of these tests have besides who takes part. */
type CommonOptions = Pick<HardenedOptions, 'alpnProtocol'>;

export class EcosystemPair {
  /** For `connect` and the adapters; where to is the client's to say. */
  readonly client: HardenedOptions & { identity: Identity };
  /** The connections that the server has given out and that are open. */
  readonly accepted = new Set<PqSocket>();
  readonly #server: HardenedOptions;
  #listening: PqServer | undefined;
  #port = 0;

  private constructor(client: Identity, server: Identity, common: CommonOptions) {
    this.client = { ...common, identity: client, trust: server.fingerprint };
    this.#server = { ...common, identity: server, trust: client.fingerprint };
  }

  static async generate(common: CommonOptions = {}): Promise<EcosystemPair> {
    const [client, server] = await Promise.all([Identity.generate(), Identity.generate()]);
    return new EcosystemPair(client, server, common);
  }

  /** Options of a client that trusts nobody who is here. */
  async strangersFriend(): Promise<HardenedOptions> {
    const { fingerprint } = await Identity.generate();
    return { ...this.client, trust: fingerprint };
  }

  /** A server on a free port of the loopback, or on a Unix socket, until {@link EcosystemPair.close}. */
  async listen(
    onSocket: (socket: PqSocket) => void,
    options: Partial<HardenedOptions> = {},
    path?: string,
  ): Promise<void> {
    const server = createServer({ ...this.#server, ...options }, (socket) => {
      this.accepted.add(socket);
      socket.on('close', () => this.accepted.delete(socket));
      socket.on('error', () => {}); // clients end as they please
      onSocket(socket);
    });
    if (path === undefined) server.listen(0, '127.0.0.1');
    else server.listen(path);
    await once(server, 'listening');
    this.#listening = server;
    if (path === undefined) this.#port = (server.address() as AddressInfo).port;
  }

  /** A server whose connections go on, in the clear, to a Unix socket. */
  async forwardTo(path: string): Promise<void> {
    const forward = (near: PqSocket): void => {
      const far = connectTcp({ path, allowHalfOpen: true });
      pipeline(near, far, () => {});
      pipeline(far, near, () => {});
    };
    await this.listen(forward, { allowHalfOpen: true });
  }

  get port(): number {
    return this.#port;
  }

  /** The address of the server for clients of HTTP. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  connect(options: Partial<HardenedOptions> = {}): PqSocket {
    return connect({ ...this.client, ...options, host: '127.0.0.1', port: this.#port });
  }

  /** Ends the server and what is still open. */
  async close(): Promise<void> {
    const server = this.#listening;
    if (server === undefined) return;
    this.#listening = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
}
