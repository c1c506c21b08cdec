/** `pqsock demo`: a client and a server in two processes, real TCP, and a file from one to the other. */
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { Profile, SuiteName } from '../index.js';
import { runDemoClient } from './demo-client.js';
import { DEFAULT_SUITE, DEMO_PROFILES, type DemoChoice } from './demo-profile.js';
import { DemoServerProcess, serveDemo } from './demo-server.js';
import { runTamperDemo } from './demo-tamper.js';
import { JsonDemoView, TextDemoView } from './demo-view.js';
import { CliError, EXIT_CODES } from './report.js';
import { SUITE_NAMES } from './suite-algorithms.js';

interface DemoOptions {
  readonly profile: Profile;
  readonly suite?: SuiteName;
  readonly file?: string;
  readonly json?: true;
  readonly tamper?: true;
}

const EXAMPLES = `
examples:
  pqsock demo                             64 MiB of random bytes
  pqsock demo --file movie.mp4            a file of yours
  pqsock demo --suite mlkem1024-mldsa87   the algorithms of FIPS 203 and 204
  pqsock demo --profile seed              the older exchange that the protocol grew out of
  pqsock demo --tamper                    a man in the middle, several times, and what comes of it
  pqsock demo --json | jq .               one JSON object a line

exit codes: 0 all went well; 1 it did not; 2 the command line is wrong; 3 the file can't be read`;

export function addDemo(program: Command): void {
  const demo = program.command('demo');
  demo.description('show the handshake between two processes, step by step, and send a file through the connection');
  demo.option('--file <path>', 'the file that the server sends (default: 64 MiB of random bytes)');
  for (const option of choiceOptions()) demo.addOption(option);
  demo.option('--tamper', 'put a man in the middle, who is refused');
  demo.option('--json', 'one JSON object a line instead of text');
  demo.addHelpText('after', EXAMPLES);
  demo.action(runDemo);
  // The other process of the demo; it talks to the first over Node's channel between processes.
  const server = program.command('demo-server', { hidden: true }).option('--file <path>');
  for (const option of choiceOptions()) server.addOption(option);
  server.action(serveDemo);
}

function choiceOptions(): Option[] {
  const profile = new Option('--profile <name>', 'the protocol').choices(Object.keys(DEMO_PROFILES));
  const suite = new Option('--suite <name>', `the algorithms, in the hardened profile (default: ${DEFAULT_SUITE})`);
  return [profile.default('hardened'), suite.choices(SUITE_NAMES)];
}

async function runDemo({ profile, suite, file, json, tamper }: DemoOptions): Promise<void> {
  const choice: DemoChoice = { profile, suite };
  if (profile === 'seed' && suite !== undefined) {
    throw new CliError('the seed profile has no suites', 'leave out --suite, or --profile', EXIT_CODES.usage);
  }
  if (file !== undefined) await requireFile(file);
  const view = json === true ? new JsonDemoView() : new TextDemoView();
  const server = new DemoServerProcess(choice, file);
  try {
    const done = tamper === true ? runTamperDemo(choice, server, view) : runDemoClient(choice, server, view);
    if (!(await done)) process.exitCode = EXIT_CODES.failed;
  } finally {
    await server.stop();
  }
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      `${path} can't be read: ${error.code}`,
      'name a file that exists and that you may read',
      EXIT_CODES.file,
    );
  });
  if (!found.isFile()) throw new CliError(`${path} is not a file`, 'name a file, not a folder', EXIT_CODES.file);
}
