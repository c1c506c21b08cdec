/**
 * Remembers which addresses have misbehaved of late. It shuts nobody out: many honest peers may share the address of
 * one that is broken or hostile (NAT, balancers).
 */

/** In milliseconds. */
const MINUTE = 60_000;

/**
 * Four times the handshakes that may be under way (1024), and under 2 MiB with a limit of 10. Whoever has more
 * addresses than this to misbehave from gains nothing by being forgotten: they need none of them twice.
 */
const GROUPS_MAX = 4096;

/** The last faults of an address group. */
interface Faults {
  /** When they were, in milliseconds: a ring of `limit` + 1 at most. */
  readonly times: number[];
  /** Where the next one goes: onto the oldest, once the ring is full. */
  next: number;
}

/**
 * Exact, but for the groups that it has forgotten: one is suspect just while it has more than `limit` faults that are
 * less than a minute old. A group takes 8 bytes × (`limit` + 1), so that the limit should be a small number.
 */
export class FaultRecord {
  readonly #ringSize: number;
  readonly #now: () => number;
  /** The one whose last fault is longest ago comes first. */
  readonly #groups = new Map<string, Faults>();

  /**
   * @param limit how many faults in a minute are no reason for suspicion; with Infinity none is ever suspect
   * @param now milliseconds of a clock that is never set back
   */
  constructor(limit: number, now: () => number) {
    this.#ringSize = Math.floor(limit) + 1;
    this.#now = now;
  }

  /** How many address groups are remembered. */
  get size(): number {
    return this.#groups.size;
  }

  /** Notes a fault. Nothing is noted for undefined. */
  fault(group: string | undefined): void {
    if (group === undefined || this.#ringSize === Number.POSITIVE_INFINITY) return;
    const faults = this.#groups.get(group) ?? { times: [], next: 0 };
    faults.times[faults.next] = this.#now();
    faults.next = (faults.next + 1) % this.#ringSize;
    this.#groups.delete(group);
    this.#groups.set(group, faults);
    if (this.#groups.size > GROUPS_MAX) this.#forgetOldest();
  }

  /** Whether a group has had more faults than the limit in the last minute. Never true of undefined. */
  isSuspect(group: string | undefined): boolean {
    if (group === undefined) return false;
    const faults = this.#groups.get(group);
    if (faults === undefined || faults.times.length < this.#ringSize) return false;
    return this.#now() - (faults.times[faults.next] as number) < MINUTE;
  }

  #forgetOldest(): void {
    for (const group of this.#groups.keys()) {
      this.#groups.delete(group);
      return;
    }
  }
}
