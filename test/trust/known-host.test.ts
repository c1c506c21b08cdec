import { formatKnownHost, knownHostsOf, parseKnownHosts } from '../../lib/trust/known-host.js';
import { someFingerprint } from '../support/trust-files.js';

const [a, b, c] = [someFingerprint(), someFingerprint('mldsa87'), someFingerprint()] as [string, string, string];
const parse = (text: string) => parseKnownHosts(Buffer.from(text), 'hosts');
const error = (text: string) =>
  expect.objectContaining({ code: 'PQ_ERR_TRUST_FILE', message: expect.stringContaining(text) });

describe('known hosts', () => {
  it('have a host, perhaps a port, a fingerprint, and perhaps a comment', () => {
    expect(parse(`# ours\nDB.example:7443 ${a} # old\nDB.example:7443 ${b}\n[::1] ${a}\n`)).toEqual([
      { host: 'db.example', port: 7443, fingerprint: a, comment: 'old', line: 2 },
      { host: 'db.example', port: 7443, fingerprint: b, comment: '', line: 3 },
      { host: '::1', port: undefined, fingerprint: a, comment: '', line: 4 },
    ]);
  });

  it.each([
    ['db.example', 'hosts, line 1: the fingerprint is missing'],
    [a, 'is no host'],
    [`::1 ${a}`, 'line 1: "::1" is no host: write name, name:port or [IPv6]:port'],
    [`\ufeffdb.example ${a}`, 'is no host'],
    [`db.example:0 ${a}`, 'is no host'],
    ['db.example pqsock1:dilithium5:AAAA', 'is no fingerprint'],
    [`db.example ${a}x`, 'is no fingerprint'],
    [`db.example ${a.toUpperCase()}`, 'is no fingerprint'],
    [`db.example ${a} comment`, 'comments begin with #'],
    [`db.example ${a} ${b}`, 'comments begin with #'],
    [`db.example ${a}\nDB.EXAMPLE ${a} # again`, 'hosts, line 2: line 1 says the same'],
    [`[::1]:1 ${a}\n\n[0:0::1]:1 ${a}`, 'hosts, line 3: line 1 says the same'],
  ])('are all refused with %p', (text, expected) => {
    expect(() => parse(`${text}\n`)).toThrow(error(expected));
  });

  it('of a port count before those of all ports, which count for every other', () => {
    const hosts = parse(`db.example ${a}\ndb.example:1 ${b}\ndb.example:1 ${c}\nother.example:1 ${a}\n`);
    const keysOf = (host: string, port?: number) =>
      knownHostsOf(hosts, { host, port }).map((known) => known.fingerprint);
    expect(keysOf('db.example', 1)).toEqual([b, c]);
    expect(keysOf('db.example', 2)).toEqual([a]);
    expect(keysOf('db.example')).toEqual([a]);
    expect(keysOf('other.example', 1)).toEqual([a]);
    expect(keysOf('other.example', 2)).toEqual([]);
    expect(keysOf('b.example', 1)).toEqual([]);
  });

  it('are written as they are read', () => {
    const line = `[::1]:7443 ${a} # who # knows`;
    expect(parse(`${line}\n`).map(formatKnownHost)).toEqual([line]);
  });
});
