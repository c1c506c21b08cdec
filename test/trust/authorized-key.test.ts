import { type AuthorizedKey, formatAuthorizedKey, parseAuthorizedKeys } from '../../lib/trust/authorized-key.js';
import { someFingerprint } from '../support/trust-files.js';

const [a, b] = [someFingerprint(), someFingerprint('mldsa87')] as [string, string];
const parse = (text: string) => [...parseAuthorizedKeys(Buffer.from(text), 'keys').values()];
const error = (text: string) =>
  expect.objectContaining({ code: 'PQ_ERR_TRUST_FILE', message: expect.stringContaining(text) });

describe('authorized keys', () => {
  it('have a fingerprint, and perhaps a time, tunnels and a comment', () => {
    const text = `${a}\n# more\n${b} tunnels=db,queue expires=2027-01-31 # Ann's laptop\n`;
    expect(parse(text)).toEqual([
      { fingerprint: a, comment: '', line: 1 },
      {
        fingerprint: b,
        expires: new Date('2027-01-31T00:00:00Z'),
        tunnels: ['db', 'queue'],
        comment: "Ann's laptop",
        line: 3,
      },
    ]);
  });

  it.each([
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T18:30Z', '2027-01-31T18:30:00.000Z'],
    ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000Z'],
  ])('expire at %s, in UTC', (text, time) => {
    expect(parse(`${a} expires=${text}\n`)[0]?.expires?.toISOString()).toBe(time);
  });

  it.each([
    ['ann', '"ann" is no option: there are expires= and tunnels=, and comments begin with #'],
    ['expire=2027-01-31', 'is no option'],
    ['Expires=2027-01-31', 'is no option'],
    ['expires 2027-01-31', 'is no option'],
    ['expires:2027-01-31', 'is no option'],
    ['=x', 'is no option'],
    ['expires=', 'is no date: write 2027-01-31 or 2027-01-31T18:00Z, in UTC'],
    ['expires=tomorrow', 'is no date'],
    ['expires=2027-02-29', 'is no date'],
    ['expires=2027-02-30T10:00Z', 'is no date'],
    ['expires=2027-13-01', 'is no date'],
    ['expires=2027-01-31T24:00Z', 'is no date'],
    ['expires=2027-01-31T18:00', 'is no date'],
    ['expires=2027-01-31T18:00+01:00', 'is no date'],
    ['expires=2027-1-1', 'is no date'],
    ['expires=+012027-01-31', 'is no date'],
    ['expires="2027-01-31"', 'is no date'],
    ['expires=2027-01-31 expires=2028-01-31', 'expires= is there twice'],
    ['tunnels=', '"" is no name of a tunnel'],
    ['tunnels=db,', '"" is no name of a tunnel'],
    ['tunnels=db, queue', '"queue" is no option'],
    ['tunnels=*', 'is no name of a tunnel'],
    ['tunnels=-db', 'is no name of a tunnel'],
    [`tunnels=${'x'.repeat(65)}`, 'is no name of a tunnel'],
    ['tunnels=db,db', 'tunnels= has a name twice'],
    ['tunnels=db tunnels=queue', 'tunnels= is there twice'],
  ])('are all refused with the option %p', (option, expected) => {
    expect(() => parse(`${b}\n${a} ${option}\n`)).toThrow(error(expected));
    expect(() => parse(`${b}\n${a} ${option}\n`)).toThrow(error('keys, line 2: '));
  });

  it.each([
    [`ann ${a}`, 'keys, line 1: "ann" is no fingerprint'],
    [`\ufeff${a}`, 'is no fingerprint'],
    [`${a.slice(0, -1)}B`, 'is no fingerprint'],
    [`${a}\n${b}\n${a} expires=2027-01-31`, 'keys, line 3: line 1 has the same fingerprint'],
  ])('are all refused with %p', (text, expected) => {
    expect(() => parse(`${text}\n`)).toThrow(error(expected));
  });

  it.each([
    [{}, ''],
    [{ comment: ' Ann # 1 ' }, ' # Ann # 1'],
    [
      { expires: new Date('2027-01-31T18:30:15.999Z'), tunnels: ['db', 'queue'], comment: 'Ann' },
      ' expires=2027-01-31T18:30:15Z tunnels=db,queue # Ann',
    ],
  ])('are written so that they can be read: %p', (key, text) => {
    expect(formatAuthorizedKey({ fingerprint: a, ...key })).toBe(a + text);
  });

  it.each<[string, Partial<AuthorizedKey>]>([
    ['a fingerprint that is none', { fingerprint: 'ann' }],
    ['a time that is none', { expires: new Date(Number.NaN) }],
    ['a time that is a text', { expires: '2027-01-31' as never }],
    ['a time too late', { expires: new Date('+010000-01-01T00:00:00Z') }],
    ['no tunnel at all', { tunnels: [] }],
    ['a tunnel with a comma', { tunnels: ['db,queue'] }],
    ['a tunnel with a blank', { tunnels: ['db x'] }],
    ['a comment that would be a line', { comment: `x\n${b}` }],
  ])('are not written with %s', (_, key) => {
    expect(() => formatAuthorizedKey({ fingerprint: a, ...key })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^PQ_ERR_INVALID_(ARGUMENT|OPTION)$/) }),
    );
  });
});
