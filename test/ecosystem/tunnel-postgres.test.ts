/** psql and pgbench with a real PostgreSQL behind two tunnels, each in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { POSTGRES_USER, START_TIMEOUT, startPostgres } from '../support/postgres.js';
import { describeWithPrograms } from '../support/requirements.js';
import type { TemporaryServer } from '../support/temporary-server.js';
import { TunnelCommands } from '../support/tunnel-commands.js';

const LONG = 60_000;

describeWithPrograms(__filename, 'PostgreSQL behind a tunnel', () => {
  let postgres: TemporaryServer | undefined;
  let tunnels: TunnelCommands | undefined;
  beforeAll(async () => {
    const { server, path } = await startPostgres();
    postgres = server;
    tunnels = await TunnelCommands.start(`unix:${path}`);
    await finished(client('pgbench', '-i', '-s', '1', '-q'));
  }, START_TIMEOUT);
  afterAll(async () => {
    await tunnels?.close();
    await postgres?.close();
  });

  /** A program of PostgreSQL's that connects to the tunnel. */
  function client(program: string, ...args: readonly string[]): ChildProcess {
    const env = { ...process.env, PGHOST: '127.0.0.1', PGPORT: String(tunnels?.port), PGUSER: POSTGRES_USER };
    return spawn(program, args, { env: { ...env, PGDATABASE: 'postgres', PGSSLMODE: 'disable' }, stdio: 'pipe' });
  }

  /** What a program prints that must succeed. */
  async function finished(child: ChildProcess): Promise<string> {
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout as NodeJS.ReadableStream),
      text(child.stderr as NodeJS.ReadableStream),
      once(child, 'close'),
    ]);
    if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} has ended with ${code}: ${stderr}`);
    return stdout;
  }

  const query = (sql: string) => finished(client('psql', '-Atc', sql));

  /** The four sums that every transaction of pgbench changes by the same. */
  const sums = () =>
    query(
      'SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance) FROM pgbench_tellers), ' +
        '(SELECT sum(bbalance) FROM pgbench_branches), (SELECT coalesce(sum(delta), 0) FROM pgbench_history)',
    );

  it('answers psql', async () => {
    expect(await query('SELECT 6 * 7')).toBe('42\n');
    expect(await query("SELECT length(repeat('pqsock ', 3000000))")).toBe('21000000\n');
  });

  it(
    'carries 10 MB to psql, every byte of it',
    async () => {
      const expected = Array.from({ length: 200_000 }, (_, n) => `${n}:${'x'.repeat(45)}\n`).join('');
      expect(
        (await query("SELECT n || ':' || repeat('x', 45) FROM generate_series(0, 199999) AS n")) === expected,
      ).toBe(true);
    },
    LONG,
  );

  it(
    'carries the transactions of 20 clients of pgbench, and the sums are right',
    async () => {
      const printed = await finished(client('pgbench', '-c', '20', '-j', '2', '-t', '20', '-n'));
      expect(printed).toContain('number of transactions actually processed: 400/400');
      const [accounts, ...others] = (await sums()).trim().split('|');
      expect(others).toEqual([accounts, accounts, accounts]);
    },
    LONG,
  );

  it(
    'ends pgbench with an error within 5 seconds when the far end is killed, and works when it is back',
    async () => {
      const running = client('pgbench', '-c', '4', '-T', '60', '-n', '-P', '1');
      const errors = text(running.stderr as NodeJS.ReadableStream);
      running.stdout?.resume();
      await once(running.stderr as NodeJS.ReadableStream, 'data'); // transactions are under way
      const ended = once(running, 'close');
      const began = performance.now();
      await tunnels?.killServer();
      const [code] = await ended;
      expect(performance.now() - began).toBeLessThan(5_000);
      expect([code, await errors]).toEqual([2, expect.stringMatching(/Run was aborted/)]);
      await tunnels?.startServer();
      expect(await finished(client('pgbench', '-c', '4', '-t', '20', '-n'))).toContain('actually processed: 80/80');
      const [accounts, ...others] = (await sums()).trim().split('|');
      expect(others).toEqual([accounts, accounts, accounts]);
    },
    LONG,
  );
});
