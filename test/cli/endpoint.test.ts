/** How endpoints are written. */
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../lib/cli/endpoint.js';

const GOOD: readonly [string, Endpoint][] = [
  ['pq://0.0.0.0:7443', { scheme: 'pq', host: '0.0.0.0', port: 7443 }],
  ['tcp://127.0.0.1:5432', { scheme: 'tcp', host: '127.0.0.1', port: 5432 }],
  ['pq://db.example:65535', { scheme: 'pq', host: 'db.example', port: 65_535 }],
  ['tcp://under_score-1.x:1', { scheme: 'tcp', host: 'under_score-1.x', port: 1 }],
  ['pq://[::1]:7443', { scheme: 'pq', host: '::1', port: 7443 }],
  ['tcp://[fe80::1%eth0]:22', { scheme: 'tcp', host: 'fe80::1%eth0', port: 22 }],
  ['unix:/run/postgresql/.s.PGSQL.5432', { scheme: 'unix', path: '/run/postgresql/.s.PGSQL.5432' }],
];

const BAD = [
  ...['', '7443', ':7443', '127.0.0.1:5432', 'localhost:5432', '//a:1', '/run/a.sock', 'tcp:127.0.0.1:1', 'tcp:/a:1'],
  ...[
    'TCP://127.0.0.1:1',
    'pq:///a',
    'http://a:1',
    'pqs://a:1',
    ' tcp://a:1',
    'tcp://a:1 ',
    'tcp://a:1/',
    'tcp://a:1\n',
  ],
  ...[
    'tcp://a',
    'tcp://a:',
    'tcp://a:b',
    'tcp://a:-1',
    'tcp://a:65536',
    'tcp://a:080',
    'tcp://a:1e3',
    'tcp://a:99999999999',
  ],
  ...[
    'tcp://:1',
    'tcp://u@a:1',
    'tcp://a b:1',
    'tcp://-a:1',
    'tcp://a..b:1',
    'tcp://1.2.3:1',
    'tcp://127.1:1',
    'tcp://256.1.1.1:1',
  ],
  ...[
    'tcp://::1:5',
    'tcp://[::1]',
    'tcp://[::1:5',
    'tcp://[127.0.0.1]:1',
    'tcp://[]:1',
    'tcp://[::g]:1',
    `tcp://${'a'.repeat(64)}:1`,
  ],
  ...[
    'unix:',
    'unix:a',
    'unix:./a',
    'unix:/',
    'unix:/run/',
    'unix://run/a',
    'unix:///run/a',
    'unix:/a\0b',
    `unix:/${'a'.repeat(107)}`,
  ],
];

describe('an endpoint', () => {
  it.each(GOOD)('is taken as %s, and written the same', (text, endpoint) => {
    expect(parseEndpoint(text, 'to')).toEqual(endpoint);
    expect(formatEndpoint(endpoint)).toBe(text);
  });

  it.each(BAD)('is not %j, and the error says what to write', (text) => {
    for (const use of ['listen', 'to'] as const) {
      expect(() => parseEndpoint(text, use)).toThrow(
        expect.objectContaining({ exitCode: 2, hint: expect.stringContaining('write pq://host:port') }),
      );
    }
  });

  it('may have port 0 where it is listened on, and nowhere else', () => {
    expect(parseEndpoint('pq://[::]:0', 'listen')).toEqual({ scheme: 'pq', host: '::', port: 0 });
    expect(() => parseEndpoint('pq://[::]:0', 'to')).toThrow('has port 0');
  });

  it('may have a path as long as a socket can, counted in bytes', () => {
    const longest = process.platform === 'linux' ? 107 : 103;
    expect(parseEndpoint(`unix:/${'a'.repeat(longest - 1)}`, 'to').scheme).toBe('unix');
    expect(() => parseEndpoint(`unix:/${'ä'.repeat(longest / 2 + 1)}`, 'to')).toThrow('bytes: sockets can have');
  });
});
