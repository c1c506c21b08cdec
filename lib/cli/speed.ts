/** `pqsock speed`: how fast this package is on this machine, in a few seconds. */
import type { Command } from 'commander';
import { interruption } from './interruption.js';
import type { OptionTable } from './option-table.js';
import { algorithmMeasurements } from './speed/algorithms.js';
import { connectionMeasurements } from './speed/connections.js';
import { measure } from './speed/measure.js';
import { recordMeasurements } from './speed/records.js';
import { SpeedServerProcess, serveSpeed } from './speed/speed-server.js';
import { JsonSpeedView, type SpeedView, TextSpeedView } from './speed/speed-view.js';
import { addTableOptions } from './table-options.js';

interface SpeedOptions {
  readonly seconds?: number;
  readonly json?: true;
}

const SECONDS = 20;

const OPTIONS = {
  seconds: { kind: 'seconds', value: 'seconds', least: 1, most: 3600, help: `about so long (default: ${SECONDS})` },
} as const satisfies OptionTable;

const EXAMPLES = `
Each figure is the median of nine slices, behind it half of their interquartile range, in percent. Algorithms: an
operation inline, and how many there are a second off the event loop, on all of its threads. Handshakes: from connect
to 'secureConnect', and how many there are a second, ends included. A megabyte is 10^6 bytes. It is a quick look:
\`npm run bench\` in the repository compares with others, and takes its time.

examples:
  pqsock speed
  pqsock speed --seconds 60
  pqsock speed --json | jq -r 'select(.group == "handshakes") | [.name, .how, .perSecond] | @tsv'

exit codes: 0 all was measured; 2 the command line is wrong; 130 and 143 interrupted: what was measured is said`;

export function addSpeed(program: Command): void {
  const speed = program.command('speed');
  speed.description('say how fast the algorithms, handshakes and connections are on this machine');
  addTableOptions(speed, OPTIONS);
  speed.option('--json', 'one JSON object a line instead of text');
  speed.addHelpText('after', EXAMPLES);
  speed.action(runSpeed);
  // The other process, with the servers.
  program.command('speed-server', { hidden: true }).action(serveSpeed);
}

async function runSpeed({ seconds = SECONDS, json }: SpeedOptions): Promise<void> {
  const view = json === true ? new JsonSpeedView() : new TextSpeedView();
  const interrupted = interruption();
  const server = new SpeedServerProcess();
  try {
    await measureAll(server, 1000 * seconds, view, interrupted);
  } finally {
    await server.stop();
  }
}

async function measureAll(
  server: SpeedServerProcess,
  milliseconds: number,
  view: SpeedView,
  signal: AbortSignal,
): Promise<void> {
  const groups = await Promise.all([algorithmMeasurements(), recordMeasurements(), connectionMeasurements(server)]);
  const all = groups.flat();
  view.start(milliseconds / 1000);
  try {
    for (const [i, measurement] of all.entries()) {
      view.progress(measurement, i + 1, all.length);
      view.figure(await measure(measurement, milliseconds / all.length, signal));
    }
  } finally {
    view.end();
  }
}
