/** The client ioredis with a real Redis behind a server of ours. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Redis, type RedisOptions } from 'ioredis';
import { ioredisConnector } from '../../lib/adapters/ioredis-connector.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';
import { startRedis } from '../support/redis.js';
import { describeWithPrograms } from '../support/requirements.js';
import type { TemporaryServer } from '../support/temporary-server.js';

describeWithPrograms(__filename, 'ioredis with Redis', () => {
  let server: TemporaryServer | undefined;
  let pair: EcosystemPair;
  const clients: Redis[] = [];
  beforeAll(async () => {
    const redis = await startRedis();
    server = redis.server;
    pair = await EcosystemPair.generate();
    await pair.forwardTo(redis.path);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });
  afterAll(async () => {
    await pair?.close();
    await server?.close();
  });

  function client(options: Pick<RedisOptions, 'Connector' | 'retryStrategy'> = {}): Redis {
    const Connector = ioredisConnector(pair.client);
    const made = new Redis({ host: '127.0.0.1', port: pair.port, Connector, ...options });
    clients.push(made);
    return made;
  }

  it('sets and gets, before and after it is connected', async () => {
    const redis = client();
    const early = redis.set('key', 'value');
    expect(redis.status).toBe('connecting');
    expect(await early).toBe('OK');
    expect(await redis.get('key')).toBe('value');
    expect(await redis.quit()).toBe('OK');
  });

  it('runs a pipeline of 1000 commands and a transaction', async () => {
    const redis = client();
    const pipeline = redis.pipeline();
    for (let i = 0; i < 1000; i += 1) pipeline.incr('counter');
    const results = await pipeline.exec();
    expect(results?.map(([error, count]) => [error, count])).toEqual(
      Array.from({ length: 1000 }, (_, i) => [null, i + 1]),
    );
    expect(await redis.multi().set('a', '1').get('a').exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
    ]);
  });

  it('carries a value of 5 MB there and back', async () => {
    const redis = client();
    const value = randomBytes(5_000_000);
    await redis.set('large', value);
    expect((await redis.getBuffer('large'))?.equals(value)).toBe(true);
  });

  it('hears what is published on another connection', async () => {
    const [subscriber, publisher] = [client(), client()];
    await subscriber.subscribe('news');
    const heard = once(subscriber, 'message');
    expect(await publisher.publish('news', 'from afar')).toBe(1);
    expect(await heard).toEqual(['news', 'from afar']);
  });

  it('connects anew when the connection was dropped, and then does what was asked meanwhile', async () => {
    const redis = client({ retryStrategy: () => 1 });
    await redis.set('kept', 'still here');
    redis.on('error', () => {}); // a connection that breaks off is one
    const dropped = new Promise<void>((resolve) => void redis.once('close', resolve));
    for (const socket of pair.accepted) socket.destroy();
    await dropped;
    expect(await redis.get('kept')).toBe('still here');
  });

  it('waits for a command that blocks while another connection answers it', async () => {
    const [waiting, giving] = [client(), client()];
    const popped = waiting.blpop('queue', 5);
    await giving.rpush('queue', 'job');
    expect(await popped).toEqual(['queue', 'job']);
  });

  it('gives up quietly when it is told to disconnect at once', async () => {
    const redis = client();
    redis.on('error', () => {});
    const ended = new Promise<void>((resolve) => void redis.on('end', resolve));
    redis.disconnect();
    await ended;
    expect(redis.status).toBe('end');
  });

  it('reports a server that isn’t trusted', async () => {
    const Connector = ioredisConnector(await pair.strangersFriend());
    const redis = client({ Connector, retryStrategy: () => null });
    const errors: Error[] = [];
    redis.on('error', (error) => void errors.push(error));
    await new Promise<void>((resolve) => void redis.on('end', resolve));
    expect(errors).toEqual([expect.objectContaining({ code: 'PQ_ERR_UNTRUSTED' })]);
  });
});
