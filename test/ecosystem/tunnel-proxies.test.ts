/** PROXY headers of the tunnel with those who have them in use: HAProxy sends and takes them, nginx takes them. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type PqSocket } from '../../lib/index.js';
import { freePort } from '../support/free-port.js';
import { type Identities, identities } from '../support/pair.js';
import { describeWithPrograms } from '../support/requirements.js';
import { TemporaryServer } from '../support/temporary-server.js';
import { Tunnels } from '../support/tunnels.js';

let both: Identities;
let tunnels: Tunnels | undefined;
let other: TemporaryServer | undefined;
beforeAll(async () => {
  both = await identities();
});
afterEach(async () => {
  await tunnels?.close();
  await other?.close();
  [tunnels, other] = [undefined, undefined];
});

function startHaproxy(section: string): Promise<TemporaryServer> {
  return TemporaryServer.start({
    command: (folder) => {
      const times = 'timeout connect 5s\n  timeout client 10s\n  timeout server 10s';
      writeFileSync(join(folder, 'haproxy.cfg'), `global\n  maxconn 100\ndefaults\n  ${times}\n${section}\n`);
      // It would go on ignoring the signals that the shell that starts it ignores.
      return ['env', '--default-signal', 'haproxy', '-W', '-db', '-f', join(folder, 'haproxy.cfg')];
    },
    ready: /Loading success/,
  });
}

function startNginx(port: number): Promise<TemporaryServer> {
  return TemporaryServer.start({
    command: (folder) => {
      const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; master_process off; pid ${folder}/pid; error_log stderr notice; events {}
         http {
           access_log off; ${kept.join(' ')}
           server {
             listen 127.0.0.1:${port} proxy_protocol;
             location / { return 200 "$proxy_protocol_addr:$proxy_protocol_port"; }
           }
         }`,
      );
      return ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
    },
    ready: /using the "\w+" event method/,
  });
}

/** What a web server behind both tunnels thinks of where a client is, and where it is. */
async function askedThrough(service: string): Promise<{ told: string; is: string }> {
  tunnels = await Tunnels.make(both);
  const server = await tunnels.server({ to: service, sendProxy: true });
  const { host, port } = server.listensAt as { host: string; port: number };
  const options = { identity: both.client, trust: both.server.fingerprint };
  const socket = connect({ ...options, host, port });
  await once(socket, 'secureConnect');
  const { address, port: own } = socket.address() as AddressInfo;
  const request = get('http://service/', { createConnection: () => socket as unknown as Socket });
  const [response] = await once(request, 'response');
  return { told: (await text(response)).trim(), is: `${address}:${own}` };
}

describeWithPrograms(__filename, 'PROXY headers', () => {
  it('tell HAProxy where the client is', async () => {
    const port = await freePort();
    other = await startHaproxy(
      `frontend web\n  mode http\n  bind 127.0.0.1:${port} accept-proxy\n` +
        '  http-request return status 200 content-type text/plain lf-string %[src]:%[src_port]',
    );
    const { told, is } = await askedThrough(`tcp://127.0.0.1:${port}`);
    expect(told).toBe(is);
  });

  it('tell nginx where the client is', async () => {
    const port = await freePort();
    other = await startNginx(port);
    const { told, is } = await askedThrough(`tcp://127.0.0.1:${port}`);
    expect(told).toBe(is);
  });

  it.each([
    ['v2', ''],
    ['v2 with more members', 'proxy-v2-options unique-id,crc32c'],
  ])('are taken from HAProxy (%s)', async (_, options) => {
    tunnels = await Tunnels.make(both, (socket) => void socket.pipe(socket));
    const server = await tunnels.server({ acceptProxy: true });
    const port = await freePort();
    const to = `127.0.0.1:${(server.listensAt as { port: number }).port}`;
    const id = options === '' ? '' : '\n  unique-id-format %[uuid()]';
    other = await startHaproxy(
      `listen balancer\n  mode tcp\n  bind 127.0.0.1:${port}${id}\n  server one ${to} send-proxy-v2 ${options}`,
    );
    const socket: PqSocket = connect({
      port,
      host: '127.0.0.1',
      identity: both.client,
      trust: both.server.fingerprint,
    });
    socket.end('hello');
    await once(socket, 'secureConnect');
    const { port: own } = socket.address() as AddressInfo;
    expect(await text(socket)).toBe('hello');
    expect(await tunnels.logged('connection open')).toMatchObject({ from: `127.0.0.1:${own}` });
  });
});
