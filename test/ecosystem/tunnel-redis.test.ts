/** redis-cli and redis-benchmark with a real Redis behind two tunnels, each in a process of its own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startRedis } from '../support/redis.js';
import { describeWithPrograms } from '../support/requirements.js';
import type { TemporaryServer } from '../support/temporary-server.js';
import { TunnelCommands } from '../support/tunnel-commands.js';

const LONG = 60_000;

describeWithPrograms(__filename, 'Redis behind a tunnel', () => {
  let redis: TemporaryServer | undefined;
  let tunnels: TunnelCommands | undefined;
  beforeAll(async () => {
    const { server, path } = await startRedis();
    redis = server;
    tunnels = await TunnelCommands.start(`unix:${path}`);
  }, LONG);
  afterAll(async () => {
    await tunnels?.close();
    await redis?.close();
  });

  async function run(program: string, ...args: readonly string[]): Promise<string> {
    const all = ['-h', '127.0.0.1', '-p', String(tunnels?.port), ...args];
    return (await promisify(execFile)(program, all, { maxBuffer: 2 ** 25 })).stdout;
  }

  it('answers redis-cli', async () => {
    expect(await run('redis-cli', 'SET', 'key', 'value')).toBe('OK\n');
    expect(await run('redis-cli', 'GET', 'key')).toBe('value\n');
  });

  it('carries a value of 8 MiB there and back', async () => {
    expect(
      await run('redis-cli', 'EVAL', "return redis.call('SET', 'big', string.rep('pqsock! ', 1048576))", '0'),
    ).toBe('OK\n');
    expect((await run('redis-cli', 'GET', 'big')) === `${'pqsock! '.repeat(2 ** 20)}\n`).toBe(true);
  });

  it(
    'carries redis-benchmark’s 50 connections, also with requests in pipelines',
    async () => {
      const printed = await run(
        'redis-benchmark',
        '-q',
        '-c',
        '50',
        '-n',
        '5000',
        '-P',
        '16',
        '-t',
        'set,get,lpush,lrange_100',
      );
      expect(printed.match(/requests per second/g)).toHaveLength(5);
      expect(await run('redis-cli', 'LLEN', 'mylist')).toMatch(/^[1-9]\d*\n$/);
    },
    LONG,
  );
});
