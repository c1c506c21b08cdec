/** `pqsock listen`: takes a connection; stdin goes to it, and what it says to stdout. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { createServer, type PqServer, type PqSocket } from '../index.js';
import { Arrivals } from './arrivals.js';
import { cannotListen } from './cannot-listen.js';
import { DAY, SERVER_TRUST_OPTIONS } from './connection-options.js';
import { credentialsOf } from './credentials.js';
import { formatAddress, formatEndpoint, type PqEndpoint } from './endpoint.js';
import { interruption } from './interruption.js';
import { errorFields, type Log } from './log.js';
import type { Choices, OptionTable } from './option-table.js';
import { KeptPassphrases } from './passphrase-option.js';
import {
  checkPipeChoices,
  PIPE_OPTIONS,
  type PipeReport,
  parsePqEndpoint,
  pipeReport,
  pipeStreams,
} from './pipe-options.js';
import { EXIT_CODES } from './report.js';
import { runConversation } from './run-conversation.js';
import { addTableOptions, chosenOptions } from './table-options.js';
import { timeLimit } from './time-limit.js';

const LISTEN_OPTIONS = {
  ...PIPE_OPTIONS,
  ...SERVER_TRUST_OPTIONS,
  'keep-open': { kind: 'flag', help: 'take one connection after the other, and only receive, until a signal ends it' },
  timeout: {
    kind: 'seconds',
    value: 'seconds',
    least: 0.1,
    most: DAY,
    help: 'how long to wait for a connection (default: for ever)',
  },
} as const satisfies OptionTable;

const EXAMPLES = `
examples:
  # a file, and its checksum back to who sent it
  mkfifo back; pqsock listen pq://0.0.0.0:7443 --identity server.pem --authorized-keys clients.txt < back |
    tee movie.mp4 | sha256sum > back
  # a folder, unpacked as it comes
  pqsock listen pq://0.0.0.0:7443 --identity server.pem --authorized-keys clients.txt --recv-only | tar x
  # on any port that is free, which stderr says: … listening: listen=pq://127.0.0.1:40719
  pqsock listen pq://127.0.0.1:0 --identity server.pem --trust pqsock1:dilithium5:… < answer
  # whatever comes, from one client after the other
  pqsock listen pq://0.0.0.0:7443 --identity server.pem --authorized-keys clients.txt --keep-open >> log.txt

Who is not trusted is refused, and it goes on listening. The end of stdin is the end of our data, and the end of the
peer's data that of stdout: each goes on without the other.

exit codes: 0 both came to their end, or --keep-open was ended between two connections; 2 the command line is wrong;
  3 a file, stdin or stdout can't be used; 5 can't listen there, or nobody came in time; 6 the connection was cut off:
  what came may not be all; 130, 143 interrupted; 141 nobody reads stdout, and not all was sent`;

export function addListen(program: Command): void {
  const verb = program.command('listen <endpoint>');
  verb.description('take a connection, send it stdin, and write to stdout what it says: pq://address:port');
  addTableOptions(verb, LISTEN_OPTIONS);
  verb.addHelpText('after', EXAMPLES);
  verb.action(runListen);
}

async function runListen(text: string, options: Record<string, unknown>): Promise<void> {
  const given = chosenOptions(LISTEN_OPTIONS, options);
  const choices = given['keep-open'] === true ? { ...given, 'recv-only': true } : given;
  const endpoint = parsePqEndpoint(text, 'listen');
  checkPipeChoices(choices);
  const report = pipeReport(choices);
  const { log } = report;
  const side = { role: 'server', tunnel: 'listen' } as const;
  const broken = (error: Error) => log('error', 'nobody is trusted any more', errorFields(error));
  const { credentials } = await credentialsOf(side, choices, broken, new KeptPassphrases());
  const idleTimeout = Math.round(1000 * (choices['idle-timeout'] ?? 0));
  const server = createServer({ ...credentials, idleTimeout, allowHalfOpen: true });
  const signal = interruption();
  const arrivals = new Arrivals(server, log);
  await startListening(server, endpoint, log);
  const serve = choices['keep-open'] === true ? serveAll : serveOne;
  try {
    process.exitCode = await serve(arrivals, choices, report, signal);
  } finally {
    arrivals.end();
  }
}

async function startListening(server: PqServer, { host, port }: PqEndpoint, log: Log): Promise<void> {
  try {
    await once(server.listen({ host, port }), 'listening');
  } catch (error) {
    throw cannotListen('pqsock', formatAddress(host, port), error);
  }
  const { port: chosen } = server.address() as AddressInfo;
  log('info', 'listening', { listen: formatEndpoint({ scheme: 'pq', host, port: chosen }) });
}

type ListenChoices = Choices<typeof LISTEN_OPTIONS>;

async function serveOne(
  arrivals: Arrivals,
  choices: ListenChoices,
  report: PipeReport,
  signal: AbortSignal,
): Promise<number> {
  const open = async (): Promise<PqSocket> => {
    const socket = await arrivals.next(waiting(choices, signal));
    arrivals.close();
    return socket;
  };
  return runConversation(open, pipeStreams(choices), report, signal);
}

/** Returns when a signal has ended it, nobody came in time, or stdout can't be written any more. */
async function serveAll(
  arrivals: Arrivals,
  choices: ListenChoices,
  report: PipeReport,
  signal: AbortSignal,
): Promise<number> {
  const streams = { ...pipeStreams(choices), endOutput: () => {} };
  for (;;) {
    let socket: PqSocket;
    try {
      socket = await arrivals.next(waiting(choices, signal));
    } catch (error) {
      if (signal.aborted) return EXIT_CODES.ok;
      return runConversation(() => Promise.reject(error), streams, report, signal);
    }
    const exitCode = await runConversation(
      async () => socket,
      { ...streams, input: Readable.from([]) },
      report,
      signal,
    );
    if (signal.aborted || streams.output.errored) return exitCode;
  }
}

function waiting({ timeout }: ListenChoices, signal: AbortSignal): AbortSignal {
  if (timeout === undefined) return signal;
  return AbortSignal.any([signal, timeLimit(timeout, 'nobody whom we trust came', 'look at what refused them')]);
}
