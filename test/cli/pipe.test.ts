/** `pqsock listen` and `pqsock connect`, as scripts run them: built, in processes of their own, without a terminal. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Identity, writeIdentity } from '../../lib/index.js';
import { MAIN } from '../support/command.js';
import { PipedCommand, type PipedOptions } from '../support/piped-command.js';

let keys: string;
let folder: string;
let server: Identity;
let client: Identity;
const running: PipedCommand[] = [];

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), 'pqsock-keys-'));
  [server, client] = await Promise.all([Identity.generate(), Identity.generate()]);
  await writeIdentity(join(keys, 'server.pem'), server);
  await writeIdentity(join(keys, 'client.pem'), client);
  await writeIdentity(join(keys, 'stranger.pem'), await Identity.generate());
});
afterAll(() => rmSync(keys, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pqsock-pipe-'));
});
afterEach(async () => {
  for (const command of running) command.kill('SIGKILL');
  for (const { end, stdout } of running.splice(0)) {
    stdout?.destroy();
    await end;
  }
  rmSync(folder, { recursive: true });
});

function started(command: PipedCommand): PipedCommand {
  running.push(command);
  return command;
}

const run = (args: readonly string[], options?: PipedOptions) => started(PipedCommand.pqsock(args, options));

const listenArgs = (...more: string[]) => [
  ...['listen', 'pq://127.0.0.1:0', '--identity', join(keys, 'server.pem'), '--trust', client.fingerprint],
  ...more,
];
const connectArgs = (to: string, ...more: string[]) => [
  ...['connect', to, '--identity', join(keys, 'client.pem'), '--trust', server.fingerprint],
  ...more,
];

/** The endpoint that a command listens on. */
const listening = async (command: PipedCommand) => (await command.line(/listening: listen=(\S+)$/))[1] as string;

interface Both {
  readonly near: PipedCommand;
  readonly far: PipedCommand;
}

/** Both, the client being the near one. */
async function both(nearArgs: string[] = [], farArgs: string[] = []): Promise<Both> {
  const far = run(listenArgs('--verbose', ...farArgs));
  return { far, near: run(connectArgs(await listening(far), '--verbose', ...nearArgs)) };
}

const opened = ({ near, far }: Both) => Promise.all([near, far].map((command) => command.line(/connection open/)));
const codes = ({ near, far }: Both) => Promise.all([near, far].map(async ({ end }) => (await end).code));
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('pqsock listen and pqsock connect', () => {
  it('carry 64 MiB of random data each way at once', async () => {
    const [up, down] = [randomBytes(2 ** 26), randomBytes(2 ** 26)];
    const { near, far } = await both();
    near.stdin.end(up);
    far.stdin.end(down);
    expect(await Promise.all([far.digest(), near.digest()])).toEqual([sha256(up), sha256(down)]);
    expect(await codes({ near, far })).toEqual([0, 0]);
    expect(near.stderr).toMatch(/connection closed: .*bytesSent=67108864 bytesReceived=67108864/);
  }, 30_000);

  it('end each direction by itself: a peer that has heard the end still answers', async () => {
    const { near, far } = await both();
    near.stdin.end('question');
    expect(await text(far.stdout)).toBe('question'); // so its reader sees the end, while the process goes on
    far.stdin.end('answer');
    expect(await text(near.stdout)).toBe('answer');
    expect(await codes({ near, far })).toEqual([0, 0]);
  });

  it('stay open while nobody says anything', async () => {
    const { near, far } = await both();
    await opened({ near, far });
    const longerThanAnEndTakes = AbortSignal.timeout(2_000);
    await expect(once(near.stdout, 'end', { signal: longerThanAnEndTakes })).rejects.toThrow('aborted');
    for (const { stdin } of [near, far]) stdin.end();
    expect(await codes({ near, far })).toEqual([0, 0]);
  });

  it('end when they are done, although somebody else has begun to connect', async () => {
    const far = run(listenArgs(), { stdin: 'ignore' });
    const to = await listening(far);
    const stranger = connectTcp(Number(to.split(':').at(-1)), '127.0.0.1').on('error', () => {});
    await once(stranger, 'connect'); // and never begins its handshake
    const gone = once(stranger.resume(), 'close');
    expect((await run(connectArgs(to), { stdin: 'ignore' }).end).code).toBe(0);
    const began = performance.now();
    expect((await far.end).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(3_000);
    await gone;
  });

  it('have nothing to say with an empty stdin, a closed one, and files', async () => {
    const file = join(folder, 'data');
    writeFileSync(file, 'from a file');
    const [from, to] = [openSync(file, 'r'), openSync(join(folder, 'copy'), 'w')];
    const far = run(listenArgs(), { stdin: 'ignore', stdout: to });
    const near = run(connectArgs(await listening(far)), { stdin: from });
    expect(await text(near.stdout)).toBe('');
    expect(await codes({ near, far })).toEqual([0, 0]);
    for (const descriptor of [from, to]) closeSync(descriptor);
    expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe('from a file');
    expect(near.stderr).toBe('');
  });

  it('say in one line of JSON at the end what became of it', async () => {
    const far = run(listenArgs('--json', '--recv-only'));
    const [, at] = await far.line(/"event":"listening","listen":"([^"]+)"/);
    const near = run(connectArgs(at as string, '--json', '--send-only'));
    near.stdin.end('hello');
    expect(await text(far.stdout)).toBe('hello');
    const last = async ({ end }: PipedCommand) => JSON.parse((await end).stderr.trimEnd().split('\n').at(-1) as string);
    const said = { event: 'connection closed', suite: 'kyber1024-dilithium5', exitCode: 0 };
    expect(await last(near)).toMatchObject({ ...said, peer: server.fingerprint, bytesSent: 5, bytesReceived: 0 });
    expect(await last(far)).toMatchObject({ ...said, peer: client.fingerprint, bytesSent: 0, bytesReceived: 5 });
  });

  it('hold back a sender whose peer is not read, and what waits has a bound', async () => {
    const pair = await both(['--send-only'], ['--recv-only']);
    await opened(pair);
    const { near, far } = pair;
    const before = [near.memory, far.memory];
    const chunk = randomBytes(2 ** 16);
    let written = 0;
    for (let taken = true; taken && written < 2 ** 11; ) {
      written += 1;
      if (near.stdin.write(chunk)) continue;
      const drained = once(near.stdin, 'drain', { signal: AbortSignal.timeout(500) });
      taken = await drained.then(
        () => true,
        () => false,
      );
    }
    expect(written * chunk.length).toBeLessThan(2 ** 25);
    const grown = [near.memory, far.memory].map((bytes, i) => bytes - (before[i] as number));
    for (const bytes of grown) expect(bytes).toBeLessThan(2 ** 25);
    near.stdin.end();
    let read = 0;
    for await (const data of far.stdout) read += data.length;
    expect(read).toBe(written * chunk.length);
    expect(await codes(pair)).toEqual([0, 0]);
  }, 15_000);
});

describe('a connection that is cut off', () => {
  it.each(['near', 'far'] as const)('by the death of the %s process has an exit code and a message', async (who) => {
    const pair = await both();
    await opened(pair);
    const other = who === 'near' ? pair.far : pair.near;
    pair[who].stdin.write('some of it');
    await once(other.stdout, 'data');
    pair[who].kill('SIGKILL');
    const { code, stderr } = await other.end;
    expect(stderr).toMatch(/^error: the connection was cut off: .*\((PQ_ERR_TRUNCATED|ECONNRESET)\)\nhint: /m);
    expect(code).toBe(6);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s is one for the peer, and quiet here', async (signal, exitCode) => {
    const pair = await both();
    await opened(pair);
    pair.near.kill(signal);
    const [near, far] = await Promise.all([pair.near.end, pair.far.end]);
    expect([near.code, far.code]).toEqual([exitCode, 6]);
    expect(near.stderr).not.toContain('error:');
    expect(far.stderr).toMatch(/^error: the connection was cut off: .*PQ_ERR_ALERT/m);
  });

  it('by a signal, ends also if nobody takes what came', async () => {
    const pair = await both([], ['--recv-only']);
    await opened(pair);
    pair.near.stdin.write(randomBytes(2 ** 20));
    await once(pair.far.stdout, 'readable');
    pair.far.kill('SIGTERM');
    expect((await pair.far.end).code).toBe(143);
  });

  it.each([
    ['some', 141],
    ['all', 0],
  ] as const)('by who does not want to read more is quiet, when %s was sent', async (sent, exitCode) => {
    const pair = await both();
    await opened(pair);
    const { near, far } = pair;
    near.stdout.resume();
    if (sent === 'all') {
      far.stdin.end();
      await once(near.stdout, 'end');
    }
    near.stdin.write('first');
    await once(far.stdout, 'data');
    far.stdout.destroy();
    near.stdin.write('second');
    expect(await far.end).toEqual({ code: exitCode, stderr: expect.not.stringContaining('error:') });
    // Once the peer has said all, its death is seen by who goes on writing.
    if (sent === 'some') expect((await near.end).code).toBe(6);
  });

  it('for no data for too long', async () => {
    const pair = await both(['--idle-timeout', '0.3']);
    const { code, stderr } = await pair.near.end;
    expect(stderr).toMatch(/^error: the connection was cut off: .*PQ_ERR_TIMEOUT/m);
    expect([code, (await pair.far.end).code]).toEqual([6, 6]);
  });

  it('because stdin can’t be read looks to the peer like no clean end', async () => {
    const far = run(listenArgs());
    const from = openSync(folder, 'r'); // a folder
    const near = run(connectArgs(await listening(far)), { stdin: from });
    const { code, stderr } = await near.end;
    closeSync(from);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^error: stdin can't be read: EISDIR\nhint: /)]);
    expect((await far.end).code).toBe(6);
  });
});

describe('without a connection', () => {
  it('a server with another key gets no byte of stdin', async () => {
    const far = run(listenArgs());
    const to = await listening(far);
    const args = ['connect', to, '--identity', join(keys, 'client.pem'), '--trust', client.fingerprint];
    const near = run([...args]);
    near.stdin.end('a secret');
    const { code, stderr } = await near.end;
    expect(stderr).toMatch(/^error: .*\(PQ_ERR_UNTRUSTED\)\n$/);
    expect(code).toBe(4);
    await far.line(/connection refused: from=127\.0\.0\.1:\d+ code=PQ_ERR_ALERT alert=auth_failed/);
    await expectStillListening(far, to);
  });

  it('a client with another key is refused, and the server goes on listening', async () => {
    const far = run(listenArgs());
    const to = await listening(far);
    const args = ['connect', to, '--identity', join(keys, 'stranger.pem'), '--trust', server.fingerprint];
    const near = run(args);
    near.stdin.end('a secret');
    const { code, stderr } = await near.end;
    expect(stderr).toMatch(/^error: pq:.* does not trust us: .*\nhint: .*fingerprint/);
    expect(code).toBe(4);
    await far.line(/connection refused: from=127\.0\.0\.1:\d+ code=PQ_ERR_UNTRUSTED/);
    await expectStillListening(far, to);
  });

  /** Nothing else has reached its stdout before. */
  async function expectStillListening(far: PipedCommand, to: string): Promise<void> {
    far.stdin.end();
    run(connectArgs(to)).stdin.end('the right one');
    expect(await text(far.stdout)).toBe('the right one');
    expect((await far.end).code).toBe(0);
  }

  it('connect ends with 5 where nobody listens, and where nobody answers in time', async () => {
    const far = run(listenArgs());
    const to = await listening(far);
    far.kill('SIGKILL');
    await far.end;
    const none = await run(connectArgs(to), { stdin: 'ignore' }).end;
    expect(none).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^error: pq:.* can't be reached \(ECONNREFUSED\)\nhint: /),
    });
  });

  it('listen ends with 5 if nobody comes in time, or the address is taken', async () => {
    const far = run(listenArgs());
    const to = await listening(far);
    const args = listenArgs('--timeout', '0.2');
    const late = await run(args, { stdin: 'ignore' }).end;
    expect(late).toMatchObject({ code: 5, stderr: expect.stringMatching(/error: nobody .* within 0\.2 s\nhint: /) });
    const taken = await run(['listen', to, ...args.slice(2)], { stdin: 'ignore' }).end;
    expect(taken).toMatchObject({ code: 5, stderr: expect.stringMatching(/EADDRINUSE\nhint: /) });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('listen is ended by %s', async (signal, code) => {
    const far = run(listenArgs());
    await listening(far);
    far.kill(signal);
    expect(await far.end).toEqual({ code, stderr: expect.stringMatching(/^.*listening: .*\n$/) });
  });

  it('a wrong command line is refused with exit code 2', async () => {
    const wrong: readonly [string[], string][] = [
      [['connect', '127.0.0.1:1'], 'is no endpoint'],
      [['connect', 'tcp://127.0.0.1:1'], 'would be plain text'],
      [['connect', 'pq://127.0.0.1:0'], 'port 0'],
      [['listen', 'unix:/tmp/x'], 'would be plain text'],
      [['listen'], "missing required argument 'endpoint'"],
      [['connect', 'pq://a:1', '--authorized-keys', 'x'], "unknown option '--authorized-keys'"],
      [['connect', 'pq://a:1', '--exec', 'sh'], "unknown option '--exec'"],
      [['connect', 'pq://a:1', '--passphrase-fd', '0'], "stdin can't be both"],
      [['connect', 'pq://a:1', '--send-only', '--recv-only'], 'nothing would pass'],
      [['listen', 'pq://127.0.0.1:0', '--send-only', '--keep-open'], 'nothing would pass'],
      [['connect', 'pq://a:1', '--identity', 'x.pem'], 'nobody is trusted'],
      [['connect', 'pq://a:1', '--trust', 'pqsock1:x'], 'is no fingerprint'],
    ];
    const ends = await Promise.all(wrong.map(([args]) => run(args, { stdin: 'ignore' }).end));
    for (const [i, { code, stderr }] of ends.entries()) {
      expect(stderr).toMatch(/^error: .*\nhint: /);
      expect(stderr).toContain(wrong[i]?.[1]);
      expect(code).toBe(2);
    }
  }, 15_000);
});

describe('lists of those to trust, and passphrases', () => {
  it('are the same as those of the tunnel', async () => {
    const inFolder = (name: string) => join(folder, name);
    await writeIdentity(inFolder('locked.pem'), client, { passphrase: 'open sesame' });
    writeFileSync(inFolder('words'), 'open sesame\n');
    writeFileSync(inFolder('clients.txt'), `${client.fingerprint} tunnels=listen # Ann\n`);
    const serverKey = join(keys, 'server.pem');
    const lists = ['--authorized-keys', inFolder('clients.txt')];
    const far = run(['listen', 'pq://127.0.0.1:0', '--identity', serverKey, ...lists, '--keep-open']);
    const to = await listening(far);
    const hosts = ['--known-hosts', inFolder('hosts.txt'), '--known-as', 'db.example'];
    const args = [
      'connect',
      to,
      '--identity',
      inFolder('locked.pem'),
      '--passphrase-file',
      inFolder('words'),
      ...hosts,
    ];
    writeFileSync(inFolder('hosts.txt'), '');
    expect((await run(args, { stdin: 'ignore' }).end).code).toBe(4);
    expect((await run([...args, '--trust-on-first-use'], { stdin: 'ignore' }).end).code).toBe(0);
    expect(readFileSync(inFolder('hosts.txt'), 'utf8')).toContain(`db.example ${server.fingerprint} # first use`);
    expect((await run(args, { stdin: 'ignore' }).end).code).toBe(0);
  });
});

describe('pqsock listen --keep-open', () => {
  it('writes what comes from one after the other, whatever becomes of each, until a signal ends it', async () => {
    const far = run(listenArgs('--keep-open'));
    const to = await listening(far);
    const says = async (what: string) => {
      const near = run(connectArgs(to));
      near.stdin.end(what);
      expect((await near.end).code).toBe(0);
    };
    await says('one ');
    const dying = run(connectArgs(to, '--verbose'));
    dying.stdin.write('two ');
    await dying.line(/connection open/);
    const next = says('three');
    let all = '';
    far.stdout.setEncoding('utf8').on('data', (data) => {
      all += data;
      if (all === 'one two ') dying.kill('SIGKILL');
    });
    await next;
    await far.line(/^error: the connection was cut off: /);
    far.kill('SIGTERM');
    expect((await far.end).code).toBe(0);
    expect(all).toBe('one two three');
  });
});

describe('the examples of --help', () => {
  it('send a file and get its checksum back, and pack a folder', async () => {
    const shell = (script: string) => started(new PipedCommand('sh', ['-c', script], { stdin: 'ignore', cwd: folder }));
    const pqsock = (args: readonly string[]) => [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    writeFileSync(join(folder, 'movie'), randomBytes(2 ** 20));
    const copying = shell(`mkfifo back; ${pqsock(listenArgs())} < back | tee copy | sha256sum > back`);
    const sending = shell(`${pqsock(connectArgs(await listening(copying)))} < movie`);
    const data = readFileSync(join(folder, 'movie'));
    expect(await text(sending.stdout)).toBe(`${sha256(data)}  -\n`);
    expect(await codes({ near: sending, far: copying })).toEqual([0, 0]);
    expect(readFileSync(join(folder, 'copy')).equals(data)).toBe(true);
    const unpacking = shell(`mkdir there; ${pqsock(listenArgs('--recv-only'))} | tar x -C there`);
    const packing = shell(`tar c movie | ${pqsock(connectArgs(await listening(unpacking), '--send-only'))}`);
    expect(await codes({ near: packing, far: unpacking })).toEqual([0, 0]);
    expect(readFileSync(join(folder, 'there/movie')).equals(data)).toBe(true);
  });

  (process.platform === 'linux' ? it : it.skip)('leave a pipe as it was for who writes to it after them', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const descriptor = openSync(pipe, 'r+');
    const isNonBlocking = () => {
      const [, flags = ''] = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? [];
      return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
    };
    const far = run(listenArgs(), { stdin: 'ignore', stdout: descriptor });
    const near = run(connectArgs(await listening(far)));
    near.stdin.end('x');
    expect(await codes({ near, far })).toEqual([0, 0]);
    expect(isNonBlocking()).toBe(false);
    closeSync(descriptor);
  });
});
