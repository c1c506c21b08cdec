/** `pqsock listen` and `pqsock connect`, as scripts run them: in processes of their own, without a terminal. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Identity, writeIdentity } from '../../lib/index.js';
import { PipedCommand, type PipedOptions } from './piped-command.js';

/** Both ends: the client is the near one. */
export interface PipeEnds {
  readonly near: PipedCommand;
  readonly far: PipedCommand;
}

export class Pipes {
  /** Has server.pem, client.pem and stranger.pem. */
  readonly folder: string;
  readonly server: Identity;
  readonly client: Identity;
  readonly #running: PipedCommand[] = [];

  private constructor(folder: string, server: Identity, client: Identity) {
    this.folder = folder;
    this.server = server;
    this.client = client;
  }

  static async make(): Promise<Pipes> {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-pipes-'));
    const [server, client, stranger] = await Promise.all([1, 2, 3].map(() => Identity.generate()));
    const pipes = new Pipes(folder, server as Identity, client as Identity);
    await writeIdentity(pipes.path('server.pem'), pipes.server);
    await writeIdentity(pipes.path('client.pem'), pipes.client);
    await writeIdentity(pipes.path('stranger.pem'), stranger as Identity);
    return pipes;
  }

  /** Of a file in the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  run(args: readonly string[], options?: PipedOptions): PipedCommand {
    return this.#started(PipedCommand.pqsock(args, options));
  }

  /** A script in the folder, without stdin. */
  shell(script: string): PipedCommand {
    return this.#started(new PipedCommand('sh', ['-c', script], { stdin: 'ignore', cwd: this.folder }));
  }

  /** The arguments of a server that trusts the client, on any port. */
  listenArgs(...more: readonly string[]): string[] {
    const trust = ['--trust', this.client.fingerprint];
    return ['listen', 'pq://127.0.0.1:0', '--identity', this.path('server.pem'), ...trust, ...more];
  }

  /** The arguments of the client. */
  connectArgs(to: string, ...more: readonly string[]): string[] {
    return ['connect', to, '--identity', this.path('client.pem'), '--trust', this.server.fingerprint, ...more];
  }

  /** A server and its client, which say more than usual on stderr. */
  async both(nearArgs: readonly string[] = [], farArgs: readonly string[] = []): Promise<PipeEnds> {
    const far = this.run(this.listenArgs('--verbose', ...farArgs));
    return { far, near: this.run(this.connectArgs(await listening(far), '--verbose', ...nearArgs)) };
  }

  async close(): Promise<void> {
    for (const command of this.#running) command.kill('SIGKILL');
    for (const { end, stdout } of this.#running) {
      stdout?.destroy();
      await end;
    }
    rmSync(this.folder, { recursive: true });
  }

  #started(command: PipedCommand): PipedCommand {
    this.#running.push(command);
    return command;
  }
}

/** The endpoint that a command listens on. */
export async function listening(command: PipedCommand): Promise<string> {
  return (await command.line(/listening: listen=(\S+)$/))[1] as string;
}

/** The exit codes of the near and the far end. */
export async function codesOf({ near, far }: PipeEnds): Promise<readonly (number | null)[]> {
  return [(await near.end).code, (await far.end).code];
}
