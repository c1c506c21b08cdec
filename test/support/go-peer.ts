/** The second implementation of the hardened profile (test/interop/go), in a process of its own. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { JsonLines } from './json-lines.js';

const BUILD = join(__dirname, '../../build');
const PROGRAM = join(BUILD, process.platform === 'win32' ? 'pqsock-peer.exe' : 'pqsock-peer');

/** Of the program: a folder. */
export const GO_SOURCE = join(__dirname, '../interop/go');

/** For the hook that builds: the first build fetches the modules and compiles them. */
export const GO_BUILD_TIMEOUT = 300_000;

/** How a handshake failed or a connection ended (outcome.go). */
export interface GoOutcome {
  readonly end: 'close' | 'alert' | 'truncated' | 'reset' | 'fault' | 'aborted';
  readonly reason?: string;
  readonly alertSent?: string;
  readonly alertReceived?: string;
}

/** Go makes it in the folder where it is to be, and renames it: other suites may build and start it meanwhile. */
export function buildGoPeer(): void {
  execFileSync('go', ['build', '-C', GO_SOURCE, '-trimpath', '-o', PROGRAM, '.'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GOTMPDIR: BUILD },
  });
}

/** The program as a process, with the operations of the comment of main.go; they run concurrently. */
export class GoPeer extends JsonLines {
  constructor() {
    super(PROGRAM);
  }
}
