/** A server and its client in the seed profile, over TCP on the loopback. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type ConnectOptions,
  connect,
  createServer,
  Identity,
  type PqServer,
  type PqSocket,
  type SeedCipher,
  type SeedOptions,
  type ServerOptions,
} from '../../lib/index.js';

/** What a test says differently about a server. The cipher may be a variable, which the public types don't allow. */
export type SeedServerOptions = Partial<Omit<SeedOptions, 'cipher'>> & {
  cipher?: SeedCipher;
  allowUnauthenticatedCtr?: boolean;
};

/** What a test says differently about a client. */
export type SeedClientOptions = SeedServerOptions & {
  signal?: AbortSignal;
  host?: string | undefined;
  port?: number | undefined;
  path?: string;
  socket?: Duplex;
};

/** Identities that tests share; making one takes a fraction of a millisecond, but reading about it doesn't. */
export interface SeedIdentities {
  readonly server: Identity<'seed'>;
  readonly client: Identity<'seed'>;
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
    options: SeedServerOptions = {},
    onSocket?: (socket: PqSocket) => void,
  ): Promise<TestServer> {
    const trust = identities.client.fingerprint;
    const all = { profile: 'seed', identity: identities.server, trust, ...options } as ServerOptions;
    const server = createServer(all, onSocket);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestServer(server, identities);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** A client of this server; errors are the test's to look at. */
  connect(options: SeedClientOptions = {}): PqSocket {
    const { server, client } = this.identities;
    const place = { host: '127.0.0.1', port: this.port };
    const all = { profile: 'seed', ...place, identity: client, trust: server.fingerprint, ...options };
    return connect(all as unknown as ConnectOptions);
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
