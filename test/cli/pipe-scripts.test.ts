/** `pqsock listen` and `pqsock connect`: whom they refuse, why there is no connection, and how scripts use them. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { writeIdentity } from '../../lib/index.js';
import { MAIN } from '../support/command.js';
import type { PipedCommand } from '../support/piped-command.js';
import { codesOf, listening, Pipes } from '../support/pipes.js';

let pipes: Pipes;
beforeEach(async () => {
  pipes = await Pipes.make();
});
afterEach(() => pipes.close());

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('without a connection', () => {
  it('a server with another key gets no byte of stdin', async () => {
    const far = pipes.run(pipes.listenArgs());
    const to = await listening(far);
    const args = ['connect', to, '--identity', pipes.path('client.pem'), '--trust', pipes.client.fingerprint];
    const near = pipes.run([...args]);
    near.stdin.end('a secret');
    const { code, stderr } = await near.end;
    expect(stderr).toMatch(/^error: .*\(PQ_ERR_UNTRUSTED\)\n$/);
    expect(code).toBe(4);
    await far.line(/connection refused: from=127\.0\.0\.1:\d+ code=PQ_ERR_ALERT alert=auth_failed/);
    await expectStillListening(far, to);
  });

  it('a client with another key is refused, and the server goes on listening', async () => {
    const far = pipes.run(pipes.listenArgs());
    const to = await listening(far);
    const args = ['connect', to, '--identity', pipes.path('stranger.pem'), '--trust', pipes.server.fingerprint];
    const near = pipes.run(args);
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
    pipes.run(pipes.connectArgs(to)).stdin.end('the right one');
    expect(await text(far.stdout)).toBe('the right one');
    expect((await far.end).code).toBe(0);
  }

  it('connect ends with 5 where nobody listens, and where nobody answers in time', async () => {
    const far = pipes.run(pipes.listenArgs());
    const to = await listening(far);
    far.kill('SIGKILL');
    await far.end;
    const none = await pipes.run(pipes.connectArgs(to), { stdin: 'ignore' }).end;
    expect(none).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^error: pq:.* can't be reached \(ECONNREFUSED\)\nhint: /),
    });
  });

  it('listen ends with 5 if nobody comes in time, or the address is taken', async () => {
    const far = pipes.run(pipes.listenArgs());
    const to = await listening(far);
    const args = pipes.listenArgs('--timeout', '0.2');
    const ends = [args, [...args, '--keep-open']].map((each) => pipes.run(each, { stdin: 'ignore' }).end);
    for (const late of await Promise.all(ends)) {
      expect(late).toMatchObject({ code: 5, stderr: expect.stringMatching(/error: nobody .* within 0\.2 s\nhint: /) });
    }
    const taken = await pipes.run(['listen', to, ...args.slice(2)], { stdin: 'ignore' }).end;
    expect(taken).toMatchObject({ code: 5, stderr: expect.stringMatching(/EADDRINUSE\nhint: /) });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('listen is ended by %s', async (signal, code) => {
    const far = pipes.run(pipes.listenArgs());
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
    const ends = await Promise.all(wrong.map(([args]) => pipes.run(args, { stdin: 'ignore' }).end));
    for (const [i, { code, stderr }] of ends.entries()) {
      expect(stderr).toMatch(/^error: .*\nhint: /);
      expect(stderr).toContain(wrong[i]?.[1]);
      expect(code).toBe(2);
    }
  }, 15_000);
});

describe('lists of those to trust, and passphrases', () => {
  it('are the same as those of the tunnel', async () => {
    await writeIdentity(pipes.path('locked.pem'), pipes.client, { passphrase: 'open sesame' });
    writeFileSync(pipes.path('words'), 'open sesame\n');
    writeFileSync(pipes.path('clients.txt'), `${pipes.client.fingerprint} tunnels=listen # Ann\n`);
    const serverKey = pipes.path('server.pem');
    const lists = ['--authorized-keys', pipes.path('clients.txt')];
    const far = pipes.run(['listen', 'pq://127.0.0.1:0', '--identity', serverKey, ...lists, '--keep-open']);
    const to = await listening(far);
    const hosts = ['--known-hosts', pipes.path('hosts.txt'), '--known-as', 'db.example'];
    const args = [
      'connect',
      to,
      '--identity',
      pipes.path('locked.pem'),
      '--passphrase-file',
      pipes.path('words'),
      ...hosts,
    ];
    writeFileSync(pipes.path('hosts.txt'), '');
    expect((await pipes.run(args, { stdin: 'ignore' }).end).code).toBe(4);
    expect((await pipes.run([...args, '--trust-on-first-use'], { stdin: 'ignore' }).end).code).toBe(0);
    expect(readFileSync(pipes.path('hosts.txt'), 'utf8')).toContain(
      `db.example ${pipes.server.fingerprint} # first use`,
    );
    expect((await pipes.run(args, { stdin: 'ignore' }).end).code).toBe(0);
  });
});

describe('pqsock listen --keep-open', () => {
  it('writes what comes from one after the other, whatever becomes of each, until a signal ends it', async () => {
    const far = pipes.run(pipes.listenArgs('--keep-open'));
    const to = await listening(far);
    const says = async (what: string) => {
      const near = pipes.run(pipes.connectArgs(to));
      near.stdin.end(what);
      expect((await near.end).code).toBe(0);
    };
    await says('one ');
    const dying = pipes.run(pipes.connectArgs(to, '--verbose'));
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
    const pqsock = (args: readonly string[]) => [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    writeFileSync(pipes.path('movie'), randomBytes(2 ** 20));
    const copying = pipes.shell(`mkfifo back; ${pqsock(pipes.listenArgs())} < back | tee copy | sha256sum > back`);
    const sending = pipes.shell(`${pqsock(pipes.connectArgs(await listening(copying)))} < movie`);
    const data = readFileSync(pipes.path('movie'));
    expect(await text(sending.stdout)).toBe(`${sha256(data)}  -\n`);
    expect(await codesOf({ near: sending, far: copying })).toEqual([0, 0]);
    expect(readFileSync(pipes.path('copy')).equals(data)).toBe(true);
    const unpacking = pipes.shell(`mkdir there; ${pqsock(pipes.listenArgs('--recv-only'))} | tar x -C there`);
    const packing = pipes.shell(
      `tar c movie | ${pqsock(pipes.connectArgs(await listening(unpacking), '--send-only'))}`,
    );
    expect(await codesOf({ near: packing, far: unpacking })).toEqual([0, 0]);
    expect(readFileSync(pipes.path('there/movie')).equals(data)).toBe(true);
  });

  (process.platform === 'linux' ? it : it.skip)('leave a pipe as it was for who writes to it after them', async () => {
    const pipe = pipes.path('pipe');
    execFileSync('mkfifo', [pipe]);
    const descriptor = openSync(pipe, 'r+');
    const isNonBlocking = () => {
      const [, flags = ''] = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? [];
      return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
    };
    const far = pipes.run(pipes.listenArgs(), { stdin: 'ignore', stdout: descriptor });
    const near = pipes.run(pipes.connectArgs(await listening(far)));
    near.stdin.end('x');
    expect(await codesOf({ near, far })).toEqual([0, 0]);
    expect(isNonBlocking()).toBe(false);
    closeSync(descriptor);
  });
});
