/** The metrics of tunnels: what passes, what is refused, and tunnels of one name. */
import { once } from 'node:events';
import type { Tunnel } from '../../../lib/cli/tunnel/tunnel.js';
import { tunnelFamilies } from '../../../lib/cli/tunnel/tunnel-metrics.js';
import { formatFamilies } from '../../../lib/metrics/text-format.js';
import { readMetrics } from '../../support/metrics-text.js';
import { type Identities, identities } from '../../support/pair.js';
import { Tunnels } from '../../support/tunnels.js';

let both: Identities;
let tunnels: Tunnels;
beforeAll(async () => {
  both = await identities();
});
beforeEach(async () => {
  tunnels = await Tunnels.make(both, (socket) => socket.pipe(socket));
});
afterEach(() => tunnels.close());

function valuesOf(...some: readonly Tunnel[]): Record<string, number> {
  const text = formatFamilies(tunnelFamilies(some));
  return Object.fromEntries([...readMetrics(text).values()].flatMap(({ samples }) => [...samples]));
}

describe('the metrics of a tunnel', () => {
  it('count what passes, and who is open', async () => {
    const { server, client } = await tunnels.both();
    const socket = await tunnels.connect(client);
    socket.write('four');
    await once(socket, 'data');
    expect(valuesOf(server, client)).toMatchObject({
      'pqsock_tunnel_accepted_total{tunnel="server"}': 1,
      'pqsock_tunnel_connections{tunnel="server",state="open"}': 1,
      'pqsock_tunnel_connections{tunnel="server",state="waiting"}': 0,
      'pqsock_tunnel_bytes_total{tunnel="server",direction="up"}': 4,
      'pqsock_tunnel_bytes_total{tunnel="server",direction="down"}': 4,
      'pqsock_tunnel_ended_total{tunnel="server",result="completed"}': 0,
      'pqsock_tunnel_connections{tunnel="client",state="open"}': 1,
    });
    socket.end();
    await Promise.all(['server', 'client'].map((name) => tunnels.logged('connection closed', name)));
    await Promise.all([server, client].map((tunnel) => tunnel.drain()));
    expect(valuesOf(server)).toMatchObject({
      'pqsock_tunnel_connections{tunnel="server",state="open"}': 0,
      'pqsock_tunnel_ended_total{tunnel="server",result="completed"}': 1,
      'pqsock_tunnel_bytes_total{tunnel="server",direction="up"}': 4,
    });
  });

  it('count who is refused, and what fails', async () => {
    const { server, client } = await tunnels.both({
      credentials: { identity: both.server, trust: both.server.fingerprint },
    });
    const refused = await tunnels.connect(client);
    await new Promise((resolve) => refused.once('close', resolve));
    await tunnels.logged('connection refused', 'server');
    expect(valuesOf(server, client)).toMatchObject({
      'pqsock_tunnel_ended_total{tunnel="server",result="refused"}': 1,
      'pqsock_tunnel_ended_total{tunnel="client",result="failed"}': 1,
    });
  });

  it('add up tunnels of one name', async () => {
    const [first, second] = [await tunnels.server({ name: 'db' }), await tunnels.server({ name: 'db' })];
    for (const tunnel of [first, second]) {
      const near = await tunnels.client(tunnel);
      const socket = await tunnels.connect(near);
      socket.write('x');
      await once(socket, 'data');
    }
    expect(valuesOf(first, second)).toMatchObject({
      'pqsock_tunnel_accepted_total{tunnel="db"}': 2,
      'pqsock_tunnel_connections{tunnel="db",state="open"}': 2,
      'pqsock_tunnel_retries_total{tunnel="db"}': 0,
    });
  });
});
