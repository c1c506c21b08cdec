import fc from 'fast-check';
import { Admission, type Admitted } from '../../lib/net/admission.js';

const NONE = Number.POSITIVE_INFINITY;
const unlimited = { pendingHandshakes: NONE, earlyDrop: NONE, pendingPerAddress: NONE };
const lucky = () => 1 - 2 ** -53;
const unlucky = () => 0;

const admitted = (admission: Admission, group?: string) => admission.admit(group) as Admitted;
const fill = (admission: Admission, count: number) => Array.from({ length: count }, () => admitted(admission));

describe('the global limit', () => {
  it('lets exactly as many handshakes be under way', () => {
    const admission = new Admission({ ...unlimited, pendingHandshakes: 3 }, unlucky);
    const [first] = fill(admission, 3);
    expect(admission.admit('192.0.2.1')).toBe('too-many');
    expect(admission.pending).toBe(3);
    first?.done();
    expect(admission.admit('192.0.2.1')).toMatchObject({});
    expect(admission.admit('192.0.2.1')).toBe('too-many');
  });

  it('counts a handshake whose peer has proven its key until it is over', () => {
    const admission = new Admission({ ...unlimited, pendingHandshakes: 1 }, unlucky);
    const one = admitted(admission);
    one.proven();
    expect(admission.admit(undefined)).toBe('too-many');
    one.done();
    expect(admission.pending).toBe(0);
  });
});

describe('the early drop', () => {
  const limits = { ...unlimited, pendingHandshakes: 20, earlyDrop: 10 };

  it('refuses nobody until as many are under way as may be without it', () => {
    const admission = new Admission(limits, unlucky);
    fill(admission, 10);
    expect(admission.pending).toBe(10);
    expect(admission.admit(undefined)).toMatchObject({}); // the chance is 0 here, and not below
    expect(admission.admit(undefined)).toBe('early-drop');
  });

  it('refuses with a chance that rises linearly to 1 at the global limit', () => {
    let drawn = 0;
    const admission = new Admission(limits, () => drawn);
    for (let pending = 11; pending < 20; pending += 1) {
      drawn = 1;
      fill(admission, pending - admission.pending);
      drawn = (pending - 10) / 10 - 2 ** -40;
      expect([pending, admission.admit(undefined)]).toEqual([pending, 'early-drop']);
      drawn = (pending - 10) / 10;
      expect([pending, typeof admission.admit(undefined)]).toEqual([pending, 'object']);
    }
    expect(admission.admit(undefined)).toBe('too-many');
  });

  it('leaves places free after a burst of as many as the global limit', () => {
    let drawn = 1;
    const random = () => {
      drawn = (drawn * 48_271) % 0x7fffffff; // Lehmer's generator: the same draws in every run
      return drawn / 0x7fffffff;
    };
    const admission = new Admission({ ...unlimited, pendingHandshakes: 1024, earlyDrop: 512 }, random);
    for (let i = 0; i < 1024; i += 1) admission.admit('192.0.2.1');
    expect(admission.pending).toBeGreaterThan(780); // 836 are to be expected: 1024 - 512 / e
    expect(admission.pending).toBeLessThan(890);
  });

  it('is off when it is not below the global limit', () => {
    for (const earlyDrop of [3, 4, NONE]) {
      const admission = new Admission({ ...unlimited, pendingHandshakes: 3, earlyDrop }, unlucky);
      fill(admission, 3);
      expect(admission.admit(undefined)).toBe('too-many');
    }
  });
});

describe('the limit per address', () => {
  const limits = { ...unlimited, pendingPerAddress: 2 };

  it('refuses one address and no other', () => {
    const admission = new Admission(limits, unlucky);
    const [one] = [admitted(admission, '192.0.2.1'), admitted(admission, '192.0.2.1')];
    expect(admission.admit('192.0.2.1')).toBe('address');
    expect(admission.admit('192.0.2.2')).toMatchObject({});
    one.done();
    expect(admission.admit('192.0.2.1')).toMatchObject({});
  });

  it('counts no handshake whose peer has proven its key', () => {
    const admission = new Admission(limits, unlucky);
    for (let i = 0; i < 10; i += 1) admitted(admission, '192.0.2.1').proven();
    expect(admission.pending).toBe(10);
    expect(admission.pendingGroups).toBe(0);
  });

  it('comes before all others, without a draw', () => {
    const random = jest.fn(unlucky);
    const admission = new Admission({ pendingHandshakes: 4, earlyDrop: 0, pendingPerAddress: 1 }, random);
    admission.admit('192.0.2.1');
    expect(admission.admit('192.0.2.1')).toBe('address');
    expect(random).not.toHaveBeenCalled();
    random.mockImplementation(lucky);
    fill(admission, 3);
    expect(admission.admit('192.0.2.1')).toBe('address');
    expect(admission.admit('192.0.2.2')).toBe('too-many');
  });

  it('counts nothing for connections without an address', () => {
    const admission = new Admission({ ...unlimited, pendingPerAddress: 0 }, unlucky);
    fill(admission, 100);
    expect(admission.pending).toBe(100);
    expect(admission.pendingGroups).toBe(0);
  });
});

describe('the count of handshakes', () => {
  it('has no limit where each is Infinity', () => {
    const admission = new Admission(unlimited, unlucky);
    for (let i = 0; i < 5_000; i += 1) expect(typeof admission.admit('192.0.2.1')).toBe('object');
  });

  it('goes down once, however often the end is told', () => {
    const admission = new Admission(unlimited, unlucky);
    const [one, other] = [admitted(admission, '192.0.2.1'), admitted(admission, '192.0.2.1')];
    for (let i = 0; i < 3; i += 1) {
      one.proven();
      one.done();
    }
    expect([admission.pending, admission.pendingGroups]).toEqual([1, 1]);
    other.done();
    other.proven();
    expect([admission.pending, admission.pendingGroups]).toEqual([0, 0]);
  });

  it('keeps nothing of 100,000 addresses whose handshakes are over', () => {
    const admission = new Admission(unlimited, unlucky);
    let most = 0;
    for (let i = 0; i < 100_000; i += 1) {
      const one = admitted(admission, `2001:db8:${i >> 16}:${i & 0xffff}::/64`);
      most = Math.max(most, admission.pendingGroups);
      if (i % 2 === 0) one.proven();
      one.done();
    }
    expect([most, admission.pendingGroups, admission.pending]).toEqual([1, 0, 0]);
  });

  it('holds its limits whatever comes and goes', () => {
    const act = fc.record({
      what: fc.constantFrom('admit', 'admit', 'proven', 'done'),
      which: fc.nat({ max: 3 }),
      drawn: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    const limit = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constant(NONE));
    const limits = fc.record({ pendingHandshakes: limit, earlyDrop: limit, pendingPerAddress: limit });
    fc.assert(fc.property(limits, fc.array(act, { maxLength: 60 }), followsModel));
  });
});

interface Act {
  readonly what: string;
  readonly which: number;
  readonly drawn: number;
}

/** The same by counting a list of all that is under way; address 0 is none. */
function followsModel(limits: ConstructorParameters<typeof Admission>[0], acts: readonly Act[]): void {
  let drawn = 0;
  const admission = new Admission(limits, () => drawn);
  let live: { group: string | undefined; charged: boolean; handle: Admitted }[] = [];
  for (const { what, which, drawn: next } of acts) {
    drawn = next;
    const group = which === 0 ? undefined : `192.0.2.${which}`;
    const [one] = live.slice(which);
    if (what === 'admit') {
      const ofGroup = live.filter((entry) => entry.charged && entry.group === group).length;
      const chance = (live.length - limits.earlyDrop) / (limits.pendingHandshakes - limits.earlyDrop);
      let expected = live.length > limits.earlyDrop && drawn < chance ? 'early-drop' : 'admitted';
      if (live.length >= limits.pendingHandshakes) expected = 'too-many';
      if (group !== undefined && ofGroup >= limits.pendingPerAddress) expected = 'address';
      const answer = admission.admit(group);
      expect(typeof answer === 'string' ? answer : 'admitted').toBe(expected);
      if (typeof answer !== 'string') live.push({ group, charged: group !== undefined, handle: answer });
    } else if (one !== undefined) {
      one.handle[what as 'proven' | 'done']();
      one.charged = false;
      if (what === 'done') live = live.filter((entry) => entry !== one);
    }
    expect(admission.pending).toBe(live.length);
    const charged = live.filter((entry) => entry.charged).map((entry) => entry.group);
    expect(admission.pendingGroups).toBe(new Set(charged).size);
  }
}
