/** The ratios of the benchmark against recorded ones, with figures that are made up. */
import { askModule } from './ask-module.js';

type Ratios = Record<string, number>;

const RECORDED: Ratios = { 'handshake/cpu/pqsock-2/tls-ecdsa': 0.5, 'bulk/rate/client-receives/1/pqsock/tls': 1.5 };

/** Whether the check passes, in how many runs, and what it says. */
function check(runs: Ratios[], recorded = RECORDED): { passes: boolean; runs: number; lines: string[] } {
  const body = `
    const [left, lines] = [[...input.runs], []];
    const passes = await module.checkRatios(input.recorded, async () => left.shift(), (line) => lines.push(line));
    return { passes, runs: input.runs.length - left.length, lines };
  `;
  return askModule('recorded/check.mjs', body, { runs, recorded });
}

/** The recorded ratios with others in their place. */
function but(changed: Ratios): Ratios {
  return { ...RECORDED, ...changed };
}

const SLOW = but({ 'handshake/cpu/pqsock-2/tls-ecdsa': 1.01 });
const THIN = but({ 'bulk/rate/client-receives/1/pqsock/tls': 0.74 });

describe('the check of recorded ratios', () => {
  it('ends after one run in which all are good enough', () => {
    expect(check([RECORDED, SLOW, SLOW])).toMatchObject({ passes: true, runs: 1 });
  });

  it('takes what is just half as good, and much better, for good', () => {
    const half = { 'handshake/cpu/pqsock-2/tls-ecdsa': 1, 'bulk/rate/client-receives/1/pqsock/tls': 0.75 };
    const better = { 'handshake/cpu/pqsock-2/tls-ecdsa': 0.01, 'bulk/rate/client-receives/1/pqsock/tls': 40 };
    expect(check([half])).toMatchObject({ passes: true, runs: 1 });
    expect(check([better])).toMatchObject({ passes: true, runs: 1 });
  });

  it.each([
    ['a cost of more than twice', SLOW],
    ['a rate of less than half', THIN],
  ])('fails with %s in each of three runs', (_, bad) => {
    expect(check([bad, bad, bad, RECORDED])).toMatchObject({ passes: false, runs: 3 });
  });

  it('passes as soon as a ratio was good enough once', () => {
    expect(check([SLOW, RECORDED])).toMatchObject({ passes: true, runs: 2 });
    expect(check([SLOW, SLOW, RECORDED])).toMatchObject({ passes: true, runs: 3 });
  });

  it('does not hold one ratio against another', () => {
    expect(check([SLOW, THIN])).toMatchObject({ passes: true, runs: 2 });
  });

  it('names what was worse in every run, with its figures', () => {
    const { lines } = check([SLOW, SLOW, { ...SLOW, ...THIN, 'handshake/cpu/pqsock-2/tls-ecdsa': 1.2 }]);
    expect(lines).toContain('  handshake/cpu/pqsock-2/tls-ecdsa: 1.2, recorded 0.5');
    expect(lines.at(-1)).toBe('worse than half as good in each of 3 runs: handshake/cpu/pqsock-2/tls-ecdsa');
  });

  it('says how many ratios a run did not have, and compares the others', () => {
    const { lines, passes } = check([{ 'handshake/cpu/pqsock-2/tls-ecdsa': 0.5, 'handshake/cpu/new/one': 9 }]);
    expect(passes).toBe(true);
    expect(lines).toEqual(['run 1: 1 ratios compared, 0 worse than half as good; 1 others were not measured']);
  });

  it('fails if a run has none of them', () => {
    expect(() => check([{}])).toThrow('none of the recorded ratios was measured');
  });

  it('fails with a ratio of which it does not know whether more is better', () => {
    const strange = { 'handshake/colour/pqsock-2/tls-ecdsa': 1 };
    expect(() => check([strange], strange)).toThrow('does not know whether more is better');
  });
});

describe('recording', () => {
  const record = (...runs: Record<string, number>[]) =>
    askModule('recorded/record.mjs', 'return module.recordRatios(async () => input.shift())', runs);

  it('takes the median of three runs', () => {
    expect(record({ 'bulk/cpu/a': 1 }, { 'bulk/cpu/a': 1.5 }, { 'bulk/cpu/a': 1.2 })).toEqual({ 'bulk/cpu/a': 1.2 });
  });

  it('takes nothing that was not above 0 in each, and much the same', () => {
    const runs = [
      { below: -1, absent: 1, nothing: 0, unsteady: 1.51, steady: 1 },
      { below: 1, absent: 1, nothing: 0, unsteady: 1, steady: 1 },
      { below: 1, nothing: 0, unsteady: 1, steady: 1 },
    ];
    expect(record(...(runs as Record<string, number>[]))).toEqual({ steady: 1 });
  });
});
