/** `pqsock tunnel`: a secure connection in front of programs that can't be changed. */
import type { Command } from 'commander';
import type { Log } from './log.js';
import { KeptPassphrases } from './passphrase-option.js';
import { CliError, EXIT_CODES } from './report.js';
import { addTableOptions, chosenOptions } from './table-options.js';
import { readConfigFile } from './tunnel/config-file.js';
import { parseMetricsPlace } from './tunnel/metrics-place.js';
import { settingsOf } from './tunnel/settings-of.js';
import {
  type Configuration,
  PROCESS_OPTIONS,
  type ProcessChoices,
  TUNNEL_OPTIONS,
  type TunnelChoices,
} from './tunnel/tunnel-options.js';
import { type ProcessSettings, TunnelProcess } from './tunnel/tunnel-process.js';

const EXAMPLES = `
endpoints: pq://host:port is secure; tcp://host:port and unix:/path are plain text. One of --listen and --to is pq://.

examples:
  # on the machine of the database
  pqsock tunnel --listen pq://0.0.0.0:7443 --to tcp://127.0.0.1:5432 --identity server.pem --authorized-keys clients.txt
  # on the client's, where psql then connects to 127.0.0.1:5433
  pqsock tunnel --listen tcp://127.0.0.1:5433 --to pq://db.example:7443 --identity client.pem --known-hosts hosts.txt
  # several tunnels, each a [[tunnel]] with name, listen, to, identity and the other options as they are called here
  pqsock tunnel --config tunnels.toml --check-config && pqsock tunnel --config tunnels.toml

signals:
  SIGTERM, SIGINT  take no more connections, wait for those that there are, and end; the second one ends them at once
  SIGHUP           read keys and configuration again, for the connections to come

exit codes: 0 ended, and no connection was cut off; 2 the command line or the configuration is wrong;
  3 a file can't be used; 5 can't listen there; 6 connections were cut off at the end`;

export function addTunnel(program: Command): void {
  const tunnel = program.command('tunnel');
  tunnel.description('pass connections on, secured on one side and plain on the other');
  for (const table of [TUNNEL_OPTIONS, PROCESS_OPTIONS]) addTableOptions(tunnel, table);
  tunnel.option('--config <file>', 'tunnels and options from a TOML file');
  tunnel.option('--check-config', 'say whether all is right, keys included, and end');
  tunnel.addHelpText('after', EXAMPLES);
  tunnel.action((options: Record<string, unknown>) => runTunnel(options));
}

async function runTunnel(options: Record<string, unknown>): Promise<void> {
  const file = options['config'] as string | undefined;
  const given: ProcessChoices = chosenOptions(PROCESS_OPTIONS, options);
  const tunnel: TunnelChoices = chosenOptions(TUNNEL_OPTIONS, options);
  const read = async (): Promise<Configuration> => {
    if (file === undefined) return { process: given, tunnels: [tunnel] };
    const { process, tunnels } = await readConfigFile(file);
    return { process: { ...process, ...given }, tunnels };
  };
  const [both] = Object.keys(tunnel);
  if (file !== undefined && both !== undefined) {
    throw new CliError(`--${both} and --config can't be given together`, 'write it into the file', EXIT_CODES.usage);
  }
  const kept = new KeptPassphrases();
  const load = async (log: Log): Promise<ProcessSettings> => {
    const { process, tunnels } = await read();
    const metrics = process.metrics === undefined ? undefined : parseMetricsPlace(process.metrics);
    const settings = await Promise.all(tunnels.map((each) => settingsOf(each, log, kept)));
    kept.end();
    return { process, metrics, tunnels: settings };
  };
  if (options['checkConfig'] === true) {
    const { tunnels } = await load(() => {});
    process.stdout.write(`${file ?? 'the command line'} is right: ${tunnels.map(({ name }) => name).join(', ')}\n`);
    return;
  }
  process.exitCode = await new TunnelProcess(load).run();
}
