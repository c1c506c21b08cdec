/** Counts the connections of this thread by what the diagnostics channels tell of them. */
import {
  type ConnectionBeginMessage,
  type ConnectionCloseMessage,
  type ConnectionErrorMessage,
  type ConnectionMessage,
  type ConnectionOpenMessage,
  type ConnectionTraffic,
  connectionBegin,
  connectionClose,
  connectionError,
  connectionOpen,
} from '../channels.js';
import { errorLabel } from './error-label.js';
import type { Family } from './family.js';
import { Histogram } from './histogram.js';
import { Tally } from './tally.js';

type Role = ConnectionMessage['role'];

/** A connection that has not ended. */
interface Current {
  readonly role: Role;
  readonly traffic: () => ConnectionTraffic;
  open: boolean;
  failed: boolean;
}

export class ConnectionMetrics {
  readonly #handshakes = new Tally(
    'counter',
    'pqsock_handshakes_total',
    'Handshakes that are over: completed, failed with an error, or abandoned by our own side.',
  );
  readonly #durations = new Histogram(
    'pqsock_handshake_duration_seconds',
    'From the beginning of a connection, a client’s before it is connected, to the end of a completed handshake.',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  readonly #errors = new Tally('counter', 'pqsock_errors_total', 'Connections that ended with an error, by its code.');
  readonly #current = new Map<unknown, Current>();
  /** Of those that have ended. */
  readonly #ended: Record<Role, ConnectionTraffic[]> = { client: [], server: [] };

  /** Only connections that begin from now on are counted as pending and open. */
  start(): void {
    for (const [channel, listener] of this.#listeners) channel.subscribe(listener);
  }

  stop(): void {
    for (const [channel, listener] of this.#listeners) channel.unsubscribe(listener);
  }

  get families(): readonly Family[] {
    const { family: durations } = this.#durations;
    return [this.#handshakes.family, durations, this.#states(), ...this.#traffic(), this.#errors.family];
  }

  readonly #listeners = [
    [connectionBegin, (message: unknown) => this.#begin(message as ConnectionBeginMessage)],
    [connectionOpen, (message: unknown) => this.#open(message as ConnectionOpenMessage)],
    [connectionError, (message: unknown) => this.#error(message as ConnectionErrorMessage)],
    [connectionClose, (message: unknown) => this.#close(message as ConnectionCloseMessage)],
  ] as const;

  #begin({ socket, role, traffic }: ConnectionBeginMessage): void {
    this.#current.set(socket, { role, traffic, open: false, failed: false });
  }

  #open({ socket, role, suite = 'seed', elapsed }: ConnectionOpenMessage): void {
    const connection = this.#current.get(socket);
    if (connection !== undefined) connection.open = true;
    this.#handshakes.add({ role, result: 'completed', suite });
    this.#durations.observe({ role }, elapsed / 1000);
  }

  #error({ socket, role, error }: ConnectionErrorMessage): void {
    const connection = this.#current.get(socket);
    if (connection !== undefined) connection.failed = true;
    this.#errors.add({ role, code: errorLabel(error) });
  }

  #close({ socket, role, opened, ...traffic }: ConnectionCloseMessage): void {
    const failed = this.#current.get(socket)?.failed;
    this.#current.delete(socket);
    if (!opened) this.#handshakes.add({ role, result: failed ? 'failed' : 'abandoned', suite: 'none' });
    this.#ended[role] = [sum([...this.#ended[role], traffic])];
  }

  #states(): Family {
    const states = new Tally('gauge', 'pqsock_connections', 'Connections now; pending: before their handshake’s end.');
    for (const role of ROLES) states.add({ role, state: 'pending' }, 0).add({ role, state: 'open' }, 0);
    for (const { role, open } of this.#current.values()) states.add({ role, state: open ? 'open' : 'pending' });
    return states.family;
  }

  #traffic(): Family[] {
    const data = new Tally('counter', 'pqsock_data_bytes_total', 'Bytes of data, of open connections also.');
    const wire = new Tally('counter', 'pqsock_wire_bytes_total', 'Bytes on the wire, those of handshakes among them.');
    const current = [...this.#current.values()];
    for (const role of ROLES) {
      const open = current.filter((connection) => connection.role === role).map(({ traffic }) => traffic());
      const all = sum([...this.#ended[role], ...open]);
      data.add({ role, direction: 'received' }, all.bytesRead).add({ role, direction: 'sent' }, all.bytesWritten);
      wire.add({ role, direction: 'received' }, all.transportBytesRead);
      wire.add({ role, direction: 'sent' }, all.transportBytesWritten);
    }
    return [data.family, wire.family];
  }
}

const ROLES: readonly Role[] = ['client', 'server'];

function sum(traffic: readonly ConnectionTraffic[]) {
  const of = (member: keyof ConnectionTraffic) => traffic.reduce((total, one) => total + (one[member] ?? 0), 0);
  return {
    bytesRead: of('bytesRead'),
    bytesWritten: of('bytesWritten'),
    transportBytesRead: of('transportBytesRead'),
    transportBytesWritten: of('transportBytesWritten'),
  };
}
