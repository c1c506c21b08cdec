/** The text format, as a strict reader takes it. */
import type { Family } from '../../lib/metrics/family.js';
import { Histogram } from '../../lib/metrics/histogram.js';
import { Tally } from '../../lib/metrics/tally.js';
import { formatFamilies } from '../../lib/metrics/text-format.js';
import { readMetrics } from '../support/metrics-text.js';

describe('formatFamilies', () => {
  it('writes help, type and samples, family after family', () => {
    const tally = new Tally('counter', 'done_total', 'What was done.').add({ who: 'me' }).add({ who: 'me' }, 2);
    const gauge = new Tally('gauge', 'left', 'What is left.').add({}, -0.5);
    expect(formatFamilies([tally.family, gauge.family])).toBe(
      '# HELP done_total What was done.\n# TYPE done_total counter\ndone_total{who="me"} 3\n' +
        '# HELP left What is left.\n# TYPE left gauge\nleft -0.5\n',
    );
  });

  it('escapes what would end a label or a line', () => {
    const family = new Tally('gauge', 'a', 'back\\slash "and"\nline').add({ name: 'x"} 1\ny\\' }, 7).family;
    const text = formatFamilies([family]);
    expect(text).toBe('# HELP a back\\\\slash "and"\\nline\n# TYPE a gauge\na{name="x\\"} 1\\ny\\\\"} 7\n');
    expect([...(readMetrics(text).get('a')?.samples ?? [])]).toEqual([['a{name="x\\"} 1\\ny\\\\"}', 7]]);
  });

  it('writes what is no finite number as Prometheus calls it', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, 5e-7];
    const samples = values.map((value, i) => ({ name: 'a', labels: { i: String(i) }, value }));
    const family: Family = { name: 'a', help: 'b', type: 'gauge', samples };
    const text = formatFamilies([family]);
    expect(text.match(/\S+$/gm)?.slice(2)).toEqual(['NaN', '+Inf', '-Inf', '1e+21', '5e-7']);
    expect([...(readMetrics(text).get('a')?.samples.values() ?? [])]).toEqual(values);
  });
});

describe('Histogram', () => {
  it('counts a value in its bucket and in all above it, and what is on a bound below that', () => {
    const histogram = new Histogram('a', 'b', [1, 2]);
    for (const value of [0.5, 1, 1.5, 2.5]) histogram.observe({ role: 'client' }, value);
    histogram.observe({ role: 'server' }, 2);
    const samples = readMetrics(formatFamilies([histogram.family])).get('a')?.samples;
    expect(Object.fromEntries(samples ?? [])).toEqual({
      'a_bucket{role="client",le="1"}': 2,
      'a_bucket{role="client",le="2"}': 3,
      'a_bucket{role="client",le="+Inf"}': 4,
      'a_sum{role="client"}': 5.5,
      'a_count{role="client"}': 4,
      'a_bucket{role="server",le="1"}': 0,
      'a_bucket{role="server",le="2"}': 1,
      'a_bucket{role="server",le="+Inf"}': 1,
      'a_sum{role="server"}': 2,
      'a_count{role="server"}': 1,
    });
  });
});
