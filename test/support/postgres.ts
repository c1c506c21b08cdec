/** A PostgreSQL of our own, on a Unix socket. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TemporaryServer } from './temporary-server.js';

/** Making a database cluster takes seconds. */
export const START_TIMEOUT = 60_000;

/** Its superuser, who needs no password. */
export const POSTGRES_USER = 'postgres';

/** @returns the server, and its socket's path */
export async function startPostgres(): Promise<{ server: TemporaryServer; path: string }> {
  const bin = folderOf('initdb');
  const server = await TemporaryServer.start({
    user: 'postgres', // it refuses to run as root
    prepare: (folder) => [
      join(bin, 'initdb'),
      ...['-D', join(folder, 'data'), '-U', POSTGRES_USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    ],
    command: (folder) => [
      join(bin, 'postgres'),
      ...['-D', join(folder, 'data'), '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'],
    ],
    ready: /ready to accept connections/,
  });
  return { server, path: join(server.folder, '.s.PGSQL.5432') };
}

/** Debian keeps the programs of the server off the PATH. */
function folderOf(program: string): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...PATH];
  const found = folders.find((folder) => existsSync(join(folder, program)));
  if (found === undefined) throw new Error(`there is no ${program} in ${folders.join(', ')}`);
  return found;
}

const PATH = (process.env['PATH'] ?? '').split(delimiter);
