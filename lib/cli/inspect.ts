/** `pqsock inspect`: what a file with keys holds, or what a server offers. */
import { promises as fs, type Stats } from 'node:fs';
import type { Command } from 'commander';
import { type Endpoint, parseEndpoint } from './endpoint.js';
import { inspectFile } from './inspect-file.js';
import { inspectServer } from './inspect-server.js';
import { readable } from './named-file.js';
import type { OptionTable } from './option-table.js';
import { addPassphraseOptions, type PassphraseChoices } from './passphrase-option.js';
import { CliError, EXIT_CODES, reportError } from './report.js';
import { alignedRows } from './rows.js';
import { addTableOptions } from './table-options.js';

interface InspectOptions extends PassphraseChoices {
  readonly timeout?: number;
  readonly json?: true;
}

/** Seconds. */
const TIMEOUT = 5;

const OPTIONS = {
  timeout: {
    kind: 'seconds',
    value: 'seconds',
    least: 0.1,
    most: 3600,
    help: `that a server has to say what it offers (default: ${TIMEOUT})`,
  },
} as const satisfies OptionTable;

const EXAMPLES = `
examples:
  pqsock inspect server.pem               a key, secret or public, in PEM or as a JWK: all but the secret
  pqsock inspect server.pem --passphrase-file FILE
  pqsock inspect clients.txt              a file of --authorized-keys or --known-hosts: how many keys, or what is wrong
  pqsock inspect pq://db.example:7443     a server: what it offers; db.example:7443 is the same
  pqsock inspect /run/db.sock             one on a Unix socket, also unix:/run/db.sock
  pqsock inspect db.example:7443 --json | jq -r '.keys[].fingerprint'

Of a server nothing is proven, as it proves something only to a client with an identity: who is in between can show
other keys. Compare the fingerprint with one that you have from elsewhere before you trust it.

exit codes: 0 all is well; 2 the command line is wrong; 3 the file can't be used; 5 there is no such server`;

export function addInspect(program: Command): void {
  const inspect = program.command('inspect <what>');
  inspect.description('say what is in a file with keys, or what a server offers');
  addPassphraseOptions(inspect);
  addTableOptions(inspect, OPTIONS);
  inspect.option('--json', 'one JSON object instead of text');
  inspect.addHelpText('after', EXAMPLES);
  inspect.action(runInspect);
}

async function runInspect(what: string, options: InspectOptions): Promise<void> {
  const found = await subjectOf(what);
  const { rows, json, problem } =
    'scheme' in found
      ? await inspectServer(found, Math.round(1000 * (options.timeout ?? TIMEOUT)))
      : await readable(what, () => inspectFile(what, found, options));
  process.stdout.write(options.json === true ? `${JSON.stringify(json)}\n` : alignedRows(rows));
  if (problem === undefined) return;
  reportError(problem);
  process.exitCode = problem.exitCode;
}

/** A file of such a name comes before a host and a port. */
async function subjectOf(what: string): Promise<Endpoint | Stats> {
  if (/^(\w+:\/\/|unix:)/.test(what)) return serverOf(what);
  const stat = await fs.stat(what).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || !/:\d+$/.test(what)) return readable(what, () => Promise.reject(error));
    return undefined;
  });
  if (stat === undefined) return serverOf(`pq://${what}`);
  return stat.isSocket() ? { scheme: 'unix', path: what } : stat;
}

function serverOf(text: string): Endpoint {
  const server = parseEndpoint(text, 'to');
  if (server.scheme !== 'tcp') return server;
  throw new CliError(`${text} is plain text, which offers nothing`, 'write pq://host:port', EXIT_CODES.usage);
}
