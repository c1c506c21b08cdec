/** The README's four commands for a tunnel, as they stand but for ports, folder and the fingerprints that they print. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Command } from '../support/command.js';

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const [, block = ''] = /```sh\n([^`]*pqsock tunnel[^`]*)```/.exec(readme) ?? [];
const commands = [...block.matchAll(/^pqsock (.*)$/gm)].map(([, args]) => args as string);

it('the tunnel of the README is four commands, which carry a connection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pqsock-readme-'));
  const service = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const running: Command[] = [];
  const run = (args: string | undefined, changes: Readonly<Record<string, string>>): Command => {
    const changed = Object.entries(changes).reduce((line, [from, to]) => {
      expect(line).toContain(from);
      return line.replace(from, to);
    }, args ?? '');
    const command = new Command(...changed.split(' '));
    running.push(command);
    return command;
  };
  const keygen = async (args: string | undefined, file: string): Promise<string> => {
    const { code, stdout } = await run(args, { [file]: join(folder, file) }).end;
    expect(code).toBe(0);
    return /^fingerprint +(\S+)$/m.exec(stdout)?.[1] ?? '';
  };
  const listening = async (command: Command): Promise<string> => (await command.line(/ listen=\S+:(\d+)/))[1] ?? '';
  try {
    const [makeServer, serve, makeClient, use, ...others] = commands;
    expect(others).toEqual([]);
    const server = await keygen(makeServer, 'server.pem');
    const client = await keygen(makeClient, 'client.pem');
    const far = run(serve, {
      '0.0.0.0:7443': '127.0.0.1:0',
      5432: `${(service.address() as AddressInfo).port}`,
      'server.pem': join(folder, 'server.pem'),
      CLIENT_FINGERPRINT: client,
    });
    const near = run(use, {
      5433: '0',
      'db.example:7443': `127.0.0.1:${await listening(far)}`,
      'client.pem': join(folder, 'client.pem'),
      SERVER_FINGERPRINT: server,
    });
    const socket = connect({ port: Number(await listening(near)), host: '127.0.0.1', allowHalfOpen: true });
    socket.end('select 1');
    expect(await text(socket)).toBe('select 1');
  } finally {
    for (const command of running) command.kill('SIGKILL');
    await Promise.all(running.map(({ end }) => end));
    service.close();
    rmSync(folder, { recursive: true });
  }
});
