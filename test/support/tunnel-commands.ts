/** `pqsock tunnel` twice, as a user runs it: in front of a service, and in front of its clients. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Identity, writeIdentity } from '../../lib/index.js';
import { Command } from './command.js';
import type { Identities } from './pair.js';

export class TunnelCommands {
  /** For the keys, and for whatever a test has. */
  readonly folder: string;
  /** The port of the loopback that clients connect to. */
  port = 0;
  readonly #service: string;
  readonly #identities: Identities;
  readonly #running: Command[] = [];
  readonly #serverOptions: readonly string[];
  #server: Command | undefined;
  /** Where the service's tunnel listens. */
  #between = 'pq://127.0.0.1:0';

  private constructor(service: string, folder: string, both: Identities, serverOptions: readonly string[]) {
    this.folder = folder;
    this.#service = service;
    this.#identities = both;
    this.#serverOptions = serverOptions;
  }

  /**
   * @param service the endpoint of the service
   * @param serverOptions more for the service's tunnel
   */
  static async start(service: string, ...serverOptions: readonly string[]): Promise<TunnelCommands> {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-tunnels-'));
    const [server, client] = await Promise.all([Identity.generate(), Identity.generate()]);
    await writeIdentity(join(folder, 'server.pem'), server);
    await writeIdentity(join(folder, 'client.pem'), client);
    await writeIdentity(join(folder, 'stranger.pem'), await Identity.generate());
    const commands = new TunnelCommands(service, folder, { server, client }, serverOptions);
    await commands.startServer();
    commands.port = await commands.startClient('client');
    return commands;
  }

  /**
   * Another tunnel to the service's.
   *
   * @param key the service's tunnel does not trust the stranger
   * @returns the port of the loopback that it listens on
   */
  async startClient(key: 'client' | 'stranger'): Promise<number> {
    const near = this.#run([], key, 'tcp://127.0.0.1:0', this.#between, this.#identities.server);
    return Number((await listensAt(near)).split(':').at(-1));
  }

  /** Whom the service's tunnel trusts. */
  get clientFingerprint(): string {
    return this.#identities.client.fingerprint;
  }

  /** The service's tunnel. */
  get server(): Command {
    return this.#server as Command;
  }

  /** The service's tunnel, again where it was before. */
  async startServer(): Promise<void> {
    const { client } = this.#identities;
    this.#server = this.#run(this.#serverOptions, 'server', this.#between, this.#service, client);
    this.#between = await listensAt(this.#server);
  }

  /** Ends the service's tunnel as if its machine had gone. */
  async killServer(): Promise<void> {
    this.#server?.kill('SIGKILL');
    await this.#server?.end;
  }

  async close(): Promise<void> {
    for (const command of this.#running) command.kill('SIGKILL');
    await Promise.all(this.#running.map(({ end }) => end));
    rmSync(this.folder, { recursive: true });
  }

  #run(
    more: readonly string[],
    key: 'server' | 'client' | 'stranger',
    listen: string,
    to: string,
    peer: Identity,
  ): Command {
    const identity = join(this.folder, `${key}.pem`);
    const command = new Command(
      'tunnel',
      '--listen',
      listen,
      '--to',
      to,
      '--identity',
      identity,
      '--trust',
      peer.fingerprint,
      ...more,
    );
    this.#running.push(command);
    return command;
  }
}

async function listensAt(command: Command): Promise<string> {
  return (await command.line(/listening: tunnel=\S+ listen=(\S+)/))[1] as string;
}
