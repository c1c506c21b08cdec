/** `--metrics`, as Prometheus and balancers ask for it: of the command, in a process of its own. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Command } from '../support/command.js';
import { readMetrics } from '../support/metrics-text.js';
import { TunnelCommands } from '../support/tunnel-commands.js';

let service: Server;
let commands: TunnelCommands;
let at: string;
const sockets: Socket[] = [];
const others: Command[] = [];

beforeEach(async () => {
  service = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const endpoint = `tcp://127.0.0.1:${(service.address() as AddressInfo).port}`;
  commands = await TunnelCommands.start(endpoint, '--metrics', '127.0.0.1:0');
  [, at = ''] = await commands.server.line(/metrics: at=(\S+)\/$/);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const command of others) command.kill('SIGKILL');
  await Promise.all(others.splice(0).map(({ end }) => end));
  await commands.close();
  await new Promise((resolve) => service.close(resolve));
});

function connected(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  sockets.push(socket);
  return socket;
}

async function values(): Promise<Record<string, number>> {
  const text = await (await fetch(`${at}/metrics`)).text();
  return Object.fromEntries([...readMetrics(text).values()].flatMap(({ samples }) => [...samples]));
}

const statusOf = async (path: string) => (await fetch(`${at}${path}`)).status;

it('counts who comes through, and who is refused', async () => {
  expect(await values()).toMatchObject({ 'pqsock_connections{role="server",state="open"}': 0 });
  const socket = connected(commands.port);
  socket.write('four');
  await once(socket, 'data');
  const refused = connected(await commands.startClient('stranger'));
  await new Promise((resolve) => refused.once('close', resolve));
  expect(await values()).toMatchObject({
    'pqsock_handshakes_total{role="server",result="completed",suite="kyber1024-dilithium5"}': 1,
    'pqsock_handshakes_total{role="server",result="failed",suite="none"}': 1,
    'pqsock_errors_total{role="server",code="PQ_ERR_UNTRUSTED"}': 1,
    'pqsock_handshake_duration_seconds_count{role="server"}': 1,
    'pqsock_connections{role="server",state="open"}': 1,
    'pqsock_data_bytes_total{role="server",direction="received"}': 4,
    'pqsock_operations_total{operation="encapsulate"}': 1,
    'pqsock_tunnel_ended_total{tunnel="tunnel",result="refused"}': 1,
  });
});

it('is ready until it drains, lives until the last connection has ended, and keeps no process', async () => {
  const socket = connected(commands.port);
  socket.write('x');
  await once(socket, 'data');
  expect([await statusOf('/readyz'), await statusOf('/healthz')]).toEqual([200, 200]);
  commands.server.kill('SIGTERM');
  await commands.server.line(/draining: connections=1/);
  expect([await statusOf('/readyz'), await statusOf('/healthz')]).toEqual([503, 200]);
  expect(await (await fetch(`${at}/readyz`)).text()).toBe('draining\n');
  expect(await values()).toMatchObject({ 'pqsock_connections{role="server",state="open"}': 1 });
  socket.end();
  expect(await commands.server.end).toMatchObject({ code: 0 });
  await expect(statusOf('/healthz')).rejects.toThrow('fetch failed');
});

it('names the place when it is taken, and starts no tunnel', async () => {
  const place = new URL(at).host;
  const { code, stderr } = await run(...KEYS(), '--metrics', place).end;
  expect(code).toBe(5);
  expect(stderr).toMatch(
    new RegExp(`^error: metrics can't listen on ${place}: EADDRINUSE\nhint: somebody listens there`),
  );
  expect(stderr).not.toContain('listening');
});

it('refuses what is no address, also when it is only checked', async () => {
  const { code, stderr } = await run(...KEYS(), '--metrics', 'tcp://127.0.0.1:1', '--check-config').end;
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: metrics "tcp:\/\/127\.0\.0\.1:1" is no address\nhint: write host:port/);
});

it('stays where it is when the configuration is read again', async () => {
  const file = join(commands.folder, 'tunnels.toml');
  const write = (metrics: string) =>
    writeFileSync(
      file,
      `${metrics}\n[[tunnel]]\nname = "a"\nlisten = "pq://127.0.0.1:0"\nto = "unix:/a"\nidentity = "server.pem"\n` +
        `trust = "${commands.clientFingerprint}"\n`,
    );
  write('metrics = "127.0.0.1:0"');
  const command = run('--config', file);
  const [, place] = await command.line(/metrics: at=(\S+)$/);
  await command.line(/listening: tunnel=a/);
  for (const [metrics, answer] of [
    ['metrics = "127.0.0.2:0"', /not reloaded.*metrics can’t be moved/],
    ['metrics = "127.0.0.1:0"', /reloaded: tunnels=1/],
  ] as const) {
    write(metrics);
    command.kill('SIGHUP');
    await command.line(answer);
    expect((await fetch(`${place}readyz`)).status).toBe(200);
  }
});

const KEYS = () => [
  '--listen',
  'pq://127.0.0.1:0',
  '--to',
  'unix:/a',
  '--identity',
  join(commands.folder, 'server.pem'),
  '--trust',
  commands.clientFingerprint,
];

function run(...args: readonly string[]): Command {
  const command = new Command('tunnel', ...args);
  others.push(command);
  return command;
}
