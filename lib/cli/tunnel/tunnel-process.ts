/** The tunnels of a process, from their start to their end, and what signals do to them. */
import { setTimeout as pause } from 'node:timers/promises';
import { cannotListen } from '../cannot-listen.js';
import { formatAddress, formatEndpoint } from '../endpoint.js';
import { errorFields, type Log, type LogFormat, type LogLevel, makeLog } from '../log.js';
import { CliError, EXIT_CODES } from '../report.js';
import type { MetricsPlace } from './metrics-place.js';
import { MetricsService } from './metrics-service.js';
import { Tunnel } from './tunnel.js';
import { DRAIN_TIMEOUT, type ProcessChoices } from './tunnel-options.js';
import type { TunnelSettings } from './tunnel-settings.js';

/** All that the process is told; read once more when it is told to. */
export interface ProcessSettings {
  readonly process: ProcessChoices;
  /** Where metrics are served, if they are. */
  readonly metrics: MetricsPlace | undefined;
  readonly tunnels: readonly TunnelSettings[];
}

export class TunnelProcess {
  readonly #load: (log: Log) => Promise<ProcessSettings>;
  readonly #tunnels = new Map<string, Tunnel>();
  /** Those that are no longer among the settings, and have connections still. */
  readonly #leaving = new Set<Tunnel>();
  #choices: ProcessChoices = {};
  #metrics: MetricsService | undefined;
  #state: 'starting' | 'ready' | 'draining' = 'starting';
  #write = makeLog({ format: 'lines', level: 'info' });
  #signals = 0;
  #onSignal: () => void = () => {};
  /** What is done about SIGHUP: one after the other. */
  #reloaded: Promise<void> = Promise.resolve();

  constructor(load: (log: Log) => Promise<ProcessSettings>) {
    this.#load = load;
  }

  /**
   * Runs until a signal ends it, and the connections that there are then.
   *
   * @returns the exit code
   * @throws CliError if a tunnel can't be started; none is left then
   */
  async run(): Promise<number> {
    const end = (): void => {
      this.#signals += 1;
      this.#onSignal();
    };
    const reload = (): void => {
      this.#reloaded = this.#reloaded.then(() => this.#reload());
    };
    process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', reload);
    try {
      const started = this.#start();
      this.#reloaded = started.catch(() => {}); // so that nothing is read again before
      await started;
      this.#state = 'ready';
      setInterval(() => this.#endUntrusted(), TRUST_INTERVAL).unref();
      await this.#signalled(1);
      return await this.#drain();
    } finally {
      this.#metrics?.stop();
      process.off('SIGINT', end).off('SIGTERM', end).off('SIGHUP', reload);
    }
  }

  async #start(): Promise<void> {
    const { process: choices, metrics, tunnels } = await this.#load(this.#log);
    this.#use(choices);
    if (metrics !== undefined) await this.#serveMetrics(metrics);
    await this.#add(tunnels);
  }

  /** Before there are connections, so that all of them are counted. */
  async #serveMetrics(place: MetricsPlace): Promise<void> {
    const listening = () => [...this.#tunnels.values()].every((tunnel) => tunnel.listening);
    const state = () => (this.#state !== 'ready' || listening() ? this.#state : 'not listening');
    this.#metrics = new MetricsService(place, () => this.#all, state);
    try {
      await this.#metrics.start(this.#log);
    } catch (error) {
      throw cannotListen('metrics', formatAddress(place.host, place.port), error);
    }
  }

  get #all(): Tunnel[] {
    return [...this.#tunnels.values(), ...this.#leaving];
  }

  /** Resolves when there were so many signals to end. */
  async #signalled(count: number): Promise<void> {
    while (this.#signals < count) {
      await new Promise<void>((resolve) => {
        this.#onSignal = resolve;
      });
    }
  }

  async #drain(): Promise<number> {
    const seconds = this.#choices['drain-timeout'] ?? DRAIN_TIMEOUT;
    this.#state = 'draining';
    const tunnels = this.#all;
    const left = () => tunnels.reduce((sum, { counts: { open, waiting } }) => sum + open + waiting, 0);
    this.#log('info', 'draining', { connections: left(), seconds });
    const drained = Promise.all(tunnels.map((tunnel) => tunnel.drain()));
    const limit = new AbortController();
    const late = pause(1000 * seconds, undefined, { signal: limit.signal }).catch(() => {});
    await Promise.race([drained, late, this.#signalled(2)]);
    limit.abort();
    const reset = left();
    for (const tunnel of tunnels) tunnel.stop();
    await drained;
    this.#log(reset === 0 ? 'info' : 'warn', 'stopped', { reset });
    return reset === 0 ? EXIT_CODES.ok : EXIT_CODES.cutOff;
  }

  #endUntrusted(): void {
    for (const tunnel of this.#all) tunnel.endUntrusted();
  }

  /** All of it, or nothing. */
  async #reload(): Promise<void> {
    if (this.#signals > 0) return;
    try {
      const { process: choices, tunnels } = await this.#load(this.#log);
      if (choices.metrics !== this.#choices.metrics) {
        throw new CliError('metrics can’t be moved, begun or ended while it runs', 'start it anew');
      }
      for (const settings of tunnels) this.#checkPlace(settings);
      await this.#add(tunnels.filter(({ name }) => !this.#tunnels.has(name)));
      for (const settings of tunnels) this.#tunnels.get(settings.name)?.reload(settings);
      const names = new Set(tunnels.map(({ name }) => name));
      for (const [name, tunnel] of this.#tunnels) if (!names.has(name)) this.#remove(name, tunnel);
      this.#use(choices);
      this.#log('info', 'reloaded', { tunnels: tunnels.length });
    } catch (error) {
      this.#log('error', 'not reloaded: nothing has changed', errorFields(error));
    }
  }

  /** @throws CliError unless the tunnel is new, or listens where it did */
  #checkPlace({ name, route }: TunnelSettings): void {
    const before = this.#tunnels.get(name)?.settings.route.listen;
    const [was, is] = [before ?? route.listen, route.listen].map(formatEndpoint);
    if (was === is) return;
    throw new CliError(`${name} listens on ${was}, and not on ${is}`, 'give it another name, or start it anew');
  }

  /** Starts some; if one of them can't be, none of them stays. */
  async #add(settings: readonly TunnelSettings[]): Promise<void> {
    const started: Tunnel[] = [];
    try {
      for (const each of settings) {
        const tunnel = new Tunnel(each, this.#log);
        await tunnel.start();
        started.push(tunnel);
      }
    } catch (error) {
      for (const tunnel of started) tunnel.stop();
      const { name, route } = settings[started.length] as TunnelSettings;
      throw cannotListen(name, formatEndpoint(route.listen), error);
    }
    for (const tunnel of started) this.#tunnels.set(tunnel.settings.name, tunnel);
  }

  #remove(name: string, tunnel: Tunnel): void {
    this.#tunnels.delete(name);
    this.#leaving.add(tunnel);
    void tunnel.drain().then(() => this.#leaving.delete(tunnel));
  }

  #use(choices: ProcessChoices): void {
    this.#choices = choices;
    const format = (choices['log-format'] ?? 'lines') as LogFormat;
    const level = (choices['log-level'] ?? 'info') as LogLevel;
    this.#write = makeLog({ format, level });
  }

  readonly #log: Log = (...event) => this.#write(...event);
}

/** Milliseconds from one look at whether the peers of open connections are still trusted to the next. */
const TRUST_INTERVAL = 2_000;
