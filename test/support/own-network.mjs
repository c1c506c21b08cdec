// @ts-check
/**
 * `own-network.mjs PORTS COMMAND…` runs a command where ports of 127.0.0.1 lead to Unix sockets. To be started where the
 * network has nothing but a loopback, with `unshare`; PORTS is JSON, the paths of the sockets by their ports.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [, , ports = '{}', program = '', ...args] = process.argv;

execFileSync('ip', ['link', 'set', 'lo', 'up']);
for (const [port, path] of Object.entries(JSON.parse(ports))) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path, allowHalfOpen: true });
    pipeline(near, far, () => {});
    pipeline(far, near, () => {});
  });
  await once(server.listen(Number(port), '127.0.0.1'), 'listening');
}
const { PATH_WITHIN, ...env } = process.env;
const child = spawn(program, args, { stdio: 'inherit', env: { ...env, PATH: PATH_WITHIN } });
const [status] = await once(child, 'exit');
process.exit(status ?? 1);
