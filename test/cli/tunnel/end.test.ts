/** Ending a connection so that the other side knows that it was no clean end. */
import { once } from 'node:events';
import { plainEnd } from '../../../lib/cli/tunnel/end.js';
import { type TcpPair, tcpPair } from '../../support/tcp-pair.js';

let pair: TcpPair;
beforeEach(async () => {
  pair = await tcpPair();
});
afterEach(() => {
  pair.client.destroy();
  pair.server.destroy();
});

const why = new Error('why');

/** What the other side hears, and that our side has gone. */
async function heard(): Promise<string[]> {
  const events: string[] = [];
  pair.server.on('error', ({ code }: NodeJS.ErrnoException) => events.push(code as string));
  pair.server.on('end', () => {
    events.push('end');
    plainEnd(pair.server, 'tcp').confirmEnd();
  });
  const closed = [pair.server, pair.client].map((end) => new Promise((resolve) => end.once('close', resolve)));
  pair.server.resume();
  await Promise.all(closed);
  return events;
}

it.each<[string, (reset: () => void) => void]>([
  ['an open connection', (reset) => reset()],
  [
    'one with data on its way',
    (reset) => {
      pair.client.write('data');
      reset();
    },
  ],
  [
    'one twice',
    (reset) => {
      reset();
      reset();
    },
  ],
])('resets %s', async (_, act) => {
  act(() => plainEnd(pair.client, 'tcp').reset(why));
  expect((await heard()).at(-1)).toBe('ECONNRESET');
});

// Node would leave the socket open for good if it were reset while its FIN is on the way to the kernel.
it.each<[string, (reset: () => void) => void]>([
  ['at once', (reset) => reset()],
  ['a tick later', (reset) => process.nextTick(reset)],
  ['a few ticks later', (reset) => process.nextTick(() => process.nextTick(() => process.nextTick(reset)))],
  ['a turn later', (reset) => void setImmediate(reset)],
])('closes a connection that has just been ended when it is reset %s', async (_, later) => {
  pair.client.end('data');
  later(() => plainEnd(pair.client, 'tcp').reset(why));
  pair.server.once('end', () => pair.server.end());
  await heard();
});

it('resets a connection whose end waits behind data that the other side does not take', async () => {
  pair.client.end(Buffer.alloc(2 ** 24));
  await once(pair.server, 'readable');
  plainEnd(pair.client, 'tcp').reset(why);
  expect(await heard()).toEqual(['ECONNRESET']);
});
