/** The client pg with a real PostgreSQL behind a server of ours. */
import { once } from 'node:events';
import { Client, type ClientConfig, Pool } from 'pg';
import { EcosystemPair } from '../support/ecosystem-pair.js';
import { POSTGRES_USER, START_TIMEOUT, startPostgres } from '../support/postgres.js';
import { describeWithPrograms } from '../support/requirements.js';
import type { TemporaryServer } from '../support/temporary-server.js';

describeWithPrograms(__filename, 'pg with PostgreSQL', () => {
  let postgres: TemporaryServer | undefined;
  let pair: EcosystemPair;
  let config: ClientConfig;
  beforeAll(async () => {
    const { server, path } = await startPostgres();
    postgres = server;
    pair = await EcosystemPair.generate();
    await pair.forwardTo(path);
    config = { user: POSTGRES_USER, database: 'postgres', stream: () => pair.connect() };
  }, START_TIMEOUT);
  afterAll(async () => {
    await pair?.close();
    await postgres?.close();
  });

  /** A client that is connected and ends with the test. */
  async function withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client(config);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  it('answers queries with parameters, prepared ones, and goes on after one that fails', async () => {
    await withClient(async (client) => {
      expect((await client.query('SELECT $1::int + 1 AS sum', [41])).rows).toEqual([{ sum: 42 }]);
      await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
      for (const n of [1, 2, 3]) {
        const { rows } = await client.query({ name: 'twice', text: 'SELECT $1::int * 2 AS twice', values: [n] });
        expect(rows).toEqual([{ twice: 2 * n }]);
      }
    });
  });

  it('carries a value of 10 MB there and back', async () => {
    const text = 'pqsock '.repeat(1_500_000);
    await withClient(async (client) => {
      const { rows } = await client.query('SELECT $1::text AS text', [text]);
      expect(rows[0].text === text).toBe(true);
    });
  });

  it('carries 100,000 rows', async () => {
    await withClient(async (client) => {
      const { rows } = await client.query("SELECT n, repeat('x', 20) AS x FROM generate_series(1, 100000) AS n");
      expect(rows.length).toBe(100_000);
      expect(rows.at(-1)).toEqual({ n: 100_000, x: 'x'.repeat(20) });
    });
  });

  it('keeps a transaction together', async () => {
    await withClient(async (client) => {
      await client.query('CREATE TABLE kept (n int)');
      await client.query('BEGIN');
      await client.query('INSERT INTO kept SELECT generate_series(1, 10)');
      await client.query('ROLLBACK');
      expect((await client.query('SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 0 }]);
    });
  });

  it('hears a notification of another connection', async () => {
    await withClient(async (listener) => {
      await listener.query('LISTEN news');
      const heard = once(listener, 'notification');
      await withClient((speaker) => speaker.query("NOTIFY news, 'from afar'"));
      expect((await heard)[0]).toMatchObject({ channel: 'news', payload: 'from afar' });
    });
  });

  it('serves a pool of several connections at once', async () => {
    const pool = new Pool({ ...config, max: 4 });
    const clients = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
    const answers = await Promise.all(clients.map((client) => client.query('SELECT pg_backend_pid() AS pid')));
    expect(new Set(answers.map(({ rows }) => rows[0].pid)).size).toBe(4);
    for (const client of clients) client.release();
    const more = await Promise.all(
      Array.from({ length: 50 }, (_, n) => pool.query<{ n: number }>('SELECT $1::int AS n', [n])),
    );
    expect(more.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    await pool.end();
  });

  it('ends on both sides when the client does', async () => {
    await withClient((client) => client.query('SELECT 1'));
    await Promise.all([...pair.accepted].map((socket) => once(socket, 'close')));
    expect(pair.accepted.size).toBe(0);
  });

  it('tells the client when PostgreSQL ends the connection', async () => {
    const client = new Client(config);
    await client.connect();
    const events: string[] = [];
    client.on('error', ({ message }) => void events.push(message));
    const ended = new Promise<void>((resolve) => void client.on('end', resolve));
    const query = client.query('SELECT pg_terminate_backend(pg_backend_pid())');
    await expect(query).rejects.toMatchObject({ code: '57P01' });
    await ended;
    expect(events).toEqual(['Connection terminated unexpectedly']); // pg's words for an end that it did not ask for
  });

  it('reports a server that isn’t trusted as the failure to connect', async () => {
    const stranger = await pair.strangersFriend();
    const client = new Client({ ...config, stream: () => pair.connect(stranger) });
    await expect(client.connect()).rejects.toMatchObject({ code: 'PQ_ERR_UNTRUSTED' });
  });
});
