import { canonicalHost, formatHost, parseHost } from '../../lib/trust/host.js';

describe('a host', () => {
  it.each([
    ['db.example', 'db.example', undefined],
    ['DB.Example', 'db.example', undefined],
    ['db.example.', 'db.example', undefined],
    ['db.example:7443', 'db.example', 7443],
    ['db_1:1', 'db_1', 1],
    ['bücher.example:65535', 'xn--bcher-kva.example', 65_535],
    ['192.0.2.1:22', '192.0.2.1', 22],
    ['[::1]', '::1', undefined],
    ['[2001:DB8:0:0::0001]:7443', '2001:db8::1', 7443],
    ['[fe80::1%Eth0]:7443', 'fe80::1%eth0', 7443],
  ])('may be written %s', (text, host, port) => {
    expect(parseHost(text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':7443',
    '::1',
    '2001:db8::1',
    '[db.example]:7443',
    '[::1',
    '::1]',
    '[::1]7443',
    '[:::]',
    '[::1%]',
    'db.example:',
    'db.example:0',
    'db.example:07443',
    'db.example:65536',
    'db.example:99999999999',
    'db.example:+1',
    'db.example:1:2',
    'db/x',
    'a b',
    'a@b',
    'a?b',
    'a%62',
    '*.example',
    '!db.example',
    'db.example,other.example',
    '|1|hash|hash',
    'db.example\u00a0',
    '1.2.3.4.5',
    '.',
    'x'.repeat(254),
  ])('is not written %p', (text) => {
    expect(parseHost(text)).toBeUndefined();
  });

  it.each(['db.example', 'db.example:7443', '[::1]', '[fe80::1%eth0]:7443'])('is written again as %s', (text) => {
    expect(formatHost(parseHost(text) as never)).toBe(text);
  });

  it('that is dialled has the same form', () => {
    const dialled = ['LOCALHOST', '0:0:0:0:0:0:0:1', 'bücher.example', 'FE80::1%eth0', '[::1]', '', 'a b'];
    expect(dialled.map(canonicalHost)).toEqual([
      'localhost',
      '::1',
      'xn--bcher-kva.example',
      'fe80::1%eth0',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
