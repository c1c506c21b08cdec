/** `pqsock tunnel`, as a user runs it: built, in processes of its own. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Identity, writeIdentity } from '../../lib/index.js';
import { Command, type CommandEnd } from '../support/command.js';

let keys: string;
let server: Identity;
let client: Identity;
let folder: string;
let service: Server;
let onSocket: (socket: Socket) => void;
const commands: Command[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), 'pqsock-keys-'));
  [server, client] = await Promise.all([Identity.generate(), Identity.generate()]);
  await writeIdentity(join(keys, 'server.pem'), server);
  await writeIdentity(join(keys, 'client.pem'), client);
});
afterAll(() => rmSync(keys, { recursive: true }));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-tunnel-'));
  onSocket = (socket) => socket.pipe(socket);
  service = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => {}));
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const command of commands) command.kill('SIGKILL');
  await Promise.all(commands.splice(0).map(({ end }) => end));
  await new Promise((resolve) => service.close(resolve));
  rmSync(folder, { recursive: true });
});

function run(...args: readonly string[]): Command {
  const command = new Command('tunnel', ...args);
  commands.push(command);
  return command;
}

const serviceAt = () => `tcp://127.0.0.1:${(service.address() as AddressInfo).port}`;
const SERVER_KEY = () => ['--identity', join(keys, 'server.pem'), '--trust', client.fingerprint];
const CLIENT_KEY = () => ['--identity', join(keys, 'client.pem'), '--trust', server.fingerprint];

/** The endpoint that a command listens on. */
async function listening(command: Command, name = 'tunnel'): Promise<string> {
  return (await command.line(new RegExp(`listening: tunnel=${name} listen=(\\S+)`)))[1] as string;
}

const serverArgs = (...more: string[]) => [
  '--listen',
  'pq://127.0.0.1:0',
  '--to',
  serviceAt(),
  ...SERVER_KEY(),
  ...more,
];
const clientArgs = (to: string, ...more: string[]) => [
  '--listen',
  'tcp://127.0.0.1:0',
  '--to',
  to,
  ...CLIENT_KEY(),
  ...more,
];

/** Somebody's connection to a tunnel. */
async function connected(endpoint: string): Promise<Socket> {
  const port = Number(endpoint.split(':').at(-1));
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Both ends, and how to reach them. */
async function both(...more: string[]): Promise<{ near: Command; far: Command; at: string }> {
  const far = run(...serverArgs(...more));
  const near = run(...clientArgs(await listening(far)));
  return { near, far, at: await listening(near) };
}

const errorOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve((socket.errored as NodeJS.ErrnoException | null)?.code ?? 'clean'));
    socket.resume();
  });

const ended = async (...args: readonly string[]): Promise<CommandEnd> => run(...args).end;

describe('pqsock tunnel', () => {
  it('carries 64 MiB of random data each way at once, between two processes', async () => {
    const sent = { up: randomBytes(2 ** 26), down: randomBytes(2 ** 26) };
    const sums = { up: createHash('sha256'), down: createHash('sha256') };
    const taken = new Promise<void>((resolve) => {
      onSocket = (socket) => {
        socket.end(sent.down);
        socket.on('data', (chunk) => sums.up.update(chunk)).once('end', resolve);
      };
    });
    const { near, far, at } = await both();
    const socket = await connected(at);
    socket.on('data', (chunk) => sums.down.update(chunk)).end(sent.up);
    await Promise.all([once(socket, 'end'), taken]);
    for (const way of ['up', 'down'] as const) {
      expect(sums[way].digest('hex')).toBe(createHash('sha256').update(sent[way]).digest('hex'));
    }
    for (const command of [near, far]) {
      await command.line(
        /connection closed: tunnel=tunnel from=127\.0\.0\.1:\d+ peer=pqsock1:\S+ bytesUp=67108864 bytesDown=67108864/,
      );
    }
  }, 30_000);

  it('ends the client’s connection with an error within 5 seconds when the other process is killed', async () => {
    onSocket = (socket) => {
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(2 ** 16)));
      };
      socket.on('drain', more);
      more();
    };
    const { far, at } = await both();
    const socket = await connected(at);
    await once(socket, 'data');
    const gone = errorOf(socket);
    const began = performance.now();
    far.kill('SIGKILL');
    expect(await gone).toBe('ECONNRESET');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('takes no more connections after SIGTERM, waits for those that there are, and ends with 0', async () => {
    const { near, far, at } = await both();
    const socket = await connected(at);
    socket.write('before');
    await once(socket, 'data');
    far.kill('SIGTERM');
    near.kill('SIGTERM');
    await Promise.all([far, near].map((command) => command.line(/draining: connections=1 seconds=30/)));
    socket.end(' after');
    expect(await text(socket)).toBe(' after');
    for (const { end } of [near, far]) expect(await end).toMatchObject({ code: 0, stdout: '' });
  });

  it.each([
    ['after its time', ['--drain-timeout', '0.1'], 1],
    ['at the second signal', [], 2],
  ])('resets what is open then %s, and ends with 6', async (_, args, signals) => {
    const { far, at } = await both(...args);
    const socket = await connected(at);
    socket.write('before');
    await once(socket, 'data');
    const gone = errorOf(socket);
    for (let i = 0; i < signals; i += 1) {
      far.kill('SIGINT');
      await far.line(/draining/);
    }
    expect(await far.end).toMatchObject({ code: 6, stderr: expect.stringContaining('stopped: reset=1') });
    expect(await gone).toBe('ECONNRESET');
  });

  it('writes one JSON object a line when it is asked to', async () => {
    const command = run(...serverArgs('--log-format', 'json', '--name', 'db'));
    await command.line(/"event":"listening"/);
    command.kill('SIGTERM');
    const lines = (await command.end).stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ level, event, tunnel }) => [level, event, tunnel])).toEqual([
      ['info', 'listening', 'db'],
      ['info', 'draining', undefined],
      ['info', 'stopped', undefined],
    ]);
  });
});

describe('files of those to trust', () => {
  const [hosts, clients] = [() => join(folder, 'hosts.txt'), () => join(folder, 'clients.txt')];
  const far = (...more: string[]) =>
    run('--listen', 'pq://127.0.0.1:0', '--to', serviceAt(), '--identity', join(keys, 'server.pem'), ...more);
  const near = (to: string, ...more: string[]) =>
    run('--listen', 'tcp://127.0.0.1:0', '--to', to, '--identity', join(keys, 'client.pem'), ...more);

  it('are known hosts and authorized keys, and who is removed from these is disconnected if that is asked for', async () => {
    writeFileSync(clients(), `${client.fingerprint} tunnels=db # the office\n`);
    writeFileSync(hosts(), `db.example ${server.fingerprint}\n`);
    const to = await listening(far('--authorized-keys', clients(), '--name', 'db', '--disconnect-removed'), 'db');
    const at = await listening(near(to, '--known-hosts', hosts(), '--known-as', 'db.example'));
    const socket = await connected(at);
    socket.write('x');
    await once(socket, 'data');
    const gone = errorOf(socket);
    writeFileSync(clients(), '');
    expect(await gone).toBe('ECONNRESET');
  });

  it('keep out a client that may use another tunnel, and a server that is not known', async () => {
    writeFileSync(clients(), `${client.fingerprint} tunnels=other\n`);
    writeFileSync(hosts(), '');
    const command = far('--authorized-keys', clients(), '--name', 'db');
    const to = await listening(command, 'db');
    const known = near(to, '--trust', server.fingerprint);
    expect(await errorOf(await connected(await listening(known)))).toBe('ECONNRESET');
    await command.line(/connection refused: tunnel=db .*PQ_ERR_UNTRUSTED/);
    await known.line(/far end not reached: .*alert=auth_failed/);
    const unknown = near(to, '--known-hosts', hosts());
    expect(await errorOf(await connected(await listening(unknown)))).toBe('ECONNRESET');
    await unknown.line(/far end not reached: .*PQ_ERR_UNTRUSTED.*is not in/);
  });

  it('learn a server at its first use if that is asked for', async () => {
    writeFileSync(clients(), `${client.fingerprint}\n`);
    const to = await listening(far('--authorized-keys', clients()));
    const at = await listening(near(to, '--known-hosts', hosts(), '--trust-on-first-use'));
    const socket = await connected(at);
    socket.end('x');
    expect(await text(socket)).toBe('x');
    expect(readFileSync(hosts(), 'utf8')).toContain(` ${server.fingerprint} # first use`);
  });
});

describe('a configuration', () => {
  const file = () => join(folder, 'tunnels.toml');
  const write = (...tunnels: string[]) => writeFileSync(file(), `drain-timeout = 1\n${tunnels.join('\n')}`);
  const table = (name: string, trust: string) => `[[tunnel]]
    name = "${name}"
    listen = "pq://127.0.0.1:0"
    to = "${serviceAt()}"
    identity = "${join(keys, 'server.pem')}"
    trust = "${trust}"`;

  it('has several tunnels, and is read again upon SIGHUP: some go, some come, one trusts others', async () => {
    const stranger = await Identity.generate();
    write(table('a', client.fingerprint), table('b', stranger.fingerprint));
    const command = run('--config', file());
    const [a, b] = [await listening(command, 'a'), await listening(command, 'b')];
    const near = { a: await listening(run(...clientArgs(a))), b: await listening(run(...clientArgs(b))) };
    const open = await connected(near.a);
    open.write('x');
    await once(open, 'data');
    expect(await errorOf(await connected(near.b))).toBe('ECONNRESET');
    write(table('b', client.fingerprint), table('c', client.fingerprint));
    command.kill('SIGHUP');
    await command.line(/reloaded: tunnels=2/);
    await listening(command, 'c');
    const next = await connected(near.b);
    next.end('y');
    expect(await text(next)).toBe('y');
    open.end('z');
    expect(await text(open)).toBe('z');
  });

  it('is read again with its keys: connections to come are shown the new one, those that there are go on', async () => {
    const next = await Identity.generate();
    const key = join(folder, 'server.pem');
    await writeIdentity(key, server);
    write(table('a', client.fingerprint).replace(join(keys, 'server.pem'), key));
    const command = run('--config', file());
    const near = run(...clientArgs(await listening(command, 'a'), '--trust', next.fingerprint));
    const at = await listening(near);
    const open = await connected(at);
    open.write('x');
    await once(open, 'data');
    rmSync(key);
    await writeIdentity(key, next);
    command.kill('SIGHUP');
    await command.line(/reloaded/);
    const later = await connected(at);
    later.end('y');
    expect(await text(later)).toBe('y');
    for (const { fingerprint } of [server, next]) await near.line(new RegExp(`connection open: .*peer=${fingerprint}`));
    open.end('z');
    expect(await text(open)).toBe('z');
  });

  it('with a new key beside the old one drops no connection, and refuses nobody who knows one of them', async () => {
    const next = await Identity.generate();
    await writeIdentity(join(folder, 'next.pem'), next);
    const [old, newer] = [join(keys, 'server.pem'), join(folder, 'next.pem')];
    const show = (...files: string[]) => {
      const list = files.map((file) => `"${file}"`).join(', ');
      write(table('a', client.fingerprint).replace(`"${old}"`, `[${list}]`));
    };
    show(old);
    const command = run('--config', file());
    const to = await listening(command, 'a');
    const knowing = async (...trust: string[]) => {
      const options = ['--identity', join(keys, 'client.pem'), ...trust.flatMap((each) => ['--trust', each])];
      return listening(run('--listen', 'tcp://127.0.0.1:0', '--to', to, ...options));
    };
    const passes = async (socket: Socket) => {
      socket.write('x');
      return String((await once(socket, 'data'))[0]);
    };
    const reload = async (times: number) => {
      command.kill('SIGHUP');
      await command.line(/reloaded: tunnels=1/, times);
    };
    const [oldOnly, newOnly] = [await knowing(server.fingerprint), await knowing(next.fingerprint)];
    const first = await connected(oldOnly);
    expect(await passes(first)).toBe('x');

    show(newer, old);
    await reload(1);
    const [second, third] = [await connected(oldOnly), await connected(newOnly)];
    expect([await passes(first), await passes(second), await passes(third)]).toEqual(['x', 'x', 'x']);
    for (const { fingerprint } of [server, next]) {
      await command.line(new RegExp(`connection open: tunnel=a .* key=${fingerprint} suite=`));
    }

    show(newer);
    await reload(2);
    const refused = await connected(oldOnly);
    expect(await errorOf(refused)).toBe('ECONNRESET');
    const fourth = await connected(newOnly);
    expect(await Promise.all([first, second, third, fourth].map(passes))).toEqual(['x', 'x', 'x', 'x']);
    await command.line(/connection refused: tunnel=a .*auth_failed/);
  });

  it('that is wrong when it is read again changes nothing', async () => {
    write(table('a', client.fingerprint));
    const command = run('--config', file());
    const at = await listening(run(...clientArgs(await listening(command, 'a'))));
    for (const [wrong, why] of [
      ['colour = "red"', /not reloaded.*tunnels\.toml:8: colour is unknown/],
      ['trust = "nobody"', /not reloaded.*tunnels\.toml:8: Invalid TOML/],
    ] as const) {
      write(`${table('a', client.fingerprint)}\n${wrong}`);
      command.kill('SIGHUP');
      await command.line(why);
    }
    const socket = await connected(at);
    socket.end('y');
    expect(await text(socket)).toBe('y');
  });

  it('is checked without anything being started', async () => {
    write(table('a', client.fingerprint));
    expect(await ended('--config', file(), '--check-config')).toEqual({
      code: 0,
      signal: null,
      stdout: `${file()} is right: a\n`,
      stderr: '',
    });
    write(table('a', 'pqsock1:nobody'));
    const { code, stderr } = await ended('--config', file(), '--check-config');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: a: "pqsock1:nobody" is no fingerprint/);
  });
});

describe('a command line', () => {
  const KEYS = () => ['--identity', join(keys, 'server.pem'), '--trust', client.fingerprint];

  it.each<[string, string[], string]>([
    ['without endpoints', [], 'listen is missing'],
    ['without a second endpoint', ['--listen', 'pq://0.0.0.0:0'], 'to is missing'],
    [
      'with plain text on both sides',
      ['--listen', 'tcp://127.0.0.1:0', '--to', 'tcp://127.0.0.1:1'],
      'nothing would be secure',
    ],
    [
      'with an endpoint without a scheme',
      ['--listen', '127.0.0.1:0', '--to', 'pq://a:1'],
      '"127.0.0.1:0" is no endpoint',
    ],
    ['with an unknown option', ['--lisen', 'x'], "unknown option '--lisen'"],
    ['with a wrong number', ['--max-connections', '1e3'], 'must be a whole number from 1'],
    ['with a value twice', ['--to', 'unix:/a', '--to', 'unix:/b'], 'was given more than once'],
    [
      'with the other side’s file',
      ['--listen', 'pq://127.0.0.1:0', '--to', 'unix:/a', '--known-hosts', 'a'],
      'not for a server',
    ],
    ['with a file and a tunnel', ['--config', 'a.toml', '--to', 'unix:/a'], '--to and --config'],
  ])('%s is refused', async (_, args, message) => {
    const { code, stderr } = await ended(...args, ...(args.includes('--config') ? [] : KEYS()));
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: /);
    expect(code).toBe(2);
  });

  it.each<[string, string[], string]>([
    ['an identity', ['--trust', 'pqsock1:x'], 'is no fingerprint'],
    ['somebody to trust', ['--identity', 'server.pem'], 'nobody is trusted'],
  ])('without %s is refused', async (_, args, message) => {
    const { code, stderr } = await ended('--listen', 'pq://127.0.0.1:0', '--to', serviceAt(), ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('names two keys of one algorithm for a server, and not for a client', async () => {
    const two = [...KEYS(), '--identity', join(keys, 'client.pem'), '--check-config'];
    const server = await ended('--listen', 'pq://127.0.0.1:0', '--to', 'unix:/a', ...two);
    expect(server).toMatchObject({ code: 0, stdout: 'the command line is right: tunnel\n' });
    const near = await ended('--listen', 'tcp://127.0.0.1:0', '--to', 'pq://127.0.0.1:1', ...two);
    expect(near.code).toBe(2);
    expect(near.stderr).toMatch(/^error: tunnel: there are two keys with Dilithium5: only a server shows several/);
    const same = await ended('--listen', 'pq://127.0.0.1:0', '--to', 'unix:/a', ...two, ...KEYS());
    expect(same).toMatchObject({ code: 2, stderr: expect.stringMatching(/identity pqsock1:\S+ is there twice/) });
  });

  it('has the passphrase of a key in the first line of a file', async () => {
    const [key, passphrase] = [join(folder, 'locked.pem'), join(folder, 'passphrase')];
    await writeIdentity(key, server, { passphrase: 'open sesame' });
    const args = ['--listen', 'pq://127.0.0.1:0', '--to', 'unix:/a', '--identity', key, '--trust', client.fingerprint];
    const check = async (...more: string[]) => ended('--check-config', ...args, ...more);
    expect(await check()).toMatchObject({ code: 3, stderr: expect.stringContaining('PQ_ERR_PASSPHRASE_NEEDED') });
    for (const [line, code] of [
      ['open sesame\n', 0],
      ['open sesame\r\nmore', 0],
      ['open', 3],
    ] as const) {
      writeFileSync(passphrase, line);
      const { code: status, stderr } = await check('--passphrase-file', passphrase);
      expect([status, stderr]).toEqual([code, code === 0 ? '' : expect.stringContaining('PQ_ERR_PASSPHRASE_WRONG')]);
      expect(stderr).not.toContain('sesame');
    }
  }, 20_000);

  it('that can’t be done ends with 5 if an address is taken, with 3 if a key is not there', async () => {
    const { port } = service.address() as AddressInfo;
    const taken = await ended('--listen', `pq://127.0.0.1:${port}`, '--to', 'unix:/a', ...KEYS());
    expect(taken).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^error: tunnel can't listen on .*EADDRINUSE\nhint: /),
    });
    const trust = ['--trust', client.fingerprint];
    const none = await ended('--listen', 'pq://127.0.0.1:0', '--to', 'unix:/a', '--identity', 'none.pem', ...trust);
    expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining("none.pem can't be read: ENOENT") });
  });
});
