/** The metrics of a process: what is counted, of the tunnels also, and the server that shows it. */
import { Metrics } from '../../metrics/metrics.js';
import { formatFamilies } from '../../metrics/text-format.js';
import { formatAddress } from '../endpoint.js';
import type { Log } from '../log.js';
import { isLoopback, type MetricsPlace } from './metrics-place.js';
import { MetricsServer } from './metrics-server.js';
import type { Tunnel } from './tunnel.js';
import { tunnelFamilies } from './tunnel-metrics.js';

export class MetricsService {
  readonly #place: MetricsPlace;
  readonly #metrics = new Metrics();
  readonly #server: MetricsServer;

  /** @param state `ready` if all tunnels take connections; else what the process does instead */
  constructor(place: MetricsPlace, tunnels: () => Iterable<Tunnel>, state: () => string) {
    this.#place = place;
    const text = () => formatFamilies([...this.#metrics.families, ...tunnelFamilies(tunnels())]);
    this.#server = new MetricsServer({ text, state });
  }

  /** Rejects with the system's error if the place is taken. */
  async start(log: Log): Promise<void> {
    const { address, port } = await this.#server.start(this.#place);
    this.#metrics.start();
    const at = `http://${formatAddress(address, port)}/`;
    if (isLoopback(address)) log('info', 'metrics', { at });
    else log('warn', 'metrics for everybody who reaches us', { at });
  }

  stop(): void {
    this.#server.stop();
    this.#metrics.stop();
  }
}
