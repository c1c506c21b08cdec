/** The tables for README.md, of figures that are made up. */
import { askModule } from './ask-module.js';

const ENVIRONMENT = {
  version: '1.2.3',
  node: '20.0.0',
  openssl: '3.0.0',
  platform: 'linux x64',
  cpu: 'a CPU',
  cores: 2,
  date: '2026-01-02T03:04:05.678Z',
};

const row = (name: string, slice: object, more: object = {}) => ({
  name,
  title: name,
  slices: [slice, slice],
  ...more,
});

const SUITES = {
  handshake: { rows: [row('pqsock-1', { cpu: 0.456 }), row('tls-ecdsa', { cpu: 1.2 }), row('tcp', { cpu: 0.1 })] },
  bulk: {
    rows: [
      row('pqsock', { rate: 999 }, { receiver: 'client', connections: 16 }),
      row('pqsock', { rate: 500 }, { receiver: 'client', connections: 1 }),
    ],
  },
  tunnel: {
    rows: [
      row('pqsock', { rate: 12, cpu: 3 }, { course: 'bulk-1' }),
      row('tcp', { rate: 90, cpu: 0 }, { course: 'bulk-1' }),
    ],
  },
};

function tableOf(suites: object): string[] {
  const figures = { environment: ENVIRONMENT, command: 'npm run bench -- --json some.json', ratios: {}, suites };
  return askModule<string>('report/markdown.mjs', 'return module.makeMarkdown(input)', figures).split('\n');
}

describe('the tables for README.md', () => {
  const lines = tableOf(SUITES);

  it('have the medians of each contender in its column, and nothing for who was missing', () => {
    expect(lines).toContainEqual(expect.stringMatching(/: Kyber1024, Dilithium5 \| 0\.46 \| 1\.20 \| {2}\| 0\.10 \|$/));
    expect(lines).toContain('| data on one connection, MB/s | 500 |  |  |  |');
    expect(lines).toContain('| data on one connection, MB/s | 12 |  |  | 90 |');
    expect(lines).toContainEqual(expect.stringMatching(/^\| CPU time .* \| 3\.00 \| {2}\| {2}\| {2}\|$/));
  });

  it('have as many columns in each row of a table', () => {
    const columns = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').length);
    expect(columns.length).toBeGreaterThan(7);
    expect(new Set(columns)).toEqual(new Set([7]));
  });

  it('leave out what was not measured', () => {
    expect(lines.join('\n')).not.toMatch(/Node 26 |start-up|connections a second|NaN|undefined/);
    expect(tableOf({ tunnel: { gaps: [] } }).filter((line) => line.startsWith('|'))).toEqual([]);
  });

  it('say which command made them, on what', () => {
    expect(lines.at(-1)).toBe(
      'Medians of one run of `npm run bench -- --json some.json`: pqsock 1.2.3, Node 20.0.0 (OpenSSL 3.0.0), ' +
        'linux x64, a CPU, 2 cores, 2026-01-02.',
    );
  });
});
