/** A Redis of our own, on a Unix socket, which keeps nothing on disk. */
import { join } from 'node:path';
import { TemporaryServer } from './temporary-server.js';

/** @returns the server, and its socket's path */
export async function startRedis(): Promise<{ server: TemporaryServer; path: string }> {
  const server = await TemporaryServer.start({
    command: (folder) => [
      'redis-server',
      ...['--port', '0', '--unixsocket', join(folder, 'redis.sock'), '--save', '', '--appendonly', 'no'],
    ],
    ready: /ready to accept connections/i,
  });
  return { server, path: join(server.folder, 'redis.sock') };
}
