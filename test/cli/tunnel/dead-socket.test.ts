/** Sockets that were left behind. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDeadSocket } from '../../../lib/cli/tunnel/dead-socket.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-dead-'));
  path = join(folder, 'socket');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('removes the socket of a process that was killed', async () => {
  const program = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  expect(spawnSync(process.execPath, ['-e', program, path]).signal).toBe('SIGKILL');
  expect(existsSync(path)).toBe(true);
  await removeDeadSocket(path);
  expect(existsSync(path)).toBe(false);
});

it('leaves a socket on which somebody listens', async () => {
  const server = createServer().listen(path);
  await once(server, 'listening');
  await removeDeadSocket(path);
  expect(existsSync(path)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});

it('leaves what is no socket, and does nothing where nothing is', async () => {
  await removeDeadSocket(path);
  writeFileSync(path, 'text');
  await removeDeadSocket(path);
  expect(readFileSync(path, 'utf8')).toBe('text');
});
