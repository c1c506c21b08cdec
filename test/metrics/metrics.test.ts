/** The metrics of real connections: each of them moves, and by how much. */
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import type { PqSocket } from '../../lib/index.js';
import { errorLabel } from '../../lib/metrics/error-label.js';
import { Metrics } from '../../lib/metrics/metrics.js';
import { formatFamilies } from '../../lib/metrics/text-format.js';
import { fateOf } from '../net/fate.js';
import { readMetrics } from '../support/metrics-text.js';
import { comesTo, type Identities, identities, TestServer } from '../support/pair.js';
import { clientErrorOf, TestServer as SeedServer, seedIdentities } from '../support/seed-pair.js';

let both: Identities;
let server: TestServer;
let metrics: Metrics;
beforeAll(async () => {
  both = await identities();
});
beforeEach(async () => {
  server = await TestServer.listen(both);
  metrics = new Metrics();
  metrics.start();
});
afterEach(async () => {
  metrics.stop();
  await server.close();
});

/** The value of a sample, as it stands in the text; undefined if there is none. */
function value(sample: string): number | undefined {
  const families = readMetrics(formatFamilies(metrics.families));
  return [...families.values()].map(({ samples }) => samples.get(sample)).find((one) => one !== undefined);
}

const connections = (role: string, state: string) => value(`pqsock_connections{role="${role}",state="${state}"}`);
const completed = (role: string) =>
  value(`pqsock_handshakes_total{role="${role}",result="completed",suite="kyber1024-dilithium5"}`);
const over = (role: string, result: string) =>
  value(`pqsock_handshakes_total{role="${role}",result="${result}",suite="none"}`);

describe('the metrics', () => {
  it('count completed handshakes by suite, their durations, and who is open', async () => {
    for (const role of ['client', 'server'])
      expect([completed(role), connections(role, 'open')]).toEqual([undefined, 0]);
    const pair = await server.connected();
    await server.connected();
    for (const role of ['client', 'server']) {
      expect([completed(role), connections(role, 'open'), connections(role, 'pending')]).toEqual([2, 2, 0]);
      expect(value(`pqsock_handshake_duration_seconds_count{role="${role}"}`)).toBe(2);
      expect(value(`pqsock_handshake_duration_seconds_bucket{role="${role}",le="0.001"}`)).toBe(0);
      expect(value(`pqsock_handshake_duration_seconds_bucket{role="${role}",le="10"}`)).toBe(2);
    }
    const fates = [fateOf(pair.client), fateOf(pair.server)];
    pair.client.end();
    await Promise.all(fates);
    for (const role of ['client', 'server']) expect([completed(role), connections(role, 'open')]).toEqual([2, 1]);
    expect(over('client', 'abandoned')).toBeUndefined();
  });

  it('count bytes while a connection is open, and no less when it has ended', async () => {
    const { client, server: accepted } = await server.connected();
    accepted.write(Buffer.alloc(1000));
    await once(client, 'data');
    const bytes = () =>
      ['data', 'wire'].map((kind) => value(`pqsock_${kind}_bytes_total{role="client",direction="received"}`));
    const record = 4 + 1000 + 1 + 16;
    expect(bytes()).toEqual([1000, 8883 + record]);
    const fates = [fateOf(client), fateOf(accepted)];
    accepted.end();
    client.end('four');
    await Promise.all(fates);
    expect(bytes()).toEqual([1000, 8883 + record + 4 + 1 + 16]);
    expect(value('pqsock_data_bytes_total{role="client",direction="sent"}')).toBe(4);
    expect(value('pqsock_data_bytes_total{role="server",direction="received"}')).toBe(4);
    const second = await server.connected();
    second.server.write('more');
    await once(second.client, 'data');
    expect(bytes()[0]).toBe(1004);
    second.client.destroy();
    expect(bytes()[0]).toBe(1004);
  });

  it('count who is refused, by the error of each side', async () => {
    const refused = clientErrorOf(server.server);
    const client = server.connect({ identity: both.server, trust: both.server.fingerprint });
    await Promise.all([refused, comesTo(client)]);
    const failed = (await refused) as Error & { code: string };
    expect([over('client', 'failed'), over('server', 'failed')]).toEqual([1, 1]);
    expect(value(`pqsock_errors_total{role="server",code="${failed.code}"}`)).toBe(1);
    for (const role of ['client', 'server'])
      expect([completed(role), connections(role, 'pending')]).toEqual([undefined, 0]);
  });

  it('count a handshake as pending from its beginning, and as abandoned when our side gives it up', async () => {
    const silent = connectPlain(server.port, '127.0.0.1').on('error', () => {});
    await once(silent, 'data');
    expect(connections('server', 'pending')).toBe(1);
    const client: PqSocket = server.connect();
    expect(connections('client', 'pending')).toBe(1);
    client.destroy();
    expect([connections('client', 'pending'), over('client', 'abandoned')]).toEqual([0, 1]);
    const gone = clientErrorOf(server.server);
    silent.destroy();
    await gone;
    expect(over('server', 'failed')).toBeGreaterThanOrEqual(1);
  });

  it('call the algorithms of the seed profile seed', async () => {
    const seed = await SeedServer.listen(await seedIdentities());
    const client = seed.connect().on('error', () => {}); // the server ends it
    await Promise.all([once(seed.server, 'secureConnection'), once(client, 'secureConnect')]);
    for (const role of ['client', 'server'])
      expect(value(`pqsock_handshakes_total{role="${role}",result="completed",suite="seed"}`)).toBe(1);
    await seed.close();
  });

  it('count the operations of a handshake', async () => {
    const of = (operation: string) => value(`pqsock_operations_total{operation="${operation}"}`) as number;
    const names = ['keypair', 'sign', 'verify', 'encapsulate', 'decapsulate'];
    const before = names.map(of);
    await server.connected();
    expect(names.map((name, i) => of(name) - (before[i] as number))).toEqual([1, 2, 2, 1, 1]);
  });

  it('stay as they are when they were stopped', async () => {
    await server.connected();
    metrics.stop();
    await server.connected();
    expect(completed('server')).toBe(1);
  });
});

describe('errorLabel', () => {
  it('is a code of a table, or other', () => {
    const label = (code: unknown) => errorLabel(Object.assign(new Error('text'), { code }));
    expect(['PQ_ERR_UNTRUSTED', 'ECONNRESET', 'made up by somebody', 7, undefined].map(label)).toEqual([
      'PQ_ERR_UNTRUSTED',
      'ECONNRESET',
      'other',
      'other',
      'other',
    ]);
  });
});
