/** What can be given to `--metrics`. */
import { isLoopback, isOwnHost, parseMetricsPlace } from '../../../lib/cli/tunnel/metrics-place.js';

describe('parseMetricsPlace', () => {
  it.each<[string, string, number]>([
    ['127.0.0.1:9464', '127.0.0.1', 9464],
    ['[::1]:9464', '::1', 9464],
    ['metrics.example:80', 'metrics.example', 80],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['9464', '127.0.0.1', 9464],
  ])('takes %s', (text, host, port) => {
    expect(parseMetricsPlace(text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':9464',
    '127.0.0.1',
    '::1:9464',
    'a:65536',
    'a:0x50',
    'tcp://a:1',
    'unix:/a',
    'a:1/',
    'a b:1',
    '99999',
  ])('refuses %j, and says what to write', (text) => {
    expect(() => parseMetricsPlace(text)).toThrow(
      expect.objectContaining({
        message: `metrics ${JSON.stringify(text)} is no address`,
        hint: expect.stringContaining('127.0.0.1:9464'),
        exitCode: 2,
      }),
    );
  });
});

describe('isLoopback', () => {
  it('is true for what only this machine reaches', () => {
    expect(['127.0.0.1', '127.200.0.9', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'fe80::1'].some(isLoopback)).toBe(false);
  });
});

describe('isOwnHost', () => {
  const place = { host: 'Here.example', port: 9464 };
  it.each(['localhost', 'LOCALHOST:9464', '127.0.0.1:9464', '[::1]:9464', '[::1]', 'here.example:1'])(
    'is %s',
    (host) => {
      expect(isOwnHost(host, place)).toBe(true);
    },
  );

  it.each(['elsewhere.example', 'localhost.elsewhere.example:9464', '127.0.0.1.example', ''])('is not %j', (host) => {
    expect(isOwnHost(host, place)).toBe(false);
  });
});
