/** Which blocks of lib/ are run, and about how often: test/fuzz/instrument.mjs has put counters into them. */

/** More than there are. Set before lib/ is loaded. */
const BLOCKS_MAX = 2 ** 14;

/** What the counters are in. */
export const blocksRun = new Uint32Array(BLOCKS_MAX);
Object.assign(globalThis, { blocksRun });

export class Coverage {
  /** For each block, the orders of numbers that it was run: bits. */
  readonly #seen = new Uint32Array(BLOCKS_MAX);

  /** How many blocks were ever run. */
  get blocks(): number {
    return this.#seen.reduce((sum, orders) => sum + (orders === 0 ? 0 : 1), 0);
  }

  /** Whether a block was run since the last time that had never been run so often. */
  takeNew(): boolean {
    let fresh = false;
    for (let i = 0; i < BLOCKS_MAX; i += 1) {
      const count = blocksRun[i] as number;
      if (count === 0) continue;
      const order = 1 << orderOf(count);
      fresh ||= ((this.#seen[i] as number) & order) === 0;
      this.#seen[i] = (this.#seen[i] as number) | order;
    }
    blocksRun.fill(0);
    return fresh;
  }

  /** The blocks that were run since the last time. */
  take(): number[] {
    const run = [...blocksRun.keys()].filter((i) => blocksRun[i] !== 0);
    blocksRun.fill(0);
    return run;
  }
}

/** 1, 2, 3, and then powers of two: a loop that is run more often is something new, but not each time. */
function orderOf(count: number): number {
  return count < 4 ? count : 2 + Math.floor(Math.log2(count));
}
