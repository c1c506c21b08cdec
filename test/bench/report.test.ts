/** The page that the benchmark writes, of figures that are made up. */
import { askModule } from './ask-module.js';

const HOSTILE = `<script>alert("1")</script> & 'more'`;
const RUNTIME = { node: '26.1.0', openssl: '3.5.8' };
const ENVIRONMENT = {
  version: '1.2.3',
  liboqs: '0.0.1',
  node: '20.0.0',
  openssl: '3.0.0',
  platform: 'linux x64',
  cpu: HOSTILE,
  cores: 2,
  load: 0.25,
  date: '2026-01-02T03:04:05.678Z',
};

/** A contender's figures, all the same in two rounds. */
function row(name: string, more: object = {}): object {
  const figures = ['rate', 'cpu', 'p10', 'p50', 'p90', 'p99', 'idle', 'pending', 'ready'];
  const waits = ['delayP99', 'echoP99', 'fileP99', 'nameP99'];
  const slice = Object.fromEntries([...figures, ...waits].map((figure, i) => [figure, 10 + i]));
  return { name, title: `${name} ${HOSTILE}`, slices: [slice, slice], ...more };
}

const ROWS = ['pqsock-2', 'tls-ecdsa', 'pure-js-2', 'tcp'].map((name) => row(name));
const SUITES = {
  primitives: {
    rows: [
      {
        algorithm: 'ML-DSA-87',
        operation: 'sign',
        results: { sync: { median: 100 }, prepared: { median: 40 }, noble: { median: 9000 } },
      },
    ],
    rivals: [{ name: 'noble', title: HOSTILE, how: 'pure JS' }],
    gaps: [`pqclean: ${HOSTILE}`],
  },
  handshake: { runtime: RUNTIME, rows: ROWS, gaps: [] },
  bulk: { runtime: RUNTIME, rows: ROWS.map((each) => ({ ...each, receiver: 'client', connections: 16 })) },
  messages: {
    runtime: RUNTIME,
    rows: [64, 16_384].flatMap((size) => ROWS.map((each) => ({ ...each, size, connections: 1 }))),
  },
  memory: { runtime: RUNTIME, rows: ROWS },
  'event-loop': { runtime: RUNTIME, rows: ROWS },
  'start-up': { runtime: RUNTIME, rows: ROWS },
  tunnel: {
    runtime: RUNTIME,
    rows: ['bulk-1', 'bulk-16', 'echo', 'connections'].flatMap((course) => ROWS.map((each) => ({ ...each, course }))),
  },
};
const RATIOS = { 'handshake/cpu/pqsock-2/tls-ecdsa': 0.375, [`bulk/rate/${HOSTILE}`]: 2 };

function pageOf(suites: object, ratios: object = RATIOS): string {
  const figures = { environment: ENVIRONMENT, command: `npm run bench -- --json ${HOSTILE}`, ratios, suites };
  return askModule('report/page.mjs', 'return module.makePage(input)', figures);
}

/** The part of a page that is about a suite. */
function sectionOf(page: string, suite: string): string {
  return page.match(new RegExp(`<section id="${suite}">.*?</section>`, 's'))?.[0] ?? '';
}

/** Fails unless every element is closed where it should be, and every attribute is quoted. */
function expectWellFormed(page: string): void {
  const open: string[] = [];
  const rest = page.replace(/^<!DOCTYPE html>/, '').replace(/<style>.*?<\/style>/s, '');
  const tag = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+="[^"<>]*")*)\s*(\/?)>/g;
  for (const [, closes, name, , isEmpty] of rest.matchAll(tag)) {
    if (closes === '/') expect(open.pop()).toBe(name);
    else if (isEmpty !== '/') open.push(name as string);
  }
  expect(open).toEqual([]);
  expect(rest.replace(tag, '')).not.toMatch(/[<>]/);
  expect(rest.replace(/&#\d+;/g, '')).not.toContain('&');
}

describe('the report', () => {
  const page = pageOf(SUITES);

  it('is well-formed', () => {
    expectWellFormed(page);
  });

  it('has a plot of every suite that there is', () => {
    const names = askModule<string[]>('options.mjs', 'return module.NAMES');
    expect(names.toSorted()).toEqual(Object.keys(SUITES).toSorted());
    for (const name of names) expect(sectionOf(page, name)).toContain('<svg ');
  });

  it('has no figure that is no number', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('shows text as text', () => {
    expect(page).not.toMatch(/<script|alert\("1"\)/);
    expect(
      page.match(/&#60;script&#62;alert\(&#34;1&#34;\)&#60;\/script&#62; &#38; &#39;more&#39;/g)?.length,
    ).toBeGreaterThan(30);
  });

  it('needs nothing from elsewhere, and no scripts', () => {
    expect(page).not.toMatch(/https?:|\bsrc=|\bhref=|url\(|@import|<script|\bon[a-z]+="/);
  });

  it('says what was measured, on what, and how', () => {
    for (const text of ['Node 20.0.0', 'OpenSSL 3.0.0', 'linux x64', '2 cores', '2026-01-02 03:04', 'npm run bench']) {
      expect(page).toContain(text);
    }
    expect(sectionOf(page, 'handshake')).toContain('Node 26.1.0');
    expect(sectionOf(page, 'primitives')).toContain('Missing: pqclean');
    expect(page).toContain('<b>0.375 ×</b>');
    expect(sectionOf(page, 'ratios')).toContain('<td>handshake/cpu/pqsock-2/tls-ecdsa</td><td>0.375</td>');
  });

  it('has a colour for each kind of contender, and says which is whose', () => {
    const section = sectionOf(page, 'primitives');
    const [, ...kinds] = section.split('<i class="').map((rest) => rest.slice(0, rest.indexOf('"')));
    expect(kinds).toEqual(['ours', 'prepared', 'js']);
    for (const kind of kinds) {
      expect(section).toContain(`<circle class="${kind}"`);
      expect(page).toMatch(new RegExp(`\\.${kind} \\{\\s+color: var\\(--${kind}\\)`));
    }
  });

  it('says of a suite that it was not measured', () => {
    const some = pageOf({ handshake: SUITES.handshake, primitives: { breakdown: [] } }, {});
    expectWellFormed(some);
    expect(sectionOf(some, 'handshake')).toContain('<svg ');
    for (const name of ['bulk', 'messages', 'memory', 'event-loop', 'start-up', 'tunnel', 'primitives']) {
      expect(sectionOf(some, name)).toContain('Not measured in this run.');
    }
  });
});
