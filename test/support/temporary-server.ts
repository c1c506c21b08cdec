/**
 * Somebody else's server, in a process and a temporary folder of its own. Both go with {@link TemporaryServer.close},
 * and also when this process ends in whatever way: a shell that waits for that is their parent.
 */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough, type Readable, type Writable } from 'node:stream';

export interface ServerCommand {
  /** The program and its arguments. */
  readonly command: (folder: string) => readonly [string, ...string[]];
  /** What it prints when it can be used. */
  readonly ready: RegExp;
  /** What has to be run before. */
  readonly prepare?: (folder: string) => readonly [string, ...string[]];
  /** Who runs it if we are root, which some programs refuse to be. */
  readonly user?: string;
}

/**
 * Its standard input, which ends with us, ends the server. Signals to the whole group, like that of Ctrl-C, must not
 * end the shell before that; the server has its own way with them.
 */
const GUARD = `trap '' INT TERM HUP
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & server=$!
(cat <&3; kill -INT $server) >/dev/null 2>&1 &
wait $server
rm -rf "$folder"`;

export class TemporaryServer {
  readonly folder: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;

  private constructor(folder: string, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.folder = folder;
    this.#child = child;
  }

  /** Starts it, and waits until it can be used. */
  static async start({ command, ready, prepare, user }: ServerCommand): Promise<TemporaryServer> {
    const folder = mkdtempSync(join(tmpdir(), 'pqsock-server-'));
    try {
      const owner = user !== undefined && process.getuid?.() === 0 ? idsOf(user) : undefined;
      if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
      const how = { ...owner, cwd: folder } as const;
      if (prepare !== undefined) {
        const [program, ...args] = prepare(folder);
        execFileSync(program, args, { ...how, stdio: 'pipe' });
      }
      const args = ['-c', GUARD, 'sh', folder, ...command(folder)];
      const server = new TemporaryServer(folder, spawn('sh', args, { ...how, stdio: ['pipe', 'pipe', 'pipe'] }));
      await server.#waitFor(ready);
      return server;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends it, and waits until it and its folder are gone. */
  async close(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.stdin.end();
    await closed;
  }

  /** The lines are read for ever, so that it never has to wait with what it prints. */
  #waitFor(ready: RegExp): Promise<void> {
    const output = new PassThrough();
    this.#child.stdout.pipe(output, { end: false });
    this.#child.stderr.pipe(output, { end: false });
    const seen: string[] = [];
    return new Promise((resolve, reject) => {
      createInterface({ input: output }).on('line', (line) => {
        seen.push(line);
        if (ready.test(line)) resolve();
      });
      this.#child.on('error', reject);
      this.#child.on('close', () => reject(new Error(['the server has ended:', ...seen].join('\n'))));
    });
  }
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (which: string) => Number(execFileSync('id', [which, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
