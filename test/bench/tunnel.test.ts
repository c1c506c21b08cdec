/** The benchmark of the tunnels: that each carries, and how figures that are made up are told. No speed. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeWithPrograms } from '../support/requirements.js';
import { askModule } from './ask-module.js';

const CONDITIONS = { runtime: { node: '20.0.0', openssl: '3.0.0' }, rounds: 4, seconds: 1, lanes: 16, warm: true };
const COURSES = ['bulk-1', 'bulk-16', 'echo', 'connections'];
const FIGURES = ['rate', 'cpu', 'p50', 'p99'];

type Row = { course: string; name: string; title: string; slices: Record<string, number>[] };

/** A contender's figures on all courses: the same in all, round by round. */
function rowsOf(name: string, values: readonly number[]): Row[] {
  const slices = values.map((value) => Object.fromEntries(FIGURES.map((figure) => [figure, value])));
  return COURSES.map((course) => ({ course, name, title: `the ${name}`, slices }));
}

const NONE = rowsOf('tcp', [1, 1, 1, 1]).map((row) => ({
  ...row,
  slices: row.slices.map((slice) => ({ ...slice, cpu: 0 })),
}));

function format(rows: Row[], { versions = ['them 1.2'], gaps = [] as string[] } = {}): string {
  const input = { rows, conditions: { ...CONDITIONS, versions, gaps } };
  return askModule('tunnel/report.mjs', 'return module.formatTunnels(input.rows, input.conditions)', input);
}

describe('the tables of tunnels', () => {
  const twice = [...rowsOf('pqsock', [20, 20.2, 19.8, 20]), ...rowsOf('tls-them', [10, 10, 10, 10]), ...NONE];
  const text = format(twice);
  const line = (of: string) => text.split('\n').find((each) => each.includes('the tls-them') && each.includes(of));

  it('say who is better, by whether more of it is', () => {
    expect(line('MB/s')).toMatch(/2\.000 .* better$/);
    expect(line('CPU s/GB')).toMatch(/2\.000 .* worse$/);
    expect(line('p99 ms')).toMatch(/2\.000 .* worse$/);
  });

  it('say that it is unclear if the rounds spread by more than the difference', () => {
    const spread = format([...rowsOf('pqsock', [8, 14, 8.5, 13]), ...rowsOf('tls-them', [10, 10, 10, 10])]);
    expect(spread).toContain('unclear');
    expect(spread).not.toMatch(/better|worse/);
  });

  it('have what a tunnel adds, round by round', () => {
    const echo = text.slice(text.indexOf('A request of 1 KiB'), text.indexOf('Connections, each'));
    expect(echo).toMatch(/the pqsock +20\.000 .* 20\.000 .* 19\.000 .* 19\.000 /);
    expect(echo).toMatch(/the tls-them +10\.000 .* 10\.000 .* 9\.000 .* 9\.000 /);
  });

  it('have no ratio over nothing, and no figure that is no number', () => {
    const input = { rows: twice };
    const ratios = askModule<object>('tunnel/report.mjs', 'return module.ratiosOfTunnels(input.rows)', input);
    expect(ratios).toMatchObject({ 'rate/bulk-1/pqsock/tls-them': 2, 'p99/echo/pqsock/tcp': 20 });
    expect(text.slice(text.indexOf('Ratios'))).not.toMatch(/the tcp +CPU/);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('say who is missing, and what would help', () => {
    const gap = 'them: them4 is not there (Debian: apt-get install them4)';
    expect(format([...rowsOf('pqsock', [1, 1]), ...NONE], { versions: [], gaps: [gap] })).toContain(`missing: ${gap}`);
  });
});

describeWithPrograms(__filename, 'the tunnels that are compared', () => {
  it('carry connections, and tell the CPU time of their processes', () => {
    const body = `
      const { findRivals, NO_TUNNEL, PQSOCK, PQSOCK_2 } = await import(input.contenders);
      const conditions = { work: 'tunnel', runtime: { path: process.execPath } };
      const contenders = [PQSOCK, PQSOCK_2, ...findRivals().contenders, NO_TUNNEL];
      return module.withLines(contenders, conditions, async (lines) => {
        const found = {};
        for (const { contender, pair, tunnel } of lines) {
          await pair.client('meet', { port: tunnel.port });
          const before = tunnel.cpu();
          const { handshakes } = await pair.client('handshakes', { seconds: 0.2, lanes: 4, told: true });
          found[contender.name] = { carries: handshakes > 0, works: tunnel.cpu() > before };
        }
        return found;
      });
    `;
    const contenders = pathToFileURL(join(__dirname, '../../bench/tunnel/contenders.mjs')).href;
    expect(askModule('tunnel/lines.mjs', body, { contenders })).toEqual({
      pqsock: { carries: true, works: true },
      'pqsock-2': { carries: true, works: true },
      'tls-stunnel': { carries: true, works: true },
      'tls-haproxy': { carries: true, works: true },
      tcp: { carries: true, works: false },
    });
  });
});
