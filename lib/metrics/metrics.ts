/** All metrics of the package, by families. Its parts that run are begun and ended here. */
import { operationCounts } from '../crypto/operation-counts.js';
import { ConnectionMetrics } from './connection-metrics.js';
import { EventLoopDelay } from './event-loop-delay.js';
import type { Family } from './family.js';
import { Tally } from './tally.js';

export class Metrics {
  readonly #connections = new ConnectionMetrics();
  readonly #delay = new EventLoopDelay();

  /** Counts what happens from now on; keeps no process alive. */
  start(): void {
    this.#connections.start();
    this.#delay.start();
  }

  stop(): void {
    this.#connections.stop();
    this.#delay.stop();
  }

  get families(): readonly Family[] {
    return [...this.#connections.families, operations(), this.#delay.family, startTime()];
  }
}

/** Of the whole process, from its start. */
function operations(): Family {
  const done = new Tally('counter', 'pqsock_operations_total', 'Lattice operations that were done, in all threads.');
  for (const [operation, count] of Object.entries(operationCounts())) done.add({ operation }, count);
  return done.family;
}

function startTime(): Family {
  const started = new Tally('gauge', 'process_start_time_seconds', 'When the process began, in seconds since 1970.');
  return started.add({}, performance.timeOrigin / 1000).family;
}
