/** The event loop's delay, of intervals that were measured. */
import { createHistogram } from 'node:perf_hooks';
import { EventLoopDelay, RESOLUTION } from '../../lib/metrics/event-loop-delay.js';

const NAME = 'pqsock_event_loop_delay_seconds';
const late = (milliseconds: number) => 1e6 * (RESOLUTION + milliseconds);

/** Intervals that a test makes up. */
function measured() {
  const histogram = createHistogram();
  const source = Object.assign(histogram, { enable: () => true, disable: () => true });
  const delay = new EventLoopDelay(source);
  const values = () =>
    Object.fromEntries(delay.family.samples.map((one) => [one.labels['quantile'] ?? one.name, one.value]));
  return { histogram, delay, values };
}

describe('EventLoopDelay', () => {
  it('shows the quantiles of the last window, and the sum of all', () => {
    const { histogram, delay, values } = measured();
    for (let i = 0; i < 98; i += 1) histogram.record(late(0));
    for (let i = 0; i < 2; i += 1) histogram.record(late(200));
    expect(values()).toMatchObject({ 0.5: Number.NaN, [`${NAME}_count`]: 0 });
    delay.turn();
    const first = values();
    expect(first['0.5']).toBeCloseTo(0, 3);
    expect([first['0.99'], first['1']]).toEqual([expect.closeTo(0.2, 2), expect.closeTo(0.2, 2)]);
    expect([first[`${NAME}_sum`], first[`${NAME}_count`]]).toEqual([expect.closeTo(0.4, 2), 100]);
    histogram.record(late(50));
    delay.turn();
    const second = values();
    expect(second['1']).toBeCloseTo(0.05, 3);
    expect([second[`${NAME}_sum`], second[`${NAME}_count`]]).toEqual([expect.closeTo(0.45, 2), 101]);
  });

  it('is never below 0, and a window without a measurement changes nothing', () => {
    const { histogram, delay, values } = measured();
    histogram.record(late(-5));
    delay.turn();
    expect([values()['0.5'], values()[`${NAME}_sum`]]).toEqual([0, 0]);
    delay.turn();
    expect([values()['0.5'], values()[`${NAME}_count`]]).toEqual([0, 1]);
  });
});
