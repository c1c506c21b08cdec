/** What the tunnels of a process count, as metrics. */
import type { Family } from '../../metrics/family.js';
import { Tally } from '../../metrics/tally.js';
import type { Tunnel } from './tunnel.js';

/** Those of one name are one: one that drains, and one that has come after it. */
export function tunnelFamilies(tunnels: Iterable<Tunnel>): Family[] {
  const accepted = new Tally('counter', 'pqsock_tunnel_accepted_total', 'Connections that came to a tunnel.');
  const ended = new Tally('counter', 'pqsock_tunnel_ended_total', 'Connections of a tunnel that are over.');
  const current = new Tally('gauge', 'pqsock_tunnel_connections', 'Open, or waiting for the far end.');
  const retries = new Tally('counter', 'pqsock_tunnel_retries_total', 'Attempts to reach the far end that failed.');
  const bytes = new Tally(
    'counter',
    'pqsock_tunnel_bytes_total',
    'Bytes of data from those who connected, and to them.',
  );
  for (const { settings, counts } of tunnels) {
    const tunnel = settings.name;
    accepted.add({ tunnel }, counts.accepted);
    for (const result of ['completed', 'failed', 'refused'] as const) ended.add({ tunnel, result }, counts[result]);
    for (const state of ['open', 'waiting'] as const) current.add({ tunnel, state }, counts[state]);
    retries.add({ tunnel }, counts.retries);
    bytes.add({ tunnel, direction: 'up' }, counts.bytesUp).add({ tunnel, direction: 'down' }, counts.bytesDown);
  }
  return [accepted, ended, current, retries, bytes].map(({ family }) => family);
}
