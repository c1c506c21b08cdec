/** What becomes of a transport on which an alert is under way. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { linger } from '../../lib/net/linger.js';
import { settled } from './in-memory.js';

/** A transport whose peer takes what is written when the test says so, or never. */
class HeldDuplex extends Duplex {
  #pending: (() => void)[] = [];
  taken = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pending.push(() => {
      this.taken += String(chunk);
      done();
    });
  }

  release(): void {
    for (const write of this.#pending.splice(0)) write();
  }
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function lingering(): HeldDuplex {
  const transport = new HeldDuplex();
  transport.write('alert');
  linger(transport);
  return transport;
}

it('stays until the peer has taken the alert, although the peer has ended its side', async () => {
  const transport = lingering();
  transport.push(null);
  await settled();
  expect(transport.destroyed).toBe(false);
  transport.release();
  await once(transport, 'close');
  expect(transport.taken).toBe('alert');
  expect(jest.getTimerCount()).toBe(0);
});

it('stays until the peer has ended its side, although the alert has gone; what comes is discarded', async () => {
  const transport = lingering();
  transport.release();
  for (let i = 0; i < 10; i += 1) transport.push(Buffer.alloc(2 ** 16));
  await settled();
  expect(transport).toMatchObject({ destroyed: false, readableLength: 0 });
  transport.push(null);
  await once(transport, 'close');
  expect(jest.getTimerCount()).toBe(0);
});

it.each<[string, (transport: HeldDuplex) => void]>([
  ['ends its side, nor takes the alert', () => {}],
  ['takes the alert', (transport) => void transport.push(null)],
  ['ends its side', (transport) => transport.release()],
])('is gone after a second if the peer never %s', async (_, act) => {
  const transport = lingering();
  act(transport);
  await settled();
  jest.advanceTimersByTime(999);
  expect(transport.destroyed).toBe(false);
  jest.advanceTimersByTime(1);
  expect(transport.destroyed).toBe(true);
});

it('is gone after a second also if the peer had ended its side before', async () => {
  const transport = new HeldDuplex();
  transport.resume().push(null);
  await once(transport, 'end');
  transport.write('alert');
  linger(transport);
  jest.advanceTimersByTime(1000);
  expect(transport.destroyed).toBe(true);
});
