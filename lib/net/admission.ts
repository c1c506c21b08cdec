/**
 * Counts the handshakes that are under way, and says whether one more may begin. It is asked before anything is done
 * or allocated for a transport. Nothing is kept for an address that has no handshake under way.
 */

/** Each is a number of handshakes; Infinity turns a limit off. */
export interface AdmissionLimits {
  /** How many may be under way. */
  readonly pendingHandshakes: number;
  /**
   * How many may be under way before some newcomers are refused at random. Thus a burst does not take every place that
   * there is, and whoever comes next, or comes again, has a chance.
   */
  readonly earlyDrop: number;
  /** How many of one address group may be under way whose peer has not proven yet that it holds a trusted key. */
  readonly pendingPerAddress: number;
}

/** Why a handshake may not begin; the transport is to be closed. */
export type Refusal = 'too-many' | 'early-drop' | 'address';

/** A handshake that may begin, and counts from now on. Both methods may be called more than once, in any order. */
export interface Admitted {
  /** The peer has proven that it holds a trusted key: it no longer counts against its address, still against all. */
  proven(): void;
  /** The handshake is complete, or the transport is gone: it counts against nothing any more. */
  done(): void;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #random: () => number;
  readonly #counts = new Counts();

  /** @param random gives a number from 0 to below 1. It decides only who is unlucky, and need not be secret. */
  constructor(limits: AdmissionLimits, random: () => number = Math.random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** How many handshakes are under way. */
  get pending(): number {
    return this.#counts.pending;
  }

  /** How many address groups have one under way whose peer has proven nothing. */
  get pendingGroups(): number {
    return this.#counts.perGroup.size;
  }

  /** @param group undefined counts against no address */
  admit(group: string | undefined): Admitted | Refusal {
    return this.#refusalOf(group) ?? new Handshake(this.#counts, group);
  }

  /** The address first: one that has too many must not look like load, and must not take part in the draw. */
  #refusalOf(group: string | undefined): Refusal | undefined {
    const { pending } = this.#counts;
    if (group !== undefined && this.#counts.of(group) >= this.#limits.pendingPerAddress) return 'address';
    if (pending >= this.#limits.pendingHandshakes) return 'too-many';
    return this.#isUnlucky(pending) ? 'early-drop' : undefined;
  }

  /** The chance to be refused rises linearly from 0 to 1 between the two limits, like that of OpenSSH's MaxStartups. */
  #isUnlucky(pending: number): boolean {
    const { pendingHandshakes, earlyDrop } = this.#limits;
    if (pending <= earlyDrop) return false;
    return this.#random() < (pending - earlyDrop) / (pendingHandshakes - earlyDrop);
  }
}

class Counts {
  pending = 0;
  /** How many count against each address group; never 0. */
  readonly perGroup = new Map<string, number>();

  of(group: string): number {
    return this.perGroup.get(group) ?? 0;
  }

  discharge(group: string): void {
    const left = this.of(group) - 1;
    if (left === 0) this.perGroup.delete(group);
    else this.perGroup.set(group, left);
  }
}

class Handshake implements Admitted {
  readonly #counts: Counts;
  /** What it counts against. */
  #group: string | undefined;
  #over = false;

  constructor(counts: Counts, group: string | undefined) {
    this.#counts = counts;
    this.#group = group;
    counts.pending += 1;
    if (group !== undefined) counts.perGroup.set(group, counts.of(group) + 1);
  }

  proven(): void {
    if (this.#group !== undefined) this.#counts.discharge(this.#group);
    this.#group = undefined;
  }

  done(): void {
    this.proven();
    if (!this.#over) this.#counts.pending -= 1;
    this.#over = true;
  }
}
