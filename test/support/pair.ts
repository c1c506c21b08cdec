/** A server and its client in the hardened profile, over TCP on the loopback. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  connect,
  createServer,
  type HardenedOptions,
  Identity,
  type OnRead,
  type PqServer,
  type PqSocket,
  type ServerLimits,
} from '../../lib/index.js';

export interface Identities {
  readonly server: Identity;
  readonly client: Identity;
}

export async function identities(algorithm?: Identity['algorithm']): Promise<Identities> {
  const [server, client] = await Promise.all([Identity.generate({ algorithm }), Identity.generate({ algorithm })]);
  return { server, client };
}

/** What a test says differently about a client; the port is that of somebody in between. */
export type ClientOptions = Partial<HardenedOptions> & { signal?: AbortSignal; port?: number; onread?: OnRead };

/** Whether a client's handshake is completed, or the error that it ends with; it is over then in either case. */
export async function comesTo(client: PqSocket): Promise<'connected' | (Error & { code: string; cause?: Error })> {
  try {
    await once(client, 'secureConnect');
    return 'connected';
  } catch (error) {
    return error as Error & { code: string; cause?: Error };
  } finally {
    client.on('error', () => {}).destroy();
  }
}

/** A server that listens; it and its connections end with {@link TestServer.close}. */
export class TestServer {
  readonly server: PqServer;
  readonly identities: Identities;
  readonly #clients: PqSocket[] = [];

  private constructor(server: PqServer, both: Identities) {
    this.server = server;
    this.identities = both;
  }

  static async listen(
    both: Identities,
    options: Partial<HardenedOptions<ServerLimits>> = {},
    onSocket?: (socket: PqSocket) => void,
  ): Promise<TestServer> {
    const server = createServer({ identity: both.server, trust: both.client.fingerprint, ...options }, onSocket);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestServer(server, both);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** A client of this server; errors are the test's to look at, until {@link TestServer.close}. */
  connect({ port = this.port, ...options }: ClientOptions = {}): PqSocket {
    const { server, client } = this.identities;
    const socket = connect({ host: '127.0.0.1', port, identity: client, trust: server.fingerprint, ...options });
    this.#clients.push(socket);
    return socket;
  }

  /** Both ends of a connection whose handshake is complete. */
  async connected(options: ClientOptions = {}): Promise<{ client: PqSocket; server: PqSocket }> {
    const accepted = once(this.server, 'secureConnection') as Promise<[PqSocket]>;
    const client = this.connect(options);
    const [[server]] = await Promise.all([accepted, once(client, 'secureConnect')]);
    return { client, server };
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    for (const client of this.#clients) client.on('error', () => {}).destroy();
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
