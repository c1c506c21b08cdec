/** `pqsock demo`: a client and a server in two processes, real TCP, and a file from one to the other. */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { runDemoClient } from './demo-client.js';
import { DemoServerProcess, serveDemo } from './demo-server.js';
import { runTamperDemo } from './demo-tamper.js';
import { JsonDemoView, TextDemoView } from './demo-view.js';
import { CliError, EXIT_CODES } from './report.js';

interface DemoOptions {
  readonly file?: string;
  readonly json?: true;
  readonly tamper?: true;
}

const EXAMPLES = `
examples:
  pqsock demo                        64 MiB of random bytes
  pqsock demo --file movie.mp4       a file of yours
  pqsock demo --tamper               a man in the middle, three times, and what comes of it
  pqsock demo --json | jq .          one JSON object a line`;

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('show the handshake between two processes, step by step, and send a file through the connection')
    .option('--file <path>', 'the file that the server sends (default: 64 MiB of random bytes)')
    .option('--tamper', 'put a man in the middle, who is refused')
    .option('--json', 'one JSON object a line instead of text')
    .addHelpText('after', EXAMPLES)
    .action(runDemo);
  // The other process of the demo; it talks to the first over Node's channel between processes.
  program.command('demo-server', { hidden: true }).option('--file <path>').action(serveDemo);
}

async function runDemo({ file, json, tamper }: DemoOptions): Promise<void> {
  if (file !== undefined) await requireFile(file);
  const view = json === true ? new JsonDemoView() : new TextDemoView();
  const server = new DemoServerProcess(file);
  try {
    const done = tamper === true ? runTamperDemo(server, view) : runDemoClient(server, view);
    if (!(await done)) process.exitCode = EXIT_CODES.failed;
  } finally {
    await server.stop();
  }
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${path} can't be read: ${error.code}`, 'name a file that exists and that you may read');
  });
  if (!found.isFile()) throw new CliError(`${path} is not a file`, 'name a file, not a folder');
}
