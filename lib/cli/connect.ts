/** `pqsock connect`: stdin to a server, and what it says to stdout. */
import type { Command } from 'commander';
import { connect, PqError, type PqSocket } from '../index.js';
import { CLIENT_TRUST_OPTIONS, DAY } from './connection-options.js';
import { credentialsOf } from './credentials.js';
import { formatEndpoint } from './endpoint.js';
import { interruption } from './interruption.js';
import { opened } from './opened.js';
import type { OptionTable } from './option-table.js';
import { KeptPassphrases } from './passphrase-option.js';
import { checkPipeChoices, PIPE_OPTIONS, parsePqEndpoint, pipeReport, pipeStreams } from './pipe-options.js';
import { CliError, EXIT_CODES } from './report.js';
import { runConversation } from './run-conversation.js';
import { addTableOptions, chosenOptions } from './table-options.js';
import { timeLimit } from './time-limit.js';

const TIMEOUT = 10; // seconds

const CONNECT_OPTIONS = {
  ...PIPE_OPTIONS,
  ...CLIENT_TRUST_OPTIONS,
  timeout: {
    kind: 'seconds',
    value: 'seconds',
    least: 0.1,
    most: DAY,
    help: `until the connection is open (default: ${TIMEOUT})`,
  },
} as const satisfies OptionTable;

const EXAMPLES = `
examples:
  # a file to whoever runs the first example of pqsock listen --help, and its checksum back
  pqsock connect pq://host:7443 --identity client.pem --known-hosts hosts.txt < movie.mp4
  # a folder, packed on the way
  tar c photos | pqsock connect pq://host:7443 --identity client.pem --known-hosts hosts.txt --send-only
  # what a server says, to somebody who says nothing
  pqsock connect pq://host:7443 --identity client.pem --trust pqsock1:dilithium5:… < /dev/null

The end of stdin is the end of our data, and the end of the peer's data that of stdout: each goes on without the other.

exit codes: 0 both came to their end; 2 the command line is wrong; 3 a file, stdin or stdout can't be used; 4 one side
  does not trust the other; 5 no connection; 6 it was cut off: what came may not be all; 130, 143 interrupted;
  141 nobody reads stdout, and not all was sent`;

export function addConnect(program: Command): void {
  const verb = program.command('connect <endpoint>');
  verb.description('send stdin to a server, and write to stdout what it says: pq://host:port');
  addTableOptions(verb, CONNECT_OPTIONS);
  verb.addHelpText('after', EXAMPLES);
  verb.action(runConnect);
}

async function runConnect(text: string, options: Record<string, unknown>): Promise<void> {
  const choices = chosenOptions(CONNECT_OPTIONS, options);
  const endpoint = parsePqEndpoint(text, 'to');
  checkPipeChoices(choices);
  const side = { role: 'client', tunnel: 'connect' } as const;
  const { credentials } = await credentialsOf(side, choices, () => {}, new KeptPassphrases());
  const { 'idle-timeout': idle = 0, timeout = TIMEOUT } = choices;
  const [host, port] = [endpoint.host, endpoint.port];
  const where = formatEndpoint(endpoint);
  const signal = interruption();
  const open = async (): Promise<PqSocket> => {
    const late = timeLimit(timeout, `${where} was not reached`, 'look whether pqsock listens there');
    const giveUp = AbortSignal.any([signal, late]);
    const times = { idleTimeout: Math.round(1000 * idle), handshakeTimeout: Math.ceil(1000 * timeout) };
    try {
      return await opened(
        connect({ ...credentials, ...times, host, port, allowHalfOpen: true }),
        'secureConnect',
        giveUp,
      );
    } catch (error) {
      throw giveUp.aborted ? giveUp.reason : notOpened(where, error as Error);
    }
  };
  process.exitCode = await runConversation(open, pipeStreams(choices), pipeReport(choices), signal);
}

/** Ours say what to do themselves, but for what the peer alone knows. */
function notOpened(where: string, error: Error & { readonly code?: string; readonly alert?: string }): Error {
  if (error.alert === 'auth_failed') {
    const hint = 'its list of clients needs our fingerprint: pqsock fingerprint says it of our key';
    return new CliError(`${where} does not trust us: ${error.message}`, hint, EXIT_CODES.refused, error.code);
  }
  if (error instanceof PqError || error.code === undefined) return error;
  const hint = 'look whether pqsock listens there, and whether it can be reached from here';
  return new CliError(`${where} can't be reached`, hint, EXIT_CODES.network, error.code);
}
