import fc from 'fast-check';
import { FaultRecord } from '../../lib/net/fault-record.js';

const REMEMBERED = 4096;
const address = '192.0.2.1';

let time: number;
beforeEach(() => {
  time = 1_000_000;
});

const recordOf = (limit: number) => new FaultRecord(limit, () => time);

function fault(record: FaultRecord, count: number): void {
  for (let i = 0; i < count; i += 1) record.fault(address);
}

describe('a record of faults', () => {
  it('makes an address suspect with one fault more than the limit, and no other address', () => {
    const record = recordOf(10);
    expect(record.isSuspect(address)).toBe(false);
    fault(record, 10);
    expect(record.isSuspect(address)).toBe(false);
    fault(record, 1);
    expect(record.isSuspect(address)).toBe(true);
    expect(record.isSuspect('192.0.2.2')).toBe(false);
  });

  it('makes an address suspect with its first fault when the limit is 0', () => {
    const record = recordOf(0);
    expect(record.isSuspect(address)).toBe(false);
    fault(record, 1);
    expect(record.isSuspect(address)).toBe(true);
  });

  it('counts a fault for one minute', () => {
    const record = recordOf(1);
    fault(record, 1);
    time += 30_000;
    fault(record, 1);
    time += 29_999;
    expect(record.isSuspect(address)).toBe(true);
    time += 1; // the first is a minute old
    expect(record.isSuspect(address)).toBe(false);
    fault(record, 1);
    expect(record.isSuspect(address)).toBe(true);
  });

  it('counts rightly whatever came when', () => {
    const faults = fc.array(fc.record({ wait: fc.nat({ max: 30_000 }), which: fc.nat({ max: 2 }) }), { maxLength: 80 });
    fc.assert(
      fc.property(fc.nat({ max: 6 }), faults, (limit, all) => {
        const record = recordOf(limit);
        const past: { at: number; which: number }[] = [];
        for (const { wait, which } of all) {
          time += wait;
          record.fault(`192.0.2.${which}`);
          past.push({ at: time, which });
          for (const group of [0, 1, 2]) {
            const recent = past.filter((entry) => entry.which === group && time - entry.at < 60_000);
            expect(record.isSuspect(`192.0.2.${group}`)).toBe(recent.length > limit);
          }
        }
      }),
    );
  });

  it('never suspects a connection without an address', () => {
    const record = recordOf(0);
    for (let i = 0; i < 5; i += 1) record.fault(undefined);
    expect(record.isSuspect(undefined)).toBe(false);
    expect(record.size).toBe(0);
  });

  it('suspects nobody, and keeps nothing, without a limit', () => {
    const record = recordOf(Number.POSITIVE_INFINITY);
    fault(record, 1_000);
    expect(record.isSuspect(address)).toBe(false);
    expect(record.size).toBe(0);
  });

  it('remembers a bounded number of addresses', () => {
    const record = recordOf(0);
    for (let i = 0; i < 100_000; i += 1) record.fault(`2001:db8:${i >> 16}:${i & 0xffff}::/64`);
    expect(record.size).toBe(REMEMBERED);
  });

  it('forgets the address first whose last fault is longest ago', () => {
    const record = recordOf(0);
    for (let i = 0; i < REMEMBERED; i += 1) record.fault(`address ${i}`);
    record.fault('address 0');
    record.fault('one more');
    expect(record.isSuspect('address 0')).toBe(true);
    expect(record.isSuspect('address 1')).toBe(false);
    expect(record.isSuspect('address 2')).toBe(true);
    expect(record.isSuspect('one more')).toBe(true);
  });
});
