/** Both ends of a connection over TCP, or over a Unix socket, without anything of ours in it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpPair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Both stay half open; their errors are the test's to look at. */
export async function tcpPair(path?: string): Promise<TcpPair> {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path });
  await once(listener, 'listening');
  const { port } = (path === undefined ? listener.address() : { port: undefined }) as AddressInfo;
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  const place = path === undefined ? { port, host: '127.0.0.1' } : { path };
  const client = connect({ ...place, allowHalfOpen: true });
  const [[server]] = await Promise.all([accepted, once(client, 'connect')]);
  listener.close();
  for (const socket of [client, server]) socket.on('error', () => {});
  return { client, server };
}
