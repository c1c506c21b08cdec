/** A server and its client in the seed profile, over TCP on the loopback. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type ConnectOptions,
  connect,
  createServer,
  Identity,
  type PqServer,
  type PqSocket,
  type ServerOptions,
} from '../../lib/index.js';

/** Identities that tests share; making one takes a fraction of a millisecond, but reading about it doesn't. */
export interface SeedIdentities {
  readonly server: Identity;
  readonly client: Identity;
}

export async function seedIdentities(): Promise<SeedIdentities> {
  const [server, client] = await Promise.all([
    Identity.generate({ profile: 'seed' }),
    Identity.generate({ profile: 'seed' }),
  ]);
  return { server, client };
}

/** A server that listens; it and its connections end with {@link TestServer.close}. */
export class TestServer {
  readonly server: PqServer;
  readonly identities: SeedIdentities;

  private constructor(server: PqServer, identities: SeedIdentities) {
    this.server = server;
    this.identities = identities;
  }

  static async listen(
    identities: SeedIdentities,
    options: Partial<ServerOptions> = {},
    onSocket?: (socket: PqSocket) => void,
  ): Promise<TestServer> {
    const trust = identities.client.fingerprint;
    const server = createServer({ profile: 'seed', identity: identities.server, trust, ...options }, onSocket);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestServer(server, identities);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** A client of this server; errors are the test's to look at. */
  connect(options: Partial<ConnectOptions> = {}): PqSocket {
    const { server, client } = this.identities;
    return connect({
      profile: 'seed',
      host: '127.0.0.1',
      port: this.port,
      identity: client,
      trust: server.fingerprint,
      ...options,
    });
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** The error with which a socket ends. */
export async function errorOf(socket: PqSocket): Promise<Error & { code?: string }> {
  return new Promise((resolve, reject) => {
    socket.once('error', resolve);
    socket.once('end', () => reject(new Error('the socket ended without an error')));
    socket.resume();
  });
}

/** The error of the next connection that ends before its handshake is complete. */
export async function clientErrorOf(server: PqServer): Promise<Error & { code?: string }> {
  const [error] = await once(server, 'clientError');
  return error as Error & { code?: string };
}
