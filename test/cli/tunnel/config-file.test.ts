/** The configuration file: what it can say, and where it is wrong. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEndpoint } from '../../../lib/cli/endpoint.js';
import { parseConfig } from '../../../lib/cli/tunnel/config-file.js';
import { routeOf } from '../../../lib/cli/tunnel/route.js';
import { PROCESS_OPTIONS, TUNNEL_OPTIONS } from '../../../lib/cli/tunnel/tunnel-options.js';

const FILE = '/etc/pqsock/tunnels.toml';

const WHOLE = `
drain-timeout = 5
log-format = "json"
log-level = "debug"
metrics = "127.0.0.1:9464"

[[tunnel]]
name = "db"
listen = "pq://0.0.0.0:7443"
to = "tcp://127.0.0.1:5432"
identity = "keys/server.pem"
passphrase-file = ["../pass", "b"]
passphrase-fd = 3
trust = ["pqsock1:a", "pqsock1:b"]
authorized-keys = "clients.txt"
disconnect-removed = true
known-hosts = "hosts.txt"
known-as = "db.example"
trust-on-first-use = false
suite = "mlkem1024-mldsa87"
max-connections = 100
max-pending-per-address = 10
idle-timeout = 0.5
handshake-timeout = 5
dial-timeout = 20
accept-proxy = true
send-proxy = false

[[tunnel]]
name = "cache"
identity = ["/a.pem",
  "b.pem"]
`;

describe('a configuration file', () => {
  it('says all that the command line can', () => {
    const { process, tunnels } = parseConfig(FILE, WHOLE);
    expect(process).toEqual({
      'drain-timeout': 5,
      'log-format': 'json',
      'log-level': 'debug',
      metrics: '127.0.0.1:9464',
    });
    expect(tunnels[0]).toEqual({
      name: 'db',
      listen: 'pq://0.0.0.0:7443',
      to: 'tcp://127.0.0.1:5432',
      identity: [resolve('/etc/pqsock/keys/server.pem')],
      'passphrase-file': [resolve('/etc/pass'), resolve('/etc/pqsock/b')],
      'passphrase-fd': 3,
      trust: ['pqsock1:a', 'pqsock1:b'],
      'authorized-keys': resolve('/etc/pqsock/clients.txt'),
      'disconnect-removed': true,
      'known-hosts': resolve('/etc/pqsock/hosts.txt'),
      'known-as': 'db.example',
      'trust-on-first-use': false,
      suite: ['mlkem1024-mldsa87'],
      'max-connections': 100,
      'max-pending-per-address': 10,
      'idle-timeout': 0.5,
      'handshake-timeout': 5,
      'dial-timeout': 20,
      'accept-proxy': true,
      'send-proxy': false,
    });
    expect(tunnels[1]).toEqual({ name: 'cache', identity: [resolve('/a.pem'), resolve('/etc/pqsock/b.pem')] });
  });

  it('is tried with every option here', () => {
    const [first] = parseConfig(FILE, WHOLE).tunnels;
    expect(Object.keys(first ?? {}).sort()).toEqual(Object.keys(TUNNEL_OPTIONS).sort());
    for (const name of Object.keys(PROCESS_OPTIONS)) expect(WHOLE).toContain(`\n${name} = `);
  });

  it('is written as docs/TUNNEL.md shows it', () => {
    const text = readFileSync(join(__dirname, '../../../docs/TUNNEL.md'), 'utf8');
    const [, example = ''] = /```toml\n(.*?)```/s.exec(text) ?? [];
    const { tunnels } = parseConfig(FILE, example);
    for (const { listen = '', to = '' } of tunnels) {
      expect(routeOf(parseEndpoint(listen, 'listen'), parseEndpoint(to, 'to')).role).toBe('server');
    }
    expect(tunnels.map(({ name }) => name)).toEqual(['db', 'cache']);
  });

  const one = '[[tunnel]]\nname = "a"\n';
  it.each([
    ['TOML that is none', '[[tunnel]\n', 1, 'Invalid TOML'],
    ['the same name twice', `${one}name = "b"\n`, 3, 'Invalid TOML'],
    ['an unknown option', 'log-lvl = "info"\n[[tunnel]]', 1, 'log-lvl is unknown: there are drain-timeout'],
    ['an unknown option of a tunnel', `\n# a remark\n${one}listne = "x"`, 5, 'listne is unknown: there are listen'],
    ['an option of tunnels in the wrong place', `identity = "a"\n${one}`, 1, 'identity is unknown'],
    ['a name that objects have', `${one}toString = 1`, 3, 'toString is unknown'],
    ['a number for a text', `${one}listen = 7443`, 3, 'listen must be a text'],
    ['a text for a number', `${one}max-connections = "10"`, 3, 'max-connections must be a whole number from 1'],
    ['a fraction for a whole number', `${one}max-connections = 1.5`, 3, 'max-connections must be a whole number'],
    ['a number that is too small', `${one}max-connections = 0`, 3, 'max-connections must be a whole number from 1'],
    ['a number that is none', `${one}idle-timeout = nan`, 3, 'idle-timeout must be a number of seconds'],
    ['no limit', `${one}idle-timeout = inf`, 3, 'idle-timeout must be a number of seconds from 0 to'],
    ['a date for a text', `${one}to = 2030-01-01`, 3, 'to must be a text'],
    ['a text for yes or no', `${one}send-proxy = "yes"`, 3, 'send-proxy must be true or false'],
    ['an empty list', `${one}trust = []`, 3, 'trust must be a text, or a list of some'],
    ['a list of other things, on two lines', `${one}trust = ["a",\n  5]`, 4, 'trust must be a text'],
    ['an empty text', `${one}identity = ""`, 3, 'identity must be a text'],
    [
      'a level that there is not',
      'log-level = "loud"\n[[tunnel]]',
      1,
      'log-level must be one of debug, info, warn, error',
    ],
    ['a tunnel without a name', `${one}\n[[tunnel]]\nlisten = "x"`, 4, 'the tunnel has no name'],
    ['two tunnels of a name', `${one}[[tunnel]]\nname = "a"`, 4, 'there are two of a'],
    ['a single table', '\n[tunnel]\nname = "a"', 2, 'tunnel must be [[tunnel]]'],
    ['a text for a tunnel', 'tunnel = ["a"]', 1, 'tunnel must be [[tunnel]]'],
  ])('must not have %s', (_, text, line, message) => {
    expect(() => parseConfig(FILE, text)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`${FILE}:${line}: ${message}`), exitCode: 2 }),
    );
  });

  it('must have a tunnel', () => {
    expect(() => parseConfig(FILE, '# nothing')).toThrow(`${FILE} has no tunnel`);
  });
});
