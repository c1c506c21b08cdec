/** The options that `listen` and `connect` have in common, and what follows from them. */
import { Readable, Writable } from 'node:stream';
import { CREDENTIAL_OPTIONS, IDLE_OPTIONS } from './connection-options.js';
import { type Endpoint, type EndpointUse, type PqEndpoint, parseEndpoint } from './endpoint.js';
import { type Log, makeLog } from './log.js';
import type { Choices, OptionTable } from './option-table.js';
import { CliError, EXIT_CODES, reportError } from './report.js';
import { type DataStreams, standardStreams } from './standard-streams.js';

export const PIPE_OPTIONS = {
  ...CREDENTIAL_OPTIONS,
  ...IDLE_OPTIONS,
  'send-only': { kind: 'flag', help: 'write nothing to stdout' },
  'recv-only': { kind: 'flag', help: 'send nothing: stdin is not read' },
  verbose: { kind: 'flag', help: 'say on stderr who the peer is, and what has passed' },
  json: { kind: 'flag', help: 'say so as JSON objects, one a line, the last of which says what became of it' },
} as const satisfies OptionTable;

export type PipeChoices = Choices<typeof PIPE_OPTIONS>;

/** @throws CliError unless it is `pq://`: nothing is sent as plain text */
export function parsePqEndpoint(text: string, use: EndpointUse): PqEndpoint {
  const endpoint: Endpoint = parseEndpoint(text, use);
  if (endpoint.scheme === 'pq') return endpoint;
  const hint = 'write pq://host:port; for a plain connection there is pqsock tunnel, in front of it';
  throw new CliError(`${JSON.stringify(text)} would be plain text`, hint, EXIT_CODES.usage);
}

/** @throws CliError for choices that contradict each other */
export function checkPipeChoices(choices: PipeChoices): void {
  if (choices['send-only'] === true && choices['recv-only'] === true) {
    throw new CliError('nothing would pass', 'leave out --send-only or --recv-only', EXIT_CODES.usage);
  }
  if (choices['passphrase-fd'] === 0) {
    const hint = 'use another descriptor, or --passphrase-file';
    throw new CliError("stdin can't be both the data and a passphrase", hint, EXIT_CODES.usage);
  }
}

/** How it is said what becomes of a connection. */
export interface PipeReport {
  readonly log: Log;
  /** Says what has gone wrong; nothing in JSON, where the log has it. */
  readonly report: (error: unknown) => void;
}

export function pipeReport({ verbose, json }: PipeChoices): PipeReport {
  if (json === true) return { log: makeLog({ format: 'json', level: 'debug' }), report: () => {} };
  return { log: makeLog({ format: 'lines', level: verbose === true ? 'debug' : 'info' }), report: reportError };
}

/** stdin and stdout, or what stands in for the one that is not used. */
export function pipeStreams(choices: PipeChoices): DataStreams {
  const streams = standardStreams();
  if (choices['recv-only'] === true) return { ...streams, input: Readable.from([]) };
  if (choices['send-only'] !== true) return streams;
  return { ...streams, output: new Writable({ write: (_chunk, _encoding, done) => done() }) };
}
