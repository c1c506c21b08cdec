/** A connection between `pqsock listen` and `pqsock connect`: what passes, and its ends, good and bad. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import type { PipedCommand } from '../support/piped-command.js';
import { codesOf, listening, type PipeEnds, Pipes } from '../support/pipes.js';

let pipes: Pipes;
beforeEach(async () => {
  pipes = await Pipes.make();
});
afterEach(() => pipes.close());

const opened = ({ near, far }: PipeEnds) => Promise.all([near, far].map((command) => command.line(/connection open/)));
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('pqsock listen and pqsock connect', () => {
  it('carry 64 MiB of random data each way at once', async () => {
    const [up, down] = [randomBytes(2 ** 26), randomBytes(2 ** 26)];
    const { near, far } = await pipes.both();
    near.stdin.end(up);
    far.stdin.end(down);
    expect(await Promise.all([far.digest(), near.digest()])).toEqual([sha256(up), sha256(down)]);
    expect(await codesOf({ near, far })).toEqual([0, 0]);
    expect(near.stderr).toMatch(/connection closed: .*bytesSent=67108864 bytesReceived=67108864/);
  }, 30_000);

  it('end each direction by itself: a peer that has heard the end still answers', async () => {
    const { near, far } = await pipes.both();
    near.stdin.end('question');
    expect(await text(far.stdout)).toBe('question'); // so its reader sees the end, while the process goes on
    far.stdin.end('answer');
    expect(await text(near.stdout)).toBe('answer');
    expect(await codesOf({ near, far })).toEqual([0, 0]);
  });

  it('stay open while nobody says anything', async () => {
    const { near, far } = await pipes.both();
    await opened({ near, far });
    const longerThanAnEndTakes = AbortSignal.timeout(2_000);
    await expect(once(near.stdout, 'end', { signal: longerThanAnEndTakes })).rejects.toThrow('aborted');
    for (const { stdin } of [near, far]) stdin.end();
    expect(await codesOf({ near, far })).toEqual([0, 0]);
  });

  it('end when they are done, although somebody else has begun to connect', async () => {
    const far = pipes.run(pipes.listenArgs(), { stdin: 'ignore' });
    const to = await listening(far);
    const stranger = connectTcp(Number(to.split(':').at(-1)), '127.0.0.1').on('error', () => {});
    await once(stranger, 'connect'); // and never begins its handshake
    const gone = once(stranger.resume(), 'close');
    expect((await pipes.run(pipes.connectArgs(to), { stdin: 'ignore' }).end).code).toBe(0);
    const began = performance.now();
    expect((await far.end).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(3_000);
    await gone;
  });

  it('have nothing to say with an empty stdin, a closed one, and files', async () => {
    const file = pipes.path('data');
    writeFileSync(file, 'from a file');
    const [from, to] = [openSync(file, 'r'), openSync(pipes.path('copy'), 'w')];
    const far = pipes.run(pipes.listenArgs(), { stdin: 'ignore', stdout: to });
    const near = pipes.run(pipes.connectArgs(await listening(far)), { stdin: from });
    expect(await text(near.stdout)).toBe('');
    expect(await codesOf({ near, far })).toEqual([0, 0]);
    for (const descriptor of [from, to]) closeSync(descriptor);
    expect(readFileSync(pipes.path('copy'), 'utf8')).toBe('from a file');
    expect(near.stderr).toBe('');
  });

  it('say in one line of JSON at the end what became of it', async () => {
    const far = pipes.run(pipes.listenArgs('--json', '--recv-only'));
    const [, at] = await far.line(/"event":"listening","listen":"([^"]+)"/);
    const near = pipes.run(pipes.connectArgs(at as string, '--json', '--send-only'));
    near.stdin.end('hello');
    expect(await text(far.stdout)).toBe('hello');
    const last = async ({ end }: PipedCommand) => JSON.parse((await end).stderr.trimEnd().split('\n').at(-1) as string);
    const said = { event: 'connection closed', suite: 'kyber1024-dilithium5', exitCode: 0 };
    expect(await last(near)).toMatchObject({ ...said, peer: pipes.server.fingerprint, bytesSent: 5, bytesReceived: 0 });
    expect(await last(far)).toMatchObject({ ...said, peer: pipes.client.fingerprint, bytesSent: 0, bytesReceived: 5 });
  });

  it('say in JSON alone what has gone wrong', async () => {
    const far = pipes.run(pipes.listenArgs('--json', '--recv-only'));
    const [, at] = await far.line(/"event":"listening","listen":"([^"]+)"/);
    const near = pipes.run(pipes.connectArgs(at as string, '--send-only'));
    near.stdin.write('some of it');
    await once(far.stdout, 'data');
    near.kill('SIGKILL');
    const { code, stderr } = await far.end;
    expect(code).toBe(6);
    const lines = stderr.trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line));
    const failed = { event: 'connection failed', exitCode: 6, message: expect.stringContaining('was cut off') };
    expect(events.at(-1)).toMatchObject({ ...failed, hint: expect.stringContaining('may not be all') });
  });

  it('say in JSON alone that nobody came in time', async () => {
    const args = pipes.listenArgs('--json', '--timeout', '0.2');
    const ends = [args, [...args, '--keep-open']].map((each) => pipes.run(each, { stdin: 'ignore' }).end);
    for (const { code, stderr } of await Promise.all(ends)) {
      const events = stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect([code, events]).toMatchObject([5, [{ event: 'listening' }, { event: 'connection failed', exitCode: 5 }]]);
    }
  });

  it('go on when nobody reads stderr any more, whoever connects meanwhile', async () => {
    const far = pipes.run(pipes.listenArgs('--recv-only'));
    const to = await listening(far);
    far.closeStderr();
    const stranger = connectTcp(Number(to.split(':').at(-1)), '127.0.0.1', () => stranger.end('GET / HTTP/1.1'));
    await once(stranger.resume(), 'close');
    const near = pipes.run(pipes.connectArgs(to, '--send-only'));
    near.stdin.end('hello');
    expect(await text(far.stdout)).toBe('hello');
    expect(await codesOf({ near, far })).toEqual([0, 0]);
  });

  it('hold back a sender whose peer is not read, and what waits has a bound', async () => {
    const pair = await pipes.both(['--send-only'], ['--recv-only']);
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
    expect(await codesOf(pair)).toEqual([0, 0]);
  }, 15_000);
});

describe('a connection that is cut off', () => {
  it.each(['near', 'far'] as const)('by the death of the %s process has an exit code and a message', async (who) => {
    const pair = await pipes.both();
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
    const pair = await pipes.both();
    await opened(pair);
    pair.near.kill(signal);
    const [near, far] = await Promise.all([pair.near.end, pair.far.end]);
    expect([near.code, far.code]).toEqual([exitCode, 6]);
    expect(near.stderr).not.toContain('error:');
    expect(far.stderr).toMatch(/^error: the connection was cut off: .*PQ_ERR_ALERT/m);
  });

  it('by a signal, ends also if nobody takes what came', async () => {
    const pair = await pipes.both([], ['--recv-only']);
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
    const pair = await pipes.both();
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
    const pair = await pipes.both(['--idle-timeout', '0.3']);
    const { code, stderr } = await pair.near.end;
    expect(stderr).toMatch(/^error: the connection was cut off: .*PQ_ERR_TIMEOUT/m);
    expect([code, (await pair.far.end).code]).toEqual([6, 6]);
  });

  it('because stdin can’t be read looks to the peer like no clean end', async () => {
    const far = pipes.run(pipes.listenArgs());
    const from = openSync(pipes.folder, 'r'); // a folder
    const near = pipes.run(pipes.connectArgs(await listening(far)), { stdin: from });
    const { code, stderr } = await near.end;
    closeSync(from);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^error: stdin can't be read: EISDIR\nhint: /)]);
    expect((await far.end).code).toBe(6);
  });
});
