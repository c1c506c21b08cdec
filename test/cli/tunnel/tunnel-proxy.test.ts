/** Tunnels that tell the service where a client is, and that are told so by a balancer. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import {
  PROXY_PREFIX_LENGTH,
  type ProxiedAddress,
  parseProxyHeader,
  proxyHeader,
} from '../../../lib/cli/tunnel/proxy-header.js';
import { connect, type PqSocket } from '../../../lib/index.js';
import { type Identities, identities } from '../../support/pair.js';
import { Tunnels } from '../../support/tunnels.js';

let both: Identities;
let tunnels: Tunnels;
beforeAll(async () => {
  both = await identities();
});
afterEach(() => tunnels.close());

const address: ProxiedAddress = {
  family: 'IPv4',
  sourceAddress: '192.0.2.1',
  sourcePort: 50_000,
  destinationAddress: '198.51.100.2',
  destinationPort: 443,
};

/** All that the first connection of the service has brought, until its end. */
async function heard(): Promise<Buffer> {
  while (tunnels.served.length === 0) await once(tunnels.service, 'connection');
  return Buffer.concat(await (tunnels.served[0] as Socket).toArray());
}

/** Through a socket that has said something already. */
const secured = (socket: Socket): PqSocket =>
  connect({ socket, identity: both.client, trust: both.server.fingerprint, allowHalfOpen: true }).on('error', () => {});

describe('a tunnel that tells the service where the client is', () => {
  it('says so, and the client’s fingerprint, before anything that the client says', async () => {
    tunnels = await Tunnels.make(both);
    const server = await tunnels.server({ sendProxy: true });
    const socket = await tunnels.connect(server);
    const from = socket.address() as AddressInfo;
    const { port } = server.listensAt as { port: number };
    secured(socket).end('hello');
    const expected = proxyHeader(
      { sourceAddress: '127.0.0.1', sourcePort: from.port, destinationAddress: '127.0.0.1', destinationPort: port },
      both.client.fingerprint,
    );
    expect(await heard()).toEqual(Buffer.concat([expected, Buffer.from('hello')]));
  });

  it('says so through the other tunnel, at the client’s end', async () => {
    tunnels = await Tunnels.make(both);
    const { client } = await tunnels.both({}, { sendProxy: true });
    const socket = await tunnels.connect(client);
    const { port } = socket.address() as AddressInfo;
    socket.end();
    const header = await heard();
    const told = parseProxyHeader(header.subarray(0, PROXY_PREFIX_LENGTH), header.subarray(PROXY_PREFIX_LENGTH));
    expect(told).toMatchObject({ sourceAddress: '127.0.0.1', sourcePort: port });
  });
});

describe('a tunnel behind a balancer', () => {
  it('takes the client’s address from the balancer, for the log and for the service', async () => {
    tunnels = await Tunnels.make(both);
    const server = await tunnels.server({ acceptProxy: true, sendProxy: true });
    const socket = await tunnels.connect(server);
    socket.write(proxyHeader(address));
    secured(socket).end('hello');
    const expected = Buffer.concat([proxyHeader(address, both.client.fingerprint), Buffer.from('hello')]);
    expect(await heard()).toEqual(expected);
    expect(await tunnels.logged('connection open')).toMatchObject({ from: '192.0.2.1:50000' });
  });

  it('does so at the client’s end, too', async () => {
    tunnels = await Tunnels.make(both);
    const { client } = await tunnels.both({}, { acceptProxy: true });
    const socket = await tunnels.connect(client);
    socket.end(Buffer.concat([proxyHeader(address), Buffer.from('hello')]));
    expect(String(await heard())).toBe('hello');
    expect(await tunnels.logged('connection open', 'client')).toMatchObject({ from: '192.0.2.1:50000' });
  });

  it('stops waiting for the far end when its client has gone', async () => {
    tunnels = await Tunnels.make(both);
    const far = await tunnels.server();
    const to = far.listensAt;
    far.stop();
    const client = await tunnels.client(to, { acceptProxy: true, limits: { dialTimeout: 3_600_000 } });
    const socket = await tunnels.connect(client);
    socket.write(proxyHeader(address));
    await tunnels.logged('far end away');
    socket.resetAndDestroy();
    expect(await tunnels.logged('client gone')).toMatchObject({ code: 'ECONNRESET', from: '192.0.2.1:50000' });
  });

  it('counts the handshakes of each client’s address, not the balancer’s', async () => {
    tunnels = await Tunnels.make(both);
    const server = await tunnels.server({ acceptProxy: true, limits: { maxPendingPerAddress: 1 } });
    const greeted = async (sourceAddress: string): Promise<Socket> => {
      const socket = await tunnels.connect(server);
      socket.write(proxyHeader({ ...address, sourceAddress }));
      return socket;
    };
    for (const client of ['192.0.2.1', '192.0.2.2']) await once(await greeted(client), 'data');
    expect(tunnels.events.filter(({ level }) => level === 'warn')).toEqual([]);
    (await greeted('192.0.2.2')).resume();
    expect(await tunnels.logged('connection refused')).toMatchObject({ from: '192.0.2.2:50000', code: 'address' });
  });

  it.each([
    ['no header', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'PROXY_HEADER'],
    ['a header that is cut off', proxyHeader(address).subarray(0, 20), 'ETIMEDOUT'],
  ])('refuses a connection with %s', async (_, bytes, code) => {
    tunnels = await Tunnels.make(both);
    const server = await tunnels.server({ acceptProxy: true, limits: { handshakeTimeout: 100 } });
    const socket = await tunnels.connect(server);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('end', () => socket.end()).resume();
    socket.write(bytes);
    expect(await tunnels.logged('connection refused')).toMatchObject({ code });
    await closed;
    expect([tunnels.served.length, server.counts.refused]).toEqual([0, 1]);
  });

  it('takes no header that nobody said would come', async () => {
    tunnels = await Tunnels.make(both);
    const socket = await tunnels.connect(await tunnels.server());
    socket.on('end', () => socket.end()).resume();
    socket.write(proxyHeader(address));
    expect((await tunnels.logged('connection refused'))['code']).toMatch(/^PQ_ERR_/);
  });
});
