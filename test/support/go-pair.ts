/** A connection between us and the second implementation, over TCP on the loopback; either may be the client. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain, createServer as createPlain, type Socket } from 'node:net';
import { SUITES } from '../../lib/crypto/suites.js';
import {
  connect,
  createServer,
  type HardenedOptions,
  Identity,
  type PqSocket,
  type ServerLimits,
  type SuiteName,
} from '../../lib/index.js';
import type { Role } from '../../lib/record/channel.js';
import type { GoOutcome, GoPeer } from './go-peer.js';
import { bytesIn, type Fields } from './json-lines.js';

/** An identity in the Go process. */
interface GoIdentity {
  readonly identity: string;
  readonly fingerprint: string;
  readonly publicKey: Buffer;
}

/** Both sides' identities for one signature algorithm. */
export interface GoIdentities {
  readonly ours: Identity;
  readonly go: GoIdentity;
}

export async function goIdentities(peer: GoPeer, suite: SuiteName): Promise<GoIdentities> {
  const algorithm = SUITES[suite].sig;
  const { secretKey: _, ...go } = await newGoIdentity(peer, algorithm);
  return { ours: await Identity.generate({ algorithm }), go };
}

/** A new one, of which even the secret key is known. */
export async function newGoIdentity(
  peer: GoPeer,
  algorithm: Identity['algorithm'],
): Promise<GoIdentity & { readonly secretKey: Buffer }> {
  const { identity, fingerprint, publicKey, secretKey } = await peer.request('identity', { algorithm });
  return {
    identity: String(identity),
    fingerprint: String(fingerprint),
    publicKey: bytesIn(publicKey),
    secretKey: bytesIn(secretKey),
  };
}

/** What a test says differently about the two sides. */
export interface GoPairOptions {
  readonly suite: SuiteName;
  /** Which side is ours. */
  readonly role: Role;
  readonly ours?: Partial<HardenedOptions<ServerLimits>>;
  readonly go?: Fields;
}

/** A connection in the Go process. */
export class GoConnection {
  readonly opened: Fields;
  readonly #peer: GoPeer;

  constructor(peer: GoPeer, opened: Fields) {
    this.#peer = peer;
    this.opened = opened;
  }

  do(op: string, fields: Fields = {}): Promise<Fields> {
    return this.#peer.request(op, { connection: this.opened['connection'], ...fields });
  }

  send(data: Uint8Array, fields: Fields = {}): Promise<Fields> {
    return this.do('send', { data, ...fields });
  }

  /** That many bytes, or those before the end. */
  async receive(length: number): Promise<Buffer> {
    return bytesIn((await this.do('receive', { length }))['data'] ?? '');
  }

  /** The hash of all that still comes, and how it ends. */
  async drain(): Promise<{ length: number; sha256: string; end: string }> {
    const { length, sha256, end } = await this.do('drain');
    return {
      length: length as number,
      sha256: bytesIn(sha256).toString('hex'),
      end: String(end),
    };
  }

  /** The lines of its key log, sorted. */
  async keyLog(): Promise<string[]> {
    return String((await this.do('keys'))['keyLog'])
      .trimEnd()
      .split('\n')
      .sort();
  }

  async outcome(): Promise<GoOutcome> {
    return (await this.do('end'))['outcome'] as GoOutcome;
  }
}

/** Both ends; {@link GoPair.close} ends what is left. */
export interface GoPair {
  readonly ours: PqSocket;
  readonly go: GoConnection;
  /** Below our end. */
  readonly transport: Socket;
  /** The lines of our key log. */
  readonly keyLog: string[];
  close(): Promise<void>;
}

/** How a handshake ended that failed on both sides. */
interface FailedPair {
  readonly code: string | undefined;
  readonly alert: string | undefined;
  readonly go: GoOutcome;
}

/** A pair whose handshake is complete. */
export async function goPair(peer: GoPeer, both: GoIdentities, options: GoPairOptions): Promise<GoPair> {
  const attempt = await attemptPair(peer, both, options);
  const [ours, answer] = await Promise.all([attempt.ours, attempt.go]);
  if (ours instanceof Error || answer['failure'] !== undefined) {
    await attempt.close();
    throw new Error(`the handshake failed: ${ours}, ${JSON.stringify(answer['failure'])}`);
  }
  const { transport, keyLog, close } = attempt;
  return { ours, go: new GoConnection(peer, answer), transport, keyLog, close };
}

/** A pair whose handshake fails. */
export async function failedPair(peer: GoPeer, both: GoIdentities, options: GoPairOptions): Promise<FailedPair> {
  const attempt = await attemptPair(peer, both, options);
  const [ours, answer] = await Promise.all([attempt.ours, attempt.go]);
  await attempt.close();
  if (!(ours instanceof Error)) throw new Error('our handshake is complete');
  const { code, alert } = ours as Error & { code?: string; alert?: string };
  // A client is open before its server is, and may have to hear that the server is not.
  const failure = answer['failure'] as GoOutcome | undefined;
  return { code, alert, go: failure ?? (await new GoConnection(peer, answer).outcome()) };
}

interface Attempt {
  readonly ours: Promise<PqSocket | Error>;
  readonly go: Promise<Fields>;
  readonly transport: Socket;
  readonly keyLog: string[];
  readonly close: () => Promise<void>;
}

function attemptPair(peer: GoPeer, both: GoIdentities, options: GoPairOptions): Promise<Attempt> {
  const ours: Ours = {
    identity: both.ours,
    trust: both.go.fingerprint,
    suites: [options.suite],
    allowHalfOpen: true,
    ...options.ours,
  };
  const go = {
    identities: [both.go.identity],
    trust: [both.ours.fingerprint],
    suites: [options.suite],
    ...options.go,
  };
  return options.role === 'client' ? attemptAsClient(peer, ours, go) : attemptAsServer(peer, ours, go);
}

type Ours = HardenedOptions<ServerLimits>;

async function attemptAsClient(peer: GoPeer, ours: Ours, options: Fields): Promise<Attempt> {
  const { listener, port } = await peer.request('listen', { options });
  const go = peer.request('accept', { listener });
  const transport = connectPlain({ host: '127.0.0.1', port: port as number, allowHalfOpen: true, noDelay: true });
  const socket = connect({ ...ours, socket: transport });
  const keyLog: string[] = [];
  socket.on('keylog', (line) => void keyLog.push(String(line).trimEnd()));
  const opened = new Promise<PqSocket | Error>((resolve) => {
    socket.once('secureConnect', () => resolve(socket.off('error', resolve)));
    socket.once('error', resolve);
  });
  const close = async () => {
    socket.on('error', () => {}).destroy();
    await peer.request('stop', { listener });
  };
  return { ours: opened, go, transport, keyLog, close };
}

async function attemptAsServer(peer: GoPeer, ours: Ours, options: Fields): Promise<Attempt> {
  const plain = createPlain({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const go = peer.request('connect', { port: (plain.address() as AddressInfo).port, options });
  const [transport] = (await once(plain, 'connection')) as [Socket];
  plain.close();
  const server = createServer(ours);
  const keyLog: string[] = [];
  server.on('keylog', (line) => void keyLog.push(String(line).trimEnd()));
  const opened = new Promise<PqSocket | Error>((resolve) => {
    server.once('secureConnection', resolve);
    server.once('clientError', resolve);
  });
  server.emit('connection', transport);
  const close = async () => {
    const socket = await opened;
    if (!(socket instanceof Error)) socket.on('error', () => {});
    server.closeAllConnections();
  };
  return { ours: opened, go, transport, keyLog, close };
}
