/** A side under test opposite a {@link HardenedScript}, over TCP: a server that listens, and clients that are made. */
import { once } from 'node:events';
import {
  connect,
  type HardenedOptions,
  Identity,
  type OperationCounts,
  operationCounts,
  type PqSocket,
  type ServerLimits,
} from '../../lib/index.js';
import { HardenedScript, type ScriptOptions, ScriptServer, type State } from './hardened-script.js';
import { TestServer } from './pair.js';
import { SCRIPT_SUITES } from './script-suite.js';

export type Failure = Error & { code?: string; alert?: string };

/** Both sides of one connection. */
export interface Facing {
  readonly script: HardenedScript;
  /** With which the side under test ends. */
  readonly error: Promise<Failure>;
  /** The side under test; a server's is there once it is open. */
  readonly socket: PqSocket;
}

/** What a test says differently about one connection. */
export interface FacingOptions extends Omit<ScriptOptions, 'role'> {
  /** Of a client under test. */
  readonly options?: Partial<HardenedOptions>;
}

export class ScriptPair {
  /** One for each algorithm: whom the side under test is. */
  readonly identities: readonly [Identity, Identity];
  readonly server: TestServer;
  readonly peer: ScriptServer;

  private constructor(identities: readonly [Identity, Identity], server: TestServer, peer: ScriptServer) {
    this.identities = identities;
    this.server = server;
    this.peer = peer;
    server.server.setMaxListeners(0);
  }

  /** Accepts everybody, in all suites, unless the options for the server say otherwise. */
  static async listen(options: Partial<HardenedOptions<ServerLimits>> = {}): Promise<ScriptPair> {
    const identities = await Promise.all([Identity.generate(), Identity.generate({ algorithm: 'ML-DSA-87' })]);
    const [server, peer] = await Promise.all([ScriptPair.serve(identities, options), ScriptServer.listen()]);
    return new ScriptPair(identities, server, peer);
  }

  static serve(
    identity: readonly [Identity, Identity],
    options: Partial<HardenedOptions<ServerLimits>>,
  ): Promise<TestServer> {
    const suites = Object.keys(SCRIPT_SUITES) as [keyof typeof SCRIPT_SUITES];
    const usual = { identity, suites, trust: 'any', allowHalfOpen: true } as const;
    return TestServer.listen({ server: identity[0], client: identity[0] }, { ...usual, ...options }, (socket) => {
      socket.on('error', () => {}); // the tests look at it where it matters
      socket.resume();
    });
  }

  /** A connection whose side under test is in a state. */
  facing(role: 'client' | 'server', state: State, options: FacingOptions = {}): Promise<Facing> {
    return role === 'server' ? this.#facingServer(state, options) : this.#facingClient(state, options);
  }

  async close(): Promise<void> {
    this.peer.close();
    await this.server.close();
  }

  async #facingServer(state: State, options: FacingOptions): Promise<Facing> {
    const script = await HardenedScript.connect(this.server.port, options);
    if (state !== 'OPEN') {
      const error = clientErrorOf(this.server, script);
      return { script: await script.reach(state), error, socket: undefined as unknown as PqSocket };
    }
    const accepted = once(this.server.server, 'secureConnection') as Promise<[PqSocket]>;
    await script.reach('OPEN');
    const [socket] = await accepted;
    return { script, error: errorOf(socket), socket };
  }

  async #facingClient(state: State, { options, ...scriptOptions }: FacingOptions): Promise<Facing> {
    const accepted = this.peer.accept(scriptOptions);
    const { suite = SCRIPT_SUITES['kyber1024-dilithium5'] } = scriptOptions;
    const [name] = Object.entries(SCRIPT_SUITES).find(([, each]) => each === suite) as [
      keyof typeof SCRIPT_SUITES,
      unknown,
    ];
    const place = { host: '127.0.0.1', port: this.peer.port, allowHalfOpen: true };
    const usual = { ...place, identity: this.identities, suites: [name], trust: 'any' } as const;
    const socket = connect({ ...usual, ...options });
    socket.resume();
    const error = errorOf(socket);
    return { script: await (await accepted).reach(state), error, socket };
  }
}

export const NOTHING_SPENT: OperationCounts = { keypair: 0, sign: 0, verify: 0, encapsulate: 0, decapsulate: 0 };

/** The lattice operations that are done meanwhile, on either side. */
export async function spentDuring(action: () => Promise<unknown>): Promise<OperationCounts> {
  const before = operationCounts();
  await action();
  const after = operationCounts();
  const names = Object.keys(after) as (keyof OperationCounts)[];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as OperationCounts;
}

async function errorOf(socket: PqSocket): Promise<Failure> {
  return (await once(socket, 'error'))[0] as Failure;
}

/** The error with which the server ends this script's handshake. */
function clientErrorOf({ server }: TestServer, { socket }: HardenedScript): Promise<Failure> {
  const { localPort } = socket;
  return new Promise((resolve) => {
    server.on('clientError', function listen(error, { remotePort }) {
      if (remotePort !== localPort) return;
      server.off('clientError', listen);
      resolve(error);
    });
  });
}
