/** `pqsock tunnel` twice, as a user runs it: in front of a service, and in front of its clients. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Identity, writeIdentity } from '../../lib/index.js';
import { Command } from './command.js';

export class TunnelCommands {
  /** For the keys, and for whatever a test has. */
  readonly folder: string;
  /** The port of the loopback that clients connect to. */
  port = 0;
  readonly #service: string;
  readonly #identities: { readonly server: Identity; readonly client: Identity };
  readonly #running: Command[] = [];
  #server: Command | undefined;
  /** Where the service's tunnel listens. */
  #between = 'pq://127.0.0.1:0';

  private constructor(service: string, folder: string, server: Identity, client: Identity) {
    this.folder = folder;
    this.#service = service;
    this.#identities = { server, client };
  }

  /** @param service the endpoint of the service */
  static async start(service: string): Promise<TunnelCommands> {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-tunnels-'));
    const [server, client] = await Promise.all([Identity.generate(), Identity.generate()]);
    await writeIdentity(join(folder, 'server.pem'), server);
    await writeIdentity(join(folder, 'client.pem'), client);
    const commands = new TunnelCommands(service, folder, server, client);
    await commands.startServer();
    const near = commands.#run('client', 'tcp://127.0.0.1:0', commands.#between, server);
    commands.port = Number((await listensAt(near)).split(':').at(-1));
    return commands;
  }

  /** The service's tunnel, again where it was before. */
  async startServer(): Promise<void> {
    const { client } = this.#identities;
    this.#server = this.#run('server', this.#between, this.#service, client);
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

  #run(key: 'server' | 'client', listen: string, to: string, peer: Identity): Command {
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
    );
    this.#running.push(command);
    return command;
  }
}

async function listensAt(command: Command): Promise<string> {
  return (await command.line(/listening: tunnel=tunnel listen=(\S+)/))[1] as string;
}
