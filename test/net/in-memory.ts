/** A server and its client over a pair of streams in memory: no network, and no buffers but those of the streams. */
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { connect, createServer, type HardenedOptions, type PqServer, type PqSocket } from '../../lib/index.js';
import type { Identities } from '../support/pair.js';

export interface InMemory {
  readonly client: PqSocket;
  readonly server: PqSocket;
  /** What carries them. */
  readonly transports: { readonly client: Duplex; readonly server: Duplex };
  readonly listener: PqServer;
}

/** Both ends of a connection whose handshake is complete. */
export async function connectedInMemory(
  identities: Identities,
  options: { client?: Partial<HardenedOptions>; server?: Partial<HardenedOptions> } = {},
): Promise<InMemory> {
  const [near, far] = duplexPair();
  const { fingerprint } = identities.client;
  const listener = createServer({ identity: identities.server, trust: fingerprint, ...options.server });
  const accepted = once(listener, 'secureConnection') as Promise<[PqSocket]>;
  listener.emit('connection', far);
  const own = { identity: identities.client, trust: identities.server.fingerprint };
  const client = connect({ ...own, ...options.client, socket: near });
  const [[server]] = await Promise.all([accepted, once(client, 'secureConnect')]);
  return { client, server, transports: { client: near, server: far }, listener };
}

/** Lets everything happen that can without anybody doing something: in memory that is a matter of some turns. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
}
